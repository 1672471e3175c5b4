// What a workgroup of a step does: some query rows over some keys. Without a split it has a tile of rows of one head, and
// all keys that are alive; with one, the rows of all heads that share the keys, and one stretch of them. A pass that walks from
// key tile to key tile is such items too, each of one key tile: it is visited where the walk of its rows comes to it.

import type { AttendPlan, Split } from "../schedule/plan.ts";
import type { KeyRange } from "../schedule/traversal.ts";
import type { Case } from "../spec/case.ts";
import { keysAlive } from "./environment.ts";
import { type QueryTile, queryTiles } from "./walk.ts";

export type WorkItem = {
  /** What the walk is told of the rows: it must be true of all of them. */
  readonly tile: QueryTile;
  readonly rows: readonly { readonly head: number; readonly row: number }[];
  readonly keys: KeyRange;
  /** Which stretch of the keys this is, of how many. */
  readonly stretch: { readonly index: number; readonly count: number };
};

/** All that a step does, in any order; only folds of columns hang on it, and take it as it is.
 *  @param rowsOf a batch that take part; absent: all */
export function* workItems(
  plan: AttendPlan,
  call: Case,
  rowsOf?: (batch: number) => { readonly first: number; readonly end: number },
): Generator<WorkItem> {
  if (plan.split) {
    yield* splitItems(plan.tile.queries, plan.split, call);
    return;
  }
  if (plan.reduce?.walks === "keys") {
    yield* itemsByKeys(plan, call, rowsOf);
    return;
  }
  for (const tile of queryTiles(plan, call, rowsOf)) {
    const rows = range(tile.first, tile.end).map((row) => ({ head: tile.head, row }));
    yield { tile, rows, keys: { first: 0, end: keysAlive(call, tile.batch) }, stretch: { index: 0, count: 1 } };
  }
}

/** Key tile after key tile of every head, each with the query tiles in their order, which are counted from row 0 on. */
function* itemsByKeys(
  plan: AttendPlan,
  call: Case,
  rowsOf = (_: number) => ({ first: 0, end: call.shape.queries }),
): Generator<WorkItem> {
  for (let firstKey = 0; firstKey < call.shape.keys; firstKey += plan.tile.keys) {
    for (const tile of queryTiles(plan, call)) {
      const { first, end } = rowsOf(tile.batch);
      if (tile.end <= first || tile.first >= end) continue;
      const rows = range(tile.first, tile.end).map((row) => ({ head: tile.head, row }));
      const keys = { first: firstKey, end: Math.min(firstKey + plan.tile.keys, keysAlive(call, tile.batch)) };
      yield { tile, rows, keys, stretch: { index: 0, count: 1 } };
    }
  }
}

function* splitItems(most: number, { keys, packs }: Split, call: Case): Generator<WorkItem> {
  const { batch: batches, heads, kvHeads, queries, keys: longest } = call.shape;
  const group = packs ? heads / kvHeads : 1;
  const count = Math.ceil(longest / keys);
  for (let batch = 0; batch < batches; batch++) {
    for (let head = 0; head < heads; head += group) {
      const packed = range(0, group * queries).map((row) => ({
        head: head + Math.floor(row / queries),
        row: row % queries,
      }));
      for (let first = 0; first < packed.length; first += most) {
        for (const index of range(0, count)) {
          yield {
            tile: { batch, head, first: 0, end: queries },
            rows: packed.slice(first, first + most),
            keys: { first: index * keys, end: Math.min((index + 1) * keys, keysAlive(call, batch)) },
            stretch: { index, count },
          };
        }
      }
    }
  }
}

const range = (first: number, end: number) => Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at);
