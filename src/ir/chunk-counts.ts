// How many blocks of a choice are chosen from the first to each: summed along the keys, then along the rows. A tile that meets
// several chunks learns from four of these numbers how many of its blocks are chosen, however many it meets.

import type { Expr, Tensor } from "./expr.ts";
import { coord, extent, int, load, op } from "./make.ts";
import type { TensorFold } from "./statistics.ts";

/** Both are i32, alike to the choice: sums of its rows up to a block, and of all rows up to its own. */
export type ChunkCounts = { readonly inRow: Tensor; readonly soFar: Tensor };

export function countsOf(chosen: Tensor): ChunkCounts {
  const named = (end: string): Tensor => ({ ...chosen, name: `${chosen.name}.${end}`, range: { low: 0 } });
  return { inRow: named("in_row"), soFar: named("so_far") };
}

const ROW = op("sub", coord("query"), extent("queryStart"));

const read = ({ name }: Tensor, row: Expr, key: Expr) => load("int", name, [coord("batch"), coord("head"), row, key]);

/** How they are found, one after the other. */
export function countFolds({ inRow, soFar }: ChunkCounts, chosen: Tensor): readonly TensorFold[] {
  const axes = ["batch", "head", "query", "key"] as const;
  const upTo = (place: Expr) => ({ op: "sum", first: int(0), end: op("add", place, int(1)) }) as const;
  return [
    { tensor: inRow, axes, value: read(chosen, ROW, coord("key")), along: { axis: "key", ...upTo(coord("key")) } },
    { tensor: soFar, axes, value: read(inRow, ROW, coord("key")), along: { axis: "query", ...upTo(ROW) } },
  ];
}

type Span = { readonly low: Expr; readonly high: Expr };

/** How many blocks of a rectangle are chosen, and how many it has.
 *  @param leading indices of the batch and the head */
export function chosenWithin({ soFar }: ChunkCounts, leading: readonly Expr[], rows: Span, keys: Span) {
  const none = int(0);
  const before = (place: Expr) => op("max", op("sub", place, int(1)), none);
  const upTo = (row: Expr, key: Expr) => load("int", soFar.name, [...leading, row, key]);
  /** Rows up to one, between the keys. */
  const ofRows = (row: Expr) => {
    const left = op("select", op("gt", keys.low, none), upTo(row, before(keys.low)), none);
    return op("sub", upTo(row, keys.high), left);
  };
  const above = op("select", op("gt", rows.low, none), ofRows(before(rows.low)), none);
  const sizeOf = ({ low, high }: Span) => op("add", op("sub", high, low), int(1));
  return {
    chosen: op("sub", ofRows(rows.high), above),
    all: op("mul", sizeOf(rows), sizeOf(keys)),
  };
}
