// The one place that says which key tiles a source of blocks names. Emitters print the same rule; the plan runner,
// `explain` and the tests ask here.

import type * as ir from "../ir/expr.ts";
import type { BlockSource, Tile, Visit } from "./plan.ts";

/** Key tiles that cover `keys` keys. */
export const keyTileCount = (keys: number, tile: Tile): number => Math.ceil(keys / tile.keys);

/** Key tiles of the source in ascending order, for a query tile.
 *  @param evaluate the value of an int expression at that query tile */
export function* blocksOf(
  source: BlockSource,
  keys: number,
  tile: Tile,
  evaluate: (expr: ir.Expr) => number,
): Generator<number> {
  const count = keyTileCount(keys, tile);
  const first = source.kind === "every" ? 0 : Math.max(0, evaluate(source.first));
  const end = source.kind === "every" ? count : Math.min(count, evaluate(source.end));
  for (let block = first; block < end; block++) yield block;
}

/** What becomes of every key tile of a query tile: `e` skipped, `f` visited without the mask, `p` with it. */
export function blockString(
  visits: readonly Visit[],
  keys: number,
  tile: Tile,
  evaluate: (expr: ir.Expr) => number,
): string {
  const letters = Array.from({ length: keyTileCount(keys, tile) }, () => "e");
  for (const visit of visits) {
    for (const block of blocksOf(visit.blocks, keys, tile, evaluate)) letters[block] = visit.applyMask ? "p" : "f";
  }
  return letters.join("");
}
