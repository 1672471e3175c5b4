// Where everything lies: the words of the parameter block that the runtime fills, and the parts of a step's scratch.
// Offsets are bytes. The kernel's text and the description that the runtime reads are both made from this one place.

import type { Target } from "../../../targets/target.ts";
import { quantity } from "../../ir/make.ts";
import { nodes } from "../../ir/walk.ts";
import { distancesOf } from "../../schedule/diagonal.ts";
import { storedName } from "../../schedule/order.ts";
import type { AttendPlan, Program } from "../../schedule/plan.ts";
import { axesOf } from "../describe-call.ts";

/** Byte offset of each word of the parameter block, by name. */
export type Words = Readonly<Record<string, number>>;

/** Strides are bytes, so that only who reads elements knows their type; the elements of a row are contiguous. */
const strided = (tensor: string) => [tensor, `${tensor}.batch`, `${tensor}.head`, `${tensor}.row`];

/** The kernel writes `emptyRows`, the runtime all the others. `keyLengths` and `queryStart` may be null. */
const COMMON = [
  ...["batch", "heads", "kvHeads", "queries", "keys"],
  ...["emptyRows", "scratch", "keyLengths", "queryStart", "lse"],
  ...["query", "key", "value", "out"].flatMap(strided),
];

export function wordsOf({ ir: attention, buffers }: Program): Words {
  const names = [
    ...COMMON,
    ...axesOf(attention).map((name) => `axis.${name}`),
    ...attention.params.map(({ name }) => `param.${name}`),
    ...attention.tensors.map(({ name }) => `tensor.${name}`),
    ...buffers.filter(({ role }) => role === "scratch").map(({ name }) => `buffer.${name}`),
    ...(attention.statistics?.outputs ?? []).map((name) => `buffer.${name}`),
    // Addresses and strides of what lies in stored order, and of `lse` as it comes out.
    ...(attention.order ? ["query", "key", "value", "out", "lse"].flatMap((name) => strided(storedName(name))) : []),
    ...(attention.order ? strided("lse.rows") : []),
  ];
  return Object.fromEntries(names.map((name, index) => [name, index * 4]));
}

/** Statistics of one row, bytes from the row's start. */
export const ROW = {
  /** Running maximum and Σ exp2(score − max), or Σ score where the weights are linear in the score. */
  max: 0,
  sum: 4,
  /** What the row's sums must be multiplied by before the next values are added. */
  rescale: 8,
  /** In a replay: 1 / Σ. */
  inverse: 12,
  /** Maximum and Σ exp2 where `max` and `sum` are linear and the logarithm is wanted too. */
  logMax: 16,
  logSum: 20,
  lse: 24,
  /** dot(Q, Q) of the unscaled query. */
  norm2: 28,
  /** The values of the row, a word each. */
  values: 32,
} as const;

/** Bytes of a row's statistics, its values included. */
export const rowBytes = ({ row }: AttendPlan): number => ROW.values + 4 * row.length;

/** Bytes of one value at all distances of a tile. */
export const diagonalBytes = ({ tile }: AttendPlan): number => roundUp(distancesOf(tile), 4) * 4;

/** Parts of a step's scratch. Keys and values follow the fixed part; their sizes depend on the call. */
export type Layout = {
  /** Padded to whole vectors of the register tile. */
  readonly valueColumns: number;
  readonly statistics: number;
  readonly zeros: number;
  readonly queries: number;
  readonly sums: number;
  readonly products: number;
  readonly scores: number;
  readonly weights: number;
  /** Whether pairs see each other, all bits or none. */
  readonly seen: number;
  readonly mean: number;
  /** Values of the keys of a tile, [values][TILE_K] words. */
  readonly keyValues: number;
  /** Values of the distances of a tile, [values][distances, rounded up to vectors] words. */
  readonly diagonals: number;
  readonly fixedBytes: number;
  readonly bytesPerKey: number;
};

/** Weights that read the plain product keep it beside the score. */
function readsProduct(weight: AttendPlan["weight"]): boolean {
  if (!weight) return false;
  const { lets, value } = weight.region;
  return nodes(value, ...lets.map((each) => each.value)).includes(quantity("dot"));
}

/** Every part starts at a multiple of 64 bytes: no vector straddles two cache lines. */
const roundUp = (value: number, multiple: number) => Math.ceil(value / multiple) * multiple;

export function layoutOf(plan: AttendPlan, { registerTile }: Target): Layout {
  const { dims, tile, mask, weight, key, diagonal, reduce } = plan;
  const valueColumns = roundUp(dims.valueDim, registerTile.columns);
  // Builds differ in the height of their strips. All leave room for eight rows, so that one description serves them.
  const stripBytes = roundUp(registerTile.rows, 8) * tile.keys * 4;
  let end = 0;
  const place = (bytes: number) => {
    const start = end;
    end += roundUp(bytes, 64);
    return start;
  };
  const statistics = place(tile.queries * rowBytes(plan));
  const zeros = place(dims.dim * 4);
  const queries = place(tile.queries * dims.dim * 4);
  const sums = place(tile.queries * valueColumns * 4);
  const scores = place(stripBytes);
  const products = readsProduct(weight) ? place(stripBytes) : scores;
  const weights = weight || reduce ? place(stripBytes) : scores;
  const seen = mask ? place(stripBytes) : scores;
  const mean = place(valueColumns * 4);
  const keyValues = place(key.length * tile.keys * 4);
  const diagonals = place(diagonal.length * diagonalBytes(plan));
  const fixed = { statistics, zeros, queries, sums, products, scores, weights, seen, mean, keyValues, diagonals };
  // One row of keys, one of values, the squared norms of both, and what the key comes to.
  const columns = (reduce?.folds ?? []).filter(({ along }) => along === "query").length;
  return { valueColumns, ...fixed, fixedBytes: end, bytesPerKey: (dims.dim + valueColumns + 2 + columns) * 4 };
}
