// What keys are worth to query rows, where tokens are sorted by that: pairs of some rows of a head, folded along the rows. It
// knows of no mask, and positions are those of the call, because it comes before tokens are moved.

import type { Expr, Tensor } from "./expr.ts";
import type { FoldOp, RowRange } from "./statistics.ts";

export type Importance = {
  /** f32 [batch, heads, keys], of keys that are alive. */
  readonly tensor: Tensor;
  readonly op: FoldOp;
  /** Rows of the call that take part. */
  readonly rows: RowRange;
  /** Of a pair, from `dot`, and from `weight` where there is a softmax: its value, which is 0 at keys that have no part in it. */
  readonly value: Expr;
  /** Along the keys first ‥ end − 1 of a row. */
  readonly softmax?: { readonly of: Expr; readonly keys: RowRange };
};

export type ImportanceRoot = { readonly name: string; readonly expr: Expr; readonly arithmetic: "real" | "decide" };

/** Their expressions, by name. */
export const importanceRoots = (all: readonly Importance[]): readonly ImportanceRoot[] =>
  all.flatMap(({ tensor: { name }, value, rows, softmax }) => [
    { name: `${name}.value`, expr: value, arithmetic: "real" } as const,
    ...rangeRoots(`${name}.rows`, rows),
    ...(softmax ? [{ name: `${name}.of`, expr: softmax.of, arithmetic: "real" } as const] : []),
    ...(softmax ? rangeRoots(`${name}.keys`, softmax.keys) : []),
  ]);

const rangeRoots = (name: string, { first, end }: RowRange): readonly ImportanceRoot[] => [
  { name: `${name}.first`, expr: first, arithmetic: "decide" },
  { name: `${name}.end`, expr: end, arithmetic: "decide" },
];

/** With their expressions as they are found under their names. */
export const withImportanceRoots = (all: readonly Importance[], find: (name: string) => Expr): readonly Importance[] =>
  all.map((each) => {
    const { name } = each.tensor;
    const range = (of: string) => ({ first: find(`${name}.${of}.first`), end: find(`${name}.${of}.end`) });
    return {
      ...{ ...each, value: find(`${name}.value`), rows: range("rows") },
      ...(each.softmax && { softmax: { of: find(`${name}.of`), keys: range("keys") } }),
    };
  });
