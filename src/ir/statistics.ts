// What an attention tells beside `out`: its map p folded along one axis, and what becomes of such folds. Each fold is a tensor;
// expressions of later ones read those of earlier ones, so that no expression holds a loop.

import type { PlaceAxis } from "../spec/choice.ts";
import type { AttentionIr, Expr, Tensor } from "./expr.ts";
import { extent } from "./make.ts";

/** A maximum of nothing is −∞, a minimum +∞; of ints, the least int and the largest. */
export type FoldOp = "sum" | "max" | "min";

export const OF_NO_FLOATS: Readonly<Record<FoldOp, number>> = { sum: 0, max: -Infinity, min: Infinity };
const OF_NO_INTS: Readonly<Record<FoldOp, number>> = { sum: 0, max: -(2 ** 31), min: 2 ** 31 - 1 };

/** What a fold of nothing comes to. */
export const ofNothing = (op: FoldOp, { element }: Pick<Tensor, "element">): number =>
  (element === "i32" ? OF_NO_INTS : OF_NO_FLOATS)[op];

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
  /** Those of the tensor, whose extents say how many places there are: of blocks, `query` and `key` count blocks. A place without
   *  one of them has the coordinate 0 there. */
  readonly axes: readonly PlaceAxis[];
  readonly value: Expr;
  /** The coordinate runs from `first` to before `end`, which read the place. */
  readonly along?: {
    readonly axis: "head" | "kv" | "query" | "key";
    readonly op: FoldOp;
    readonly first: Expr;
    readonly end: Expr;
  };
};

/** How many places there are along an axis; undefined where the tensor has none. */
export const placesAlong = ({ axes, tensor }: TensorFold, axis: PlaceAxis): Expr | undefined =>
  axes.includes(axis) ? tensor.extents[axes.indexOf(axis)] : undefined;

export type Statistics = {
  readonly ofMap: readonly MapFold[];
  /** In an order in which each finds what it reads. */
  readonly ofTensors: readonly TensorFold[];
  /** Names of the tensors that the call gives back; the others are scratch. */
  readonly outputs: readonly string[];
};

export const statisticsTensors = ({ ofMap, ofTensors }: Statistics): readonly Tensor[] =>
  [...ofMap, ...ofTensors].map(({ tensor }) => tensor);

/** Where places find the lse of their row, in the order of the call. */
export const lseTensor = ({ span }: Pick<AttentionIr, "span">): Tensor => ({
  ...{ name: "lse", element: "f32", range: {}, sorted: false, span },
  extents: [extent("batch"), extent("heads"), extent("queries")],
});

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
