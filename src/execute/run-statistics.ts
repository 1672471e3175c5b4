// The statistics of a call, interpreted in f64: rows of the map are folded one after the other, so that no map is kept, and
// then the tensors that they leave.

import { type Bindings, evaluator, type Point, startPoint } from "../ir/evaluate.ts";
import type { AttentionIr, Expr, Extent, Tensor } from "../ir/expr.ts";
import {
  type FoldOp,
  type MapFold,
  ofNothing,
  type RowRange,
  type Statistics,
  statisticsTensors,
  type TensorFold,
} from "../ir/statistics.ts";
import type { Case, NamedResult } from "../spec/case.ts";
import { calledKvHeads } from "./environment.ts";

export type FoldedMap = {
  /** Those of the call, with what the map was folded to so far. */
  readonly bindings: Bindings;
  /** Where a fold stands among all of the attention. */
  placeOf(fold: Pick<MapFold, "tensor">): number;
  /** Adds what a pair of the map comes to in one of its folds, where its row takes part; `row` counts stored rows. */
  add(fold: number, point: Point, row: number, value: number): void;
  /** The outputs that the attention names.
   *  @param lse in the order of the call */
  results(lse: ArrayLike<number>): Readonly<Record<string, NamedResult>>;
};

export function foldMap({ statistics, order }: AttentionIr, call: Case, bindings: Bindings): FoldedMap | undefined {
  if (!statistics) return undefined;
  const tensors = allocate(statistics, call, bindings);
  const known = withTensors(bindings, tensors, statistics, call);
  const { heads, queries, keys } = call.shape;
  const takes = statistics.ofMap.map((fold) => taker(fold, bindings));
  /** Where the results of a stored row or key belong. */
  const original = (name: string | undefined, point: Point, place: number): number => {
    if (name === undefined) return place;
    const { per } = order!;
    return Number(bindings.load(name, [point.batch, ...(per === "batch" ? [] : [point[per]]), place], point.batch));
  };
  return {
    bindings: known,
    placeOf: ({ tensor }) => statistics.ofMap.findIndex((each) => each.tensor.name === tensor.name),
    add(fold, point, row, value) {
      const { tensor, along, op } = statistics.ofMap[fold]!;
      if (!takes[fold]!(point.batch, row)) return;
      const [length, place] =
        along === "query"
          ? [keys, original(order?.keys?.name, point, point.key)]
          : [queries, original(order?.rows?.name, point, row)];
      const at = (point.batch * heads + point.head) * length + place;
      const data = tensors.get(tensor.name)!;
      data[at] = join(op, tensor, data[at]!, value);
    },
    results(lse) {
      tensors.set("lse", Float64Array.from(lse));
      return foldTensors(statistics, tensors, call, known);
    },
  };
}

function taker({ rows }: MapFold, bindings: Bindings): (batch: number, row: number) => boolean {
  if (!rows) return () => true;
  const [first, end] = rangeOf(rows, bindings);
  return (batch, row) => first({ ...startPoint(), batch }) <= row && row < end({ ...startPoint(), batch });
}

/** Both ends, as functions of the place. */
export const rangeOf = ({ first, end }: RowRange, bindings: Bindings) =>
  [first, end].map((bound) => {
    const value = evaluator(bound, "decide", bindings);
    return (point: Point) => Number(value(point));
  }) as [(point: Point) => number, (point: Point) => number];

/** Every tensor, where a fold of nothing has left it. */
function allocate({ ofMap, ofTensors }: Statistics, call: Case, bindings: Bindings): Map<string, Float64Array> {
  const sized = (tensor: Tensor) =>
    new Float64Array(shape(tensor, call, bindings).reduce((size, extent) => size * extent, 1));
  return new Map([
    ...ofMap.map(({ tensor, op }) => [tensor.name, sized(tensor).fill(ofNothing(op, tensor))] as const),
    ...ofTensors.map(({ tensor }) => [tensor.name, sized(tensor)] as const),
  ]);
}

function join(op: FoldOp, { element }: Pick<Tensor, "element">, left: number, right: number): number {
  if (op !== "sum") return op === "max" ? Math.max(left, right) : Math.min(left, right);
  return element === "i32" ? (left + right) | 0 : left + right;
}

function withTensors(
  given: Bindings,
  tensors: ReadonlyMap<string, Float64Array>,
  statistics: Statistics,
  call: Case,
): Bindings {
  const { batch: batches, heads, queries } = call.shape;
  const shapeOf = new Map<string, readonly number[]>([
    ["lse", [batches, heads, queries]],
    ...statisticsTensors(statistics).map((tensor) => [tensor.name, shape(tensor, call, given)] as const),
  ]);
  return {
    ...given,
    load(name, at, batch) {
      const data = tensors.get(name);
      if (!data) return given.load(name, at, batch);
      const extents = shapeOf.get(name)!;
      return data[at.reduce((index, place, axis) => index * extents[axis]! + place, 0)] ?? 0;
    },
  };
}

function foldTensors(
  statistics: Statistics,
  tensors: ReadonlyMap<string, Float64Array>,
  call: Case,
  bindings: Bindings,
): Readonly<Record<string, NamedResult>> {
  for (const fold of statistics.ofTensors) foldTensor(fold, tensors.get(fold.tensor.name)!, call, bindings);
  return Object.fromEntries(
    statisticsTensors(statistics)
      .filter(({ name }) => statistics.outputs.includes(name))
      .map((tensor) => [tensor.name, { shape: shape(tensor, call, bindings), data: tensors.get(tensor.name)! }]),
  );
}

const shape = ({ extents }: Tensor, call: Case, bindings: Bindings): number[] =>
  extents.map((extent) => lengthOf(extent, call, bindings));

/** The longest batch's; of blocks, (length + size − 1) // size, or the extent of what says where chunks begin. */
function lengthOf(extent: Expr, call: Case, bindings: Bindings): number {
  if (extent.kind === "const") return Number(extent.value);
  if (extent.kind === "extent") {
    const lengths: Partial<Record<Extent, number>> = { ...call.shape, kvHeads: calledKvHeads(call) };
    return lengths[extent.extent] ?? bindings.extent(extent.extent, 0);
  }
  const { op, args } = extent as Expr & { kind: "op" };
  const [left, right] = args.map((part) => lengthOf(part, call, bindings)) as [number, number];
  return op === "add" ? left + right : Math.floor(left / right);
}

/** One value for every place of its axes, in row-major order. */
function foldTensor(
  { tensor, axes, value, along }: TensorFold,
  data: Float64Array,
  call: Case,
  bindings: Bindings,
): void {
  const group = call.shape.heads / calledKvHeads(call);
  const valueAt = evaluator(value, "real", bindings);
  const range = along && rangeOf(along, bindings);
  const counts = shape(tensor, call, bindings);
  const moves = {
    batch: (point: Point, at: number) => Object.assign(point, { batch: at }),
    head: (point: Point, at: number) => Object.assign(point, { head: at, kv: Math.floor(at / group) }),
    kv: (point: Point, at: number) => Object.assign(point, { kv: at, head: at * group }),
    query: (point: Point, at: number) =>
      Object.assign(point, { query: (bindings.extent("queryStart", point.batch) + at) | 0 }),
    key: (point: Point, at: number) => Object.assign(point, { key: at }),
  };
  const size = counts.reduce((product, count) => product * count, 1);
  for (let index = 0; index < size; index++) {
    const point = startPoint();
    const places = axes.reduceRight<{ rest: number; at: number[] }>(
      ({ rest, at }, _, axis) => ({ rest: Math.floor(rest / counts[axis]!), at: [rest % counts[axis]!, ...at] }),
      { rest: index, at: [] },
    ).at;
    for (const [place, axis] of axes.entries()) moves[axis](point, places[place]!);
    if (!axes.includes("query")) moves.query(point, 0);
    if (!along || !range) {
      data[index] = Number(valueAt(point));
      continue;
    }
    const [first, end] = [range[0](point), range[1](point)];
    let folded = ofNothing(along.op, tensor);
    for (let at = first; at < end; at++) {
      moves[along.axis](point, at);
      folded = join(along.op, tensor, folded, Number(valueAt(point)));
    }
    data[index] = folded;
  }
}
