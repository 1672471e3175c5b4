// How much of the map is visible. Small maps are counted pair by pair and proved block by block; of large ones only what
// the walk does is known, and the density is estimated from that.

import { blockClasses } from "../../execute/block-classes.ts";
import { planMasks } from "../../execute/plan-masks.ts";
import { countWalk, type WalkCounts } from "../../execute/walk-counts.ts";
import type { Case } from "../../spec/case.ts";
import { denseMask } from "../dense-mask.ts";
import type { MaskReads } from "../mask-reads.ts";

/** Pairs that are counted one by one at most. */
const MOST_COUNTED = 2 ** 26;
/** Blocks that are classified at most; the kernel itself never makes such a table. */
const MOST_CLASSIFIED = 2 ** 17;

export type ProvedBlocks = { readonly full: number; readonly partial: number; readonly empty: number };

/** What is proved of every block, if they are not too many, and how many there are. */
export function provedBlocks(
  call: Case,
  tile: { readonly queries: number; readonly keys: number },
): { readonly blocks?: ProvedBlocks; readonly blockCount: number } {
  const { batch, heads, queries, keys } = call.shape;
  const blockCount = batch * heads * Math.ceil(queries / tile.queries) * Math.ceil(keys / tile.keys);
  if (blockCount > MOST_CLASSIFIED) return { blockCount };
  const classes = blockClasses(call, tile);
  const counts = { full: 0, partial: 0, empty: 0 };
  const names = { f: "full", p: "partial", e: "empty" } as const;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (const row of classes.rows(b, h)) for (const letter of row) counts[names[letter as keyof typeof names]] += 1;
    }
  }
  return { blocks: counts, blockCount };
}

/** The walk of the masks alone over the pairs of the call: what no batch and no head tells apart is walked once. */
export function walkMasks(call: Case, reads: MaskReads): WalkCounts {
  const byBatch = reads.batch || call.keyLengths !== undefined || call.queryStart !== undefined;
  return countWalk(planMasks(call.attention.masks, call), call, { batch: byBatch, head: reads.head });
}

export type Density = {
  /** Absent where it is an estimate. */
  readonly visiblePairs?: number;
  readonly density: number;
  /** Query tiles that were walked, of how many, and pairs of partial tiles that were tried. */
  readonly densityEstimate?: { readonly queryTiles: number; readonly of: number; readonly pairs: number };
};

/** The share of pairs that are visible: all of full tiles, and of partial tiles as many as of those that were tried. */
export function densityOf(call: Case, reads: MaskReads, counts: WalkCounts): Density {
  const { batch, heads, queries, keys } = call.shape;
  const all = batch * heads * queries * keys;
  const { pairs, visibleOfPartial, queryTiles, walked } = counts;
  const isExact = walked === queryTiles && pairs.partial === 0;
  const visiblePairs = isExact ? pairs.full : countVisible(call, reads);
  if (visiblePairs !== undefined) return { visiblePairs, density: all === 0 ? 0 : visiblePairs / all };
  return {
    density: (pairs.full + pairs.partial * visibleOfPartial.share) / all,
    densityEstimate: { queryTiles: walked, of: queryTiles, pairs: visibleOfPartial.pairs },
  };
}

function countVisible(call: Case, reads: MaskReads): number | undefined {
  const { batch, heads, queries, keys } = call.shape;
  const distinct = (reads.batch || call.keyLengths ? batch : 1) * (reads.head ? heads : 1);
  if (distinct * queries * keys > MOST_COUNTED) return undefined;
  const mask = denseMask(call, reads);
  let visible = 0;
  let last: readonly string[] | undefined;
  let ofLast = 0;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const rows = mask.rows(b, h);
      if (rows !== last) ofLast = rows.reduce((sum, row) => sum + row.split("1").length - 1, 0);
      last = rows;
      visible += ofLast;
    }
  }
  return visible;
}
