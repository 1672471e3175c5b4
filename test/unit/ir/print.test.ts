import { describe, expect, test } from "vitest";
import type { Expr } from "../../../src/ir/expr.ts";
import { bool, coord, extent, float, int, load, op, param, quantity } from "../../../src/ir/make.ts";
import { printExpr } from "../../../src/ir/print.ts";

const distance = op("sub", coord("query"), coord("key"));

describe("printing", () => {
  test.each<[Expr, string]>([
    [op("lt", distance, param("int", "window")), "lt(sub(q, k), window)"],
    [load("int", "doc", [coord("batch"), coord("kv")]), "doc[b, kv]"],
    [op("add", extent("keys"), extent("queryStart")), "add(len(keys), query_start)"],
    [op("mul", quantity("score"), quantity("queryNorm2")), "mul(s, dot(Q, Q))"],
    [float(1), "1.0"],
    [float(-0), "-0.0"],
    [float(1e-7), "1e-7"],
    [float(Infinity), "Infinity"],
    [int(-3), "-3"],
    [bool(true), "true"],
  ])("%#: %s", (expr, text) => {
    expect(printExpr(expr)).toBe(text);
  });

  test("what is used twice gets a line of its own", () => {
    const window = op("and", op("le", int(0), distance), op("lt", distance, int(9)));
    expect(printExpr(window)).toBe("%1 = sub(q, k)\nand(le(0, %1), lt(%1, 9))");
  });

  test("chains of and or or are printed as one call", () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => param("bool", name)) as [Expr, Expr, Expr];
    expect(printExpr(op("and", op("and", a, op("or", b, c)), op("and", b, c)))).toBe("and(a, or(b, c), b, c)");
    expect(printExpr(op("sub", op("sub", int(1), int(2)), int(3)))).toBe("sub(sub(1, 2), 3)");
  });

  test("long and deep expressions are broken into lines", () => {
    let expr: Expr = param("int", "n");
    for (let level = 0; level < 4000; level++) expr = op("add", expr, int(level));
    const longest = Math.max(
      ...printExpr(expr)
        .split("\n")
        .map((line) => line.length),
    );
    expect(longest).toBeLessThan(120);
  });
});
