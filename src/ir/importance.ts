// What keys are worth to query rows, or rows to keys, where tokens are sorted by that: pairs of a head, folded along the other
// side. It knows of no mask, and positions are those of the call, because it comes before tokens are moved.

import type { Expr, Tensor } from "./expr.ts";
import { extent, int } from "./make.ts";
import type { FoldOp, RowRange } from "./statistics.ts";

export type Importance = {
  /** What is worth something. */
  readonly of: "query" | "key";
  /** f32 [batch, heads, keys], of keys that are alive, or [batch, heads, queries]. */
  readonly tensor: Tensor;
  readonly op: FoldOp;
  /** Rows of the call that a key is worth something to, or keys that a row is. */
  readonly along: RowRange;
  /** Of a row: whether anybody asks what it is worth. Absent: of all. */
  readonly asked?: Expr;
  /** Of a pair: whether it takes part, so that nobody multiplies for nothing. Absent: all do. */
  readonly takes?: Expr;
  /** Of a pair, from `dot`, and from `weight` where there is a softmax: its value, which is 0 at keys that have no part in it. */
  readonly value: Expr;
  /** Along the keys first ‥ end − 1 of a row. */
  readonly softmax?: { readonly of: Expr; readonly keys: RowRange };
};

/** Rows of the call that take part. */
export const rowsOf = ({ of, along }: Importance): RowRange =>
  of === "key" ? along : { first: int(0), end: extent("queries") };

/** Keys that do; those that are alive, at most. */
export const keysOf = ({ of, along }: Importance): RowRange =>
  of === "query" ? along : { first: int(0), end: extent("keys") };

export type ImportanceRoot = { readonly name: string; readonly expr: Expr; readonly arithmetic: "real" | "decide" };

/** Their expressions, by name. */
export const importanceRoots = (all: readonly Importance[]): readonly ImportanceRoot[] =>
  all.flatMap(({ tensor: { name }, value, along, asked, takes, softmax }) => [
    { name: `${name}.value`, expr: value, arithmetic: "real" } as const,
    ...(asked ? [{ name: `${name}.asked`, expr: asked, arithmetic: "decide" } as const] : []),
    ...(takes ? [{ name: `${name}.takes`, expr: takes, arithmetic: "decide" } as const] : []),
    ...rangeRoots(`${name}.along`, along),
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
      ...{ ...each, value: find(`${name}.value`), along: range("along") },
      ...(each.asked && { asked: find(`${name}.asked`) }),
      ...(each.takes && { takes: find(`${name}.takes`) }),
      ...(each.softmax && { softmax: { of: find(`${name}.of`), keys: range("keys") } }),
    };
  });
