// What an expression of a pair comes to where the pair does not see each other: p is 0 there and s is −∞. A sum that is 0 there
// needs no more than the pairs that are visible.

import { findSignature } from "../ops/index.ts";
import type * as spec from "../spec/spec.ts";
import { postorder } from "./walk.ts";

/** Booleans are 0 and 1; undefined where more must be known than that the pair is hidden. What else is read is taken to be finite. */
export function hiddenValue(root: spec.Expr): number | undefined {
  const known = new Map<spec.Expr, number | undefined>();
  for (const expr of postorder([root], argumentsOf))
    known.set(
      expr,
      valueAt(expr, (part) => known.get(part)),
    );
  return known.get(root);
}

export const argumentsOf = (expr: spec.Expr) => (expr.kind === "apply" ? expr.args : []);

function valueAt(expr: spec.Expr, of: (part: spec.Expr) => number | undefined): number | undefined {
  if (expr.kind === "literal") return Number(expr.value);
  if (expr.kind === "quantity")
    return { p: 0, s: Number.NEGATIVE_INFINITY, visible: 0, lse: undefined, scale: undefined }[expr.name];
  if (expr.kind !== "apply") return undefined;
  const args = expr.args.map(of);
  const [first, second, third] = args;
  if (args.every((value) => value !== undefined)) {
    const signature = findSignature(
      expr.op,
      expr.args.map(({ type }) => type),
    );
    return Number(signature!.eval(...args));
  }
  // 0 · x = 0,  0 / x = 0,  false and x = false,  true or x = true,  if c then a else a = a
  if (expr.op === "mul" || expr.op === "and") return args.includes(0) ? 0 : undefined;
  if (expr.op === "div") return first === 0 ? 0 : undefined;
  if (expr.op === "or") return args.includes(1) ? 1 : undefined;
  if (expr.op !== "select") return undefined;
  if (first !== undefined) return first ? second : third;
  return second === third ? second : undefined;
}
