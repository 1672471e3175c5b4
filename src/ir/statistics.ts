// What an attention tells beside `out`: its map p folded along one axis, and what becomes of such folds. Each fold is a tensor;
// expressions of later ones read those of earlier ones, so that no expression holds a loop.

import type { OutputAxis } from "../spec/choice.ts";
import type { AttentionIr, Expr, Tensor } from "./expr.ts";

/** A maximum of nothing is −∞, a minimum +∞. */
export type FoldOp = "sum" | "max" | "min";

/** What a fold of nothing comes to. */
export const OF_NOTHING: Readonly<Record<FoldOp, number>> = { sum: 0, max: -Infinity, min: Infinity };

/** What the pairs of a head come to along one axis of the map, for every place of the other. */
export type MapFold = {
  /** f32 or i32, [batch, heads, keys] where it folds along the queries, [batch, heads, queries] along the keys. In the order
   *  of the call, whatever the order of storage. */
  readonly tensor: Tensor;
  readonly along: "query" | "key";
  readonly op: FoldOp;
  /** Of a pair that sees each other, from `weight` (p before any weight clause), `score` (the final one) and `lse`. In a sum
   *  it is 0 where p is. */
  readonly value: Expr;
  /** Query rows first ‥ end − 1 of the call take part, which are the same for all heads of a batch. Absent: all. */
  readonly rows?: RowRange;
};

export type RowRange = { readonly first: Expr; readonly end: Expr };

/** A value for every place of some axes, from tensors that were folded before: at once, or along one more axis. */
export type TensorFold = {
  readonly tensor: Tensor;
  /** Those of the tensor. A place without one of them has the coordinate 0 there. */
  readonly axes: readonly OutputAxis[];
  readonly value: Expr;
  /** The coordinate runs from `first` to before `end`, which read the place. */
  readonly along?: {
    readonly axis: "head" | "kv" | "query" | "key";
    readonly op: FoldOp;
    readonly first: Expr;
    readonly end: Expr;
  };
};

/** How many places there are along an axis, of which a tensor has one at most; undefined where it has none. */
export function placesAlong({ tensor, axes }: TensorFold, ...among: readonly OutputAxis[]): Expr | undefined {
  const place = axes.findIndex((axis) => among.includes(axis));
  return tensor.extents[place];
}

export type Statistics = {
  readonly ofMap: readonly MapFold[];
  /** In an order in which each finds what it reads. */
  readonly ofTensors: readonly TensorFold[];
  /** Names of the tensors that the call gives back; the others are scratch. */
  readonly outputs: readonly string[];
};

export const statisticsTensors = ({ ofMap, ofTensors }: Statistics): readonly Tensor[] =>
  [...ofMap, ...ofTensors].map(({ tensor }) => tensor);

/** Whether rows leave their lse, for the caller or for a step that knows p by it. */
export const keepsLse = ({ outputs, statistics }: AttentionIr): boolean => outputs.lse || statistics !== undefined;

export type StatisticsRoot = { readonly name: string; readonly expr: Expr; readonly arithmetic: "real" | "decide" };

/** Their expressions, by name. */
export const statisticsRoots = ({ ofMap, ofTensors }: Statistics): readonly StatisticsRoot[] => [
  ...ofMap.flatMap(({ tensor, value, rows }) => rootsOf(tensor, value, rows)),
  ...ofTensors.flatMap(({ tensor, value, along }) => rootsOf(tensor, value, along)),
];

const PREFIX = "statistics";

const rootsOf = ({ name }: Tensor, value: Expr, range: RowRange | undefined): readonly StatisticsRoot[] => [
  { name: `${PREFIX}.${name}.value`, expr: value, arithmetic: "real" },
  ...(range ? (["first", "end"] as const) : []).map(
    (part) => ({ name: `${PREFIX}.${name}.${part}`, expr: range![part], arithmetic: "decide" }) as const,
  ),
];

export const isStatisticsRoot = (root: string): boolean => root.startsWith(`${PREFIX}.`);

/** The statistics with their expressions as they are found under their names. */
export function withStatisticsRoots(statistics: Statistics, find: (name: string) => Expr): Statistics {
  const part = ({ name }: Tensor, of: "value" | "first" | "end") => find(`${PREFIX}.${name}.${of}`);
  const range = (tensor: Tensor) => ({ first: part(tensor, "first"), end: part(tensor, "end") });
  return {
    ...statistics,
    ofMap: statistics.ofMap.map((each) => ({
      ...{ ...each, value: part(each.tensor, "value") },
      ...(each.rows && { rows: range(each.tensor) }),
    })),
    ofTensors: statistics.ofTensors.map((each) => ({
      ...{ ...each, value: part(each.tensor, "value") },
      ...(each.along && { along: { ...each.along, ...range(each.tensor) } }),
    })),
  };
}
