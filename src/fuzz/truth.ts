// What is true of every block of a call, by looking at every pair of the reference's mask. Where tokens are stored in another order, a
// block is one of stored rows and stored keys.

import { keysAlive } from "../execute/environment.ts";
import { maskOf } from "../reference/mask.ts";
import { storedOrderOf } from "../reference/stored-order.ts";
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
  const maskOfHead = storedMasks(call);
  const { batch: batches, heads, queries } = call.shape;
  const rows = Math.ceil(queries / tile.queries);
  const known: Letter[][] = [];
  const counts = { e: 0, f: 0, p: 0 };
  for (let batch = 0; batch < batches; batch++) {
    for (let head = 0; head < heads; head++) {
      const isVisible = maskOfHead(batch, head);
      for (let row = 0; row < queries; row += tile.queries) {
        const letters = lettersOf(call, tile, isVisible, { batch, row });
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
      const isVisible = maskOfHead(block.batch, block.head);
      for (let row = block.row; row < Math.min(block.row + tile.queries, queries); row++) {
        for (let key = block.key; key < Math.min(block.key + tile.keys, alive); key++) {
          if (isVisible(row, key) === visible) return { ...block, row, key };
        }
      }
      return undefined;
    },
  };
}

type StoredMask = (row: number, key: number) => boolean;

/** The masks of stored rows and keys. */
function storedMasks(call: Case): (batch: number, head: number) => StoredMask {
  const mask = maskOf(call);
  const orderOf = storedOrderOf(call);
  return (batch, head) => {
    const stored = orderOf(batch, head);
    const matrix = mask.matrix(batch, head);
    return (row, key) => matrix[stored.query[row]! * call.shape.keys + stored.key[key]!] === 1;
  };
}

function lettersOf(
  call: Case,
  tile: Tile,
  isVisible: StoredMask,
  { batch, row }: Pick<Place, "batch" | "row">,
): Letter[] {
  const { queries, keys } = call.shape;
  const alive = keysAlive(call, batch);
  const endRow = Math.min(row + tile.queries, queries);
  return Array.from({ length: Math.ceil(keys / tile.keys) }, (_, j) => {
    const endKey = Math.min((j + 1) * tile.keys, alive);
    let visible = 0;
    for (let at = row; at < endRow; at++)
      for (let key = j * tile.keys; key < endKey; key++) visible += Number(isVisible(at, key));
    const pairs = (endRow - row) * (endKey - j * tile.keys);
    return visible === 0 ? "e" : visible === pairs ? "f" : "p";
  });
}
