// Where the list of blocks lies in memory, and the loop of a pass over its entries.

import type { BlockList, Tile } from "../../schedule/plan.ts";
import { render } from "../template.ts";
import type { Words } from "./layout.ts";
import { word } from "./scope.ts";

/** Visits the listed tiles and is done, if there is a list. */
export function visitList(step: string, list: BlockList | undefined, tile: Tile, words: Words): string {
  if (!list) return ";; No list of tiles.";
  return render("wasm/parts/visit-list", { step, keysOfTile: tile.keys, ...listPlaces(list, tile, words) });
}

/** Expressions of the addresses; `index` counts query tiles over all batches. */
export function listPlaces(list: BlockList, tile: Tile, words: Words) {
  const tilesOf = (length: string, size: number) =>
    `(i32.div_u (i32.add ${word(words, length)} (i32.const ${size - 1})) (i32.const ${size}))`;
  const tiles = word(words, `buffer.${list.tiles}`);
  const row = `(i32.div_u (local.get $row) (i32.const ${tile.queries}))`;
  const bytesOf = (count: string) => `(i32.shl ${count} (i32.const 2))`;
  return {
    tiles,
    index: `(i32.add (i32.mul (global.get $batch) ${tilesOf("queries", tile.queries)}) ${row})`,
    entries: `(i32.add ${tiles} ${bytesOf(`(i32.mul (local.get $index) ${tilesOf("keys", tile.keys)})`)})`,
    count: `(i32.add ${word(words, `buffer.${list.counts}`)} ${bytesOf("(local.get $index)")})`,
  };
}
