// Comparisons of ints on a tile. Both sides are taken apart into linear forms and what they share cancels; then the part
// that varies on the tile is compared with the part that does not:
//
//   q - k < window          →   may: firstQuery - lastKey < window       must: lastQuery - firstKey < window
//   k <= q + n              →   may: firstKey - lastQuery <= n           must: lastKey - firstQuery <= n

import type { Expr } from "../../ir/expr.ts";
import { op } from "../../ir/make.ts";
import type { OpName } from "../../ops/index.ts";
import { type Affine, affineOf, difference } from "../affine.ts";
import { type BoolBounds, isExact, provided } from "./bounds.ts";
import { type Sum, sumOf, type Terms } from "./sums.ts";

export type Order = "lt" | "le" | "gt" | "ge" | "eq" | "ne";

export const isOrder = (name: OpName): name is Order => name in decisions;

/** The fact about `left ∘ right` of two int expressions. */
export function compareInts(order: Order, left: Expr, right: Expr, terms: Terms): BoolBounds {
  const forms = [affineOf(left), affineOf(right)] as const;
  const sides = split(difference(...forms), terms).map((side) => sumOf(side, terms)) as [Sum, Sum];
  const conditions = [...forms.map((form) => sumOf(form, terms)), ...sides].map(({ fits }) => fits);
  const fits = conditions.reduce((all, each) => op("and", all, each));
  return provided(fits, { type: "bool", ...decisions[order](...sides) }) as BoolBounds;
}

/** form = first − second. What the tile shares stands alone on one side, so that it may be as large as it likes; where
 *  there is nothing of it, terms stand on the side on which they are added. */
function split(form: Affine, terms: Terms): readonly [Affine, Affine] {
  const all = [...form.terms];
  const isFixed = ([term]: readonly [Expr, number]) => isExact(terms.bounds(term));
  const isAdded = ([, coefficient]: readonly [Expr, number]) => coefficient > 0;
  const staysLeft = all.some(isFixed) ? (each: readonly [Expr, number]) => !isFixed(each) : isAdded;
  const moved = all.filter((each) => !staysLeft(each)).map(([term, coefficient]) => [term, -coefficient] as const);
  return [
    { constant: 0, terms: new Map(all.filter(staysLeft)) },
    { constant: -form.constant, terms: new Map(moved) },
  ];
}

type Side = Pick<Sum, "low" | "high">;
type Decide = (left: Side, right: Side) => { readonly may: Expr; readonly must: Expr };

const equal: Decide = (left, right) => ({
  may: op("and", op("le", left.low, right.high), op("ge", left.high, right.low)),
  must: op("and", op("eq", left.low, right.high), op("eq", left.high, right.low)),
});

const decisions: Readonly<Record<Order, Decide>> = {
  lt: (left, right) => ({ may: op("lt", left.low, right.high), must: op("lt", left.high, right.low) }),
  le: (left, right) => ({ may: op("le", left.low, right.high), must: op("le", left.high, right.low) }),
  gt: (left, right) => ({ may: op("gt", left.high, right.low), must: op("gt", left.low, right.high) }),
  ge: (left, right) => ({ may: op("ge", left.high, right.low), must: op("ge", left.low, right.high) }),
  eq: equal,
  ne: (left, right) => {
    const { may, must } = equal(left, right);
    return { may: op("not", must), must: op("not", may) };
  },
};
