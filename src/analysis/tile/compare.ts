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
  const { varying, fixed } = split(difference(...forms), terms);
  const side = sumOf(varying, terms);
  const limit = sumOf(fixed, terms);
  const conditions = [...forms.map((form) => sumOf(form, terms)), side, limit].map(({ fits }) => fits);
  const fits = conditions.reduce((all, each) => op("and", all, each));
  return provided(fits, { type: "bool", ...decisions[order](side, limit.low) }) as BoolBounds;
}

/** form = varying − fixed, where the terms of `fixed` have one value on the whole tile. */
function split(form: Affine, terms: Terms): { readonly varying: Affine; readonly fixed: Affine } {
  const all = [...form.terms];
  const varies = ([term]: readonly [Expr, number]) => !isExact(terms.bounds(term));
  const fixed = all.filter((each) => !varies(each)).map(([term, coefficient]) => [term, -coefficient] as const);
  return {
    varying: { constant: 0, terms: new Map(all.filter(varies)) },
    fixed: { constant: -form.constant, terms: new Map(fixed) },
  };
}

type Decide = (side: Pick<Sum, "low" | "high">, limit: Expr) => { readonly may: Expr; readonly must: Expr };

const equal: Decide = ({ low, high }, limit) => ({
  may: op("and", op("le", low, limit), op("ge", high, limit)),
  must: op("and", op("eq", low, limit), op("eq", high, limit)),
});

const decisions: Readonly<Record<Order, Decide>> = {
  lt: ({ low, high }, limit) => ({ may: op("lt", low, limit), must: op("lt", high, limit) }),
  le: ({ low, high }, limit) => ({ may: op("le", low, limit), must: op("le", high, limit) }),
  gt: ({ low, high }, limit) => ({ may: op("gt", high, limit), must: op("gt", low, limit) }),
  ge: ({ low, high }, limit) => ({ may: op("ge", high, limit), must: op("ge", low, limit) }),
  eq: equal,
  ne: (side, limit) => {
    const { may, must } = equal(side, limit);
    return { may: op("not", must), must: op("not", may) };
  },
};
