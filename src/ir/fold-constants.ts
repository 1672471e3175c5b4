// Operations on constants become constants. A decision is folded with the rounding that it would have at run time, so
// folding never changes a bit of it.

import { type Arithmetic, rebuildAs } from "./arithmetic.ts";
import { evaluateConstant } from "./evaluate.ts";
import type { Expr } from "./expr.ts";
import { constant } from "./make.ts";

/** One node: an operation whose arguments are all constants as a constant, anything else as it is. */
export function foldNode(expr: Expr, arithmetic: Arithmetic): Expr {
  if (expr.kind !== "op" || expr.args.some(({ kind }) => kind !== "const")) return expr;
  return constant(expr.type, evaluateConstant(expr, arithmetic));
}

/** The whole expression, from its leaves up. */
export function foldConstants(root: Expr, arithmetic: Arithmetic): Expr {
  return rebuildAs(root, arithmetic, foldNode);
}
