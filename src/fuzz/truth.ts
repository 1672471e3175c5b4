// What is true of every block of a call, by looking at every pair of the reference's mask.

import { keysAlive } from "../execute/environment.ts";
import { type Mask, maskOf } from "../reference/mask.ts";
import type { Case } from "../spec/case.ts";
import type { Tile } from "./inputs.ts";

/** `e` no pair is visible, `f` all pairs are, `p` neither. A block without pairs is `e`. */
export type Letter = "e" | "f" | "p";

/** Blocks by what is true of them. */
export type Counts = { readonly empty: number; readonly full: number; readonly partial: number };

/** The row and the key at which a block begins, or of one pair. */
export type Place = { readonly batch: number; readonly head: number; readonly row: number; readonly key: number };

export type Truth = {
  readonly counts: Counts;
  /** One letter a key tile, of the query tile that begins with this row. */
  letters(batch: number, head: number, firstRow: number): readonly Letter[];
  /** A pair of the block that is visible, or one that is not. */
  witness(block: Place, visible: boolean): Place | undefined;
};

/** The truth about a call. Cost: every pair of every head. */
export function truthOf(call: Case, tile: Tile): Truth {
  const mask = maskOf(call);
  const { batch: batches, heads, queries } = call.shape;
  const rows = Math.ceil(queries / tile.queries);
  const known: Letter[][] = [];
  const counts = { e: 0, f: 0, p: 0 };
  for (let batch = 0; batch < batches; batch++) {
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < queries; row += tile.queries) {
        const letters = lettersOf(call, tile, mask, { batch, head, row });
        for (const letter of letters) counts[letter] += 1;
        known.push(letters);
      }
    }
  }
  return {
    counts: { empty: counts.e, full: counts.f, partial: counts.p },
    letters: (batch, head, firstRow) => known[(batch * heads + head) * rows + firstRow / tile.queries]!,
    witness(block, visible) {
      const alive = keysAlive(call, block.batch);
      for (let row = block.row; row < Math.min(block.row + tile.queries, queries); row++) {
        for (let key = block.key; key < Math.min(block.key + tile.keys, alive); key++) {
          if (mask.visible(block.batch, block.head, row, key) === visible) return { ...block, row, key };
        }
      }
      return undefined;
    },
  };
}

function lettersOf(call: Case, tile: Tile, mask: Mask, { batch, head, row }: Omit<Place, "key">): Letter[] {
  const { queries, keys } = call.shape;
  const alive = keysAlive(call, batch);
  const matrix = mask.matrix(batch, head);
  const endRow = Math.min(row + tile.queries, queries);
  return Array.from({ length: Math.ceil(keys / tile.keys) }, (_, j) => {
    const endKey = Math.min((j + 1) * tile.keys, alive);
    let visible = 0;
    for (let at = row; at < endRow; at++)
      for (let key = j * tile.keys; key < endKey; key++) visible += matrix[at * keys + key]!;
    const pairs = (endRow - row) * (endKey - j * tile.keys);
    return visible === 0 ? "e" : visible === pairs ? "f" : "p";
  });
}
