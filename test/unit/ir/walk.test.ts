import { describe, expect, test } from "vitest";
import type { Expr } from "../../../src/ir/expr.ts";
import { coord, int, load, op, param } from "../../../src/ir/make.ts";
import { children, fold, nodes, some, substitute, withChildren } from "../../../src/ir/walk.ts";

const distance = op("sub", coord("query"), coord("key"));

/** Each level uses the one below twice: a tree of 2^depth nodes, a graph of `depth`. */
function doubled(depth: number): Expr {
  let expr: Expr = param("int", "x");
  for (let level = 0; level < depth; level++) expr = op("add", expr, expr);
  return expr;
}

describe("walks", () => {
  test("children come first, left before right, each node once", () => {
    const root = op("and", op("lt", distance, int(4)), op("ge", distance, int(0)));
    const order = nodes(root);
    expect(order.slice(0, 3)).toEqual([coord("query"), coord("key"), distance]);
    expect(order.at(-1)).toBe(root);
    expect(new Set(order).size).toBe(order.length);
    for (const expr of order) {
      for (const child of children(expr)) expect(order.indexOf(child)).toBeLessThan(order.indexOf(expr));
    }
  });

  test("the same children give the same object", () => {
    expect(withChildren(distance, children(distance))).toBe(distance);
  });

  test("other children give the same node over them", () => {
    expect(withChildren(distance, [coord("query"), int(1)])).toBe(op("sub", coord("query"), int(1)));
    expect(withChildren(load("int", "doc", [distance]), [int(2)])).toBe(load("int", "doc", [int(2)]));
  });

  test("a substitution does not look inside what it puts in", () => {
    const next = op("add", coord("key"), int(1));
    const moved = substitute(distance, (expr) => (expr === coord("key") ? next : undefined));
    expect(moved).toBe(op("sub", coord("query"), next));
  });

  test("shared and deep graphs are walked in time and without recursion", () => {
    expect(nodes(doubled(4000))).toHaveLength(4001);
    const sizes = fold<number>([doubled(4000)], (_, parts) => 1 + Math.max(0, ...parts));
    expect(sizes.get(doubled(4000))).toBe(4001);
    expect(some(doubled(4000), (expr) => expr.kind === "param")).toBe(true);
    expect(substitute(doubled(4000), (expr) => (expr.kind === "param" ? int(0) : undefined)).kind).toBe("op");
  });
});
