// Puts the terms of `and` and `or` in the order of how often they change, those of one rate together, each once:
//
//   (k <= q and doc[q] == 3) and (k < 8 and q < n)   →   (doc[q] == 3 and q < n) and k < 8 and k <= q
//
// Then the part that reads only the query is one value, which the plan computes once per row. Logic has no order of
// evaluation, so this changes nothing else.

import { type Rate, rates } from "../analysis/depends.ts";
import type { Expr } from "../ir/expr.ts";
import { op } from "../ir/make.ts";
import { mapRoots } from "../ir/roots.ts";
import { children, postorder, withChildren } from "../ir/walk.ts";
import type { Pass } from "./pass.ts";

export const groupByRate: Pass = {
  name: "group-by-rate",
  why: "after simplify, which removes terms; lets the plan hoist what a group has in common as one value",
  run(attention, trace) {
    return mapRoots(attention, (root) => {
      const grouped = regroup(root);
      if (grouped !== root) trace.set("group-by-rate", (trace.get("group-by-rate") ?? 0) + 1);
      return grouped;
    });
  },
};

type Chain = "and" | "or";
const chainOf = (expr: Expr): Chain | undefined =>
  expr.kind === "op" && (expr.op === "and" || expr.op === "or") ? expr.op : undefined;

/** The terms of a chain of one operation, left to right, each once; anything else is a chain of itself. */
export function termsOf(root: Expr): readonly Expr[] {
  const chain = chainOf(root);
  const inside = (expr: Expr) => (chainOf(expr) === chain ? children(expr) : []);
  return chain ? postorder([root], inside).filter((expr) => chainOf(expr) !== chain) : [root];
}

/** Chains are taken whole, so that a chain of n terms is sorted once and not n times. */
function regroup(root: Expr): Expr {
  const rateAt = rates([root]);
  const parts = (expr: Expr) => (chainOf(expr) ? termsOf(expr) : children(expr));
  const results = new Map<Expr, Expr>();
  for (const expr of postorder([root], parts)) {
    const changed = parts(expr).map((part) => results.get(part)!);
    const chain = chainOf(expr);
    const ordered = chain && sortTerms(parts(expr), changed, rateAt);
    results.set(expr, ordered ? joinGroups(chain, ordered) : withChildren(expr, changed));
  }
  return results.get(root)!;
}

type Term = { readonly rate: Rate; readonly expr: Expr };

const order: readonly Rate[] = ["constant", "head", "row", "key", "pair"];

function sortTerms(terms: readonly Expr[], changed: readonly Expr[], rateAt: ReadonlyMap<Expr, Rate>): readonly Term[] {
  const rated = terms.map((term, index) => ({ rate: rateAt.get(term)!, expr: changed[index]! }));
  return rated.sort((left, right) => order.indexOf(left.rate) - order.indexOf(right.rate));
}

/** One chain per group, and the groups in a row. What changes no more often than the query is one group. */
function joinGroups(chain: Chain, terms: readonly Term[]): Expr {
  const join = (exprs: readonly Expr[]) => exprs.reduce((left, right) => op(chain, left, right));
  const ofRates = (wanted: readonly Rate[]) =>
    terms.filter(({ rate }) => wanted.includes(rate)).map(({ expr }) => expr);
  const groups = [ofRates(["constant", "head", "row"]), ofRates(["key"]), ofRates(["pair"])];
  return join(groups.filter((group) => group.length > 0).map(join));
}
