// Two kinds of arithmetic on floats. What decides is decided in f32, each operation rounded, so that every target
// decides alike; scores and weights are real numbers, as near as f64 comes. A score may contain decisions too (a
// comparison of a random number, a rounding to int): they are made in f32 unless they look at a score. So the same node
// can be wanted in both kinds, and whoever computes or folds expressions asks here which.

import type { Expr } from "./expr.ts";
import { children, fold, postorder, withChildren } from "./walk.ts";

/** `decide` rounds every float result to f32, `real` does not round beyond f64. */
export type Arithmetic = "decide" | "real";

/** A node and the arithmetic in which its value is wanted. One object per pair, so they can be keys. */
export type Demand = { readonly expr: Expr; readonly arithmetic: Arithmetic; readonly parts: readonly Demand[] };

/** Everything that is wanted for the root's value, parts first; the last is the root itself.
 *  @param scored locals that look at a score themselves */
export function demands(
  root: Expr,
  arithmetic: Arithmetic,
  scored: ReadonlySet<string> = new Set(),
): readonly Demand[] {
  const looksAtScore = fold<boolean>([root], (expr, parts) => isScored(expr, scored) || parts.includes(true));
  const known = new Map<Expr, Partial<Record<Arithmetic, Seed>>>();
  const seed = (expr: Expr, kind: Arithmetic): Seed => {
    const both = known.get(expr) ?? {};
    known.set(expr, both);
    both[kind] ??= { expr, arithmetic: kind };
    return both[kind];
  };
  const partsOf = ({ expr, arithmetic: own }: Seed) => {
    const wanted = operandArithmetic(expr, own, looksAtScore.get(expr)!);
    return children(expr).map((child) => seed(child, wanted));
  };
  const made = new Map<Seed, Demand>();
  for (const each of postorder([seed(root, arithmetic)], partsOf)) {
    made.set(each, { ...each, parts: partsOf(each).map((part) => made.get(part)!) });
  }
  return [...made.values()];
}

/** Rebuilds the expression from its leaves up, each node in the arithmetic in which it is wanted. */
export function rebuildAs(
  root: Expr,
  arithmetic: Arithmetic,
  change: (expr: Expr, arithmetic: Arithmetic) => Expr,
): Expr {
  const results = new Map<Demand, Expr>();
  let last = root;
  for (const demand of demands(root, arithmetic)) {
    const parts = demand.parts.map((part) => results.get(part)!);
    last = change(withChildren(demand.expr, parts), demand.arithmetic);
    results.set(demand, last);
  }
  return last;
}

type Seed = Pick<Demand, "expr" | "arithmetic">;

const isScored = (expr: Expr, scored: ReadonlySet<string>) =>
  expr.kind === "quantity" || (expr.kind === "local" && scored.has(expr.name));

function operandArithmetic(expr: Expr, own: Arithmetic, looksAtScore: boolean): Arithmetic {
  const decides = expr.type !== "float" && children(expr).some(({ type }) => type === "float");
  return decides && !looksAtScore ? "decide" : own;
}
