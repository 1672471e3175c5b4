// The pieces of a step as the caller's thread hands them out, in the order in which workers take them.

import type { Lengths } from "./check-inputs.ts";
import type { SharedStep } from "./description.ts";
import type { Share } from "./share.ts";

/** Nothing of it is taken yet.
 *  @param weightOf how much work a tile of query rows is, by the number of its batch and its own */
export function makeShare(
  { queries: rows, wholeQueries = 0 }: SharedStep,
  { batch, heads, kvHeads, queries }: Lengths,
  weightOf: (batch: number, tile: number) => number,
): Share {
  const tiles = range(rows === undefined ? 1 : Math.ceil(queries! / rows));
  const weights = range(batch!).map((index) => tiles.map((tile) => weightOf(index, tile)));
  const total = weights.map((each) => each.reduce((sum, weight) => sum + weight, 0));
  const heaviest = range(batch!).sort((left, right) => total[right]! - total[left]!);
  const firstRows = (each: readonly number[]) =>
    tiles.toSorted((left, right) => each[right]! - each[left]!).map((tile) => tile * (rows ?? 0));
  return {
    counters: new Int32Array(new SharedArrayBuffer(4 + 4 * batch! * kvHeads!)),
    heads: heaviest.flatMap((index) => range(kvHeads!).map((kv) => index * kvHeads! + kv)),
    kvHeads: kvHeads!,
    group: heads! / kvHeads!,
    tiles: weights.map((each) => (rows === undefined || queries! > wholeQueries ? firstRows(each) : [])),
  };
}

const range = (length: number) => Array.from({ length }, (_, index) => index);

/** How many pieces there are to hand out. */
export const sizeOfShare = ({ heads, group, tiles }: Share): number =>
  heads.length * Math.max(1, group * (tiles[0]?.length ?? 0));

/** Leaves nothing to take. */
export function cancel({ counters }: Share): void {
  // Far beyond any number of pieces, and as far from where the counter would wrap around.
  for (const at of counters.keys()) Atomics.store(counters, at, 2 ** 30);
}
