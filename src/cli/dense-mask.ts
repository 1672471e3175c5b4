// The mask of a call as text, head by head: what `mask` prints and what pictures are drawn from. Heads and batches that
// must see the same share one matrix.

import { maskOf } from "../reference/mask.ts";
import { surroundingsOf } from "../reference/surroundings.ts";
import type { Case } from "../spec/case.ts";
import { failure } from "./command-error.ts";
import type { MaskReads } from "./mask-reads.ts";

/** A dense matrix beyond this is no answer that anybody reads. */
const MOST_PAIRS = 2 ** 28;

export type DenseMask = {
  /** [queries] strings of [keys] characters, 1 where the pair is visible. */
  readonly rows: (batch: number, head: number) => readonly string[];
  /** Position of query row 0. */
  readonly firstQuery: (batch: number) => number;
};

/** Problems: E0805 where a head has more pairs than a dense mask may. Cost: O(queries · keys) for each head. */
export function denseMask(call: Case, reads: MaskReads): DenseMask {
  const { queries, keys } = call.shape;
  if (queries * keys > MOST_PAIRS) {
    throw failure(
      "E0805",
      `a dense mask of ${queries} × ${keys} pairs is too large to write down; at most ${MOST_PAIRS} pairs are`,
      "take fewer queries: `--shape queries=256,keys=…`, with query_start for a part in the middle",
    );
  }
  const byBatch = reads.batch || call.keyLengths !== undefined || call.queryStart !== undefined;
  let last: { key: string; rows: readonly string[] } | undefined;
  return {
    firstQuery: (batch) => surroundingsOf(call).queryStart(batch),
    rows: (batch, head) => {
      const from = { batch: byBatch ? batch : 0, head: reads.head ? head : 0 };
      const key = `${from.batch} ${from.head}`;
      if (last?.key !== key) last = { key, rows: rowsOf(maskOf(call).matrix(from.batch, from.head), queries, keys) };
      return last.rows;
    },
  };
}

function rowsOf(matrix: Uint8Array, queries: number, keys: number): readonly string[] {
  return Array.from({ length: queries }, (_, row) => matrix.subarray(row * keys, (row + 1) * keys).join(""));
}
