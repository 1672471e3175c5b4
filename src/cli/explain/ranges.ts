// Runs of keys for people. A run's ends carry conditions that no sum may leave 32 bits; what such a condition guards is
// what the run is about, and the condition is left out.

import { INT_MAX, INT_MIN } from "../../analysis/range.ts";
import type { Run } from "../../analysis/tile/run-sets.ts";
import type { Expr } from "../../ir/expr.ts";
import { formulaOf } from "../../ir/formula.ts";
import { int } from "../../ir/make.ts";
import { fold, withChildren } from "../../ir/walk.ts";

/** Every run as `first ‥ last`, both included. What holds for the query tile alone follows behind an `if`. */
export function rangesOf(runs: readonly Run[]): readonly string[] {
  return runs.map(({ when, first, last }) => {
    const [from, to] = [first ? endOf(first) : "0", last ? endOf(last) : "len(key) - 1"];
    const range = from === undefined || to === undefined ? "a range too long to write here" : `${from} ‥ ${to}`;
    return when ? `${range} if ${conditionOf(when)}` : range;
  });
}

/** Conditions that look into summaries are long, and say no more than this. */
function conditionOf(when: Expr): string {
  const formula = formulaOf(when);
  return formula === undefined || formula.length > 72 ? "it can hold for a query of the tile" : formula;
}

const endOf = (end: Expr) => formulaOf(unguarded(end));

/** `if it fits then x else ∞` is x, and so is `if there is no next number then the end else x`. */
function unguarded(end: Expr): Expr {
  const isOpen = (expr: Expr) => expr === int(INT_MIN) || expr === int(INT_MAX);
  const isLargest = (expr: Expr) => expr.kind === "op" && expr.op === "eq" && expr.args.some(isOpen);
  const results = fold<Expr>([end], (expr, parts) => {
    if (expr.kind === "op" && (expr.op === "min" || expr.op === "max") && parts[0] === parts[1]) return parts[0]!;
    if (expr.kind !== "op" || expr.op !== "select") return withChildren(expr, parts);
    if (isOpen(expr.args[2]!)) return parts[1]!;
    return isLargest(expr.args[0]!) ? parts[2]! : withChildren(expr, parts);
  });
  return results.get(end)!;
}
