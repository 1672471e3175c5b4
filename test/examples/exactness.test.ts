// Every example, in calls with blocks of every kind: at least 99 of 100 truly empty and of 100 truly full blocks are
// found by the classifier. The walk has a floor of its own where its facts are coarser by design; docs/blocks.md has the
// whole table and the reasons.

import { describe, expect, test } from "vitest";
import { type Exactness, exactnessOf, exampleAttentions, TILES } from "./exactness.ts";

const FLOOR = 0.99;

/** What the walk misses, by example: the share of empty blocks that it finds at least. */
const COARSER: Readonly<Record<string, number>> = {
  // Stretches of the captured tensor are not those of the tiles, or stand apart from them by a distance.
  "09-longformer#longformer": 0.88,
  "22-frame-causal#tc_llava": 0.76,
  "24-suffix-dropout#dpad": 0.8,
  "25-token-masking#siblings_masking": 0.87,
  "25-token-masking#self_masking": 0.87,
  "39-source-image#masa_ctrl": 0.95,
  // A tile of queries may belong to two slices, of which each number is bounded by itself.
  "36-slices#slices": 0.8,
  // The begin of a document is a captured tensor that its number does not bound.
  "35-long-context#prefix_lm_document": 0.94,
  // That a document is not the last one is decided stretch by stretch.
  "35-long-context#causal_blockwise": 0.85,
  // Whether a remainder occurs in a window of distances is a congruence, which the walk does not carry in the tokens' own order.
  "31-residue-order#dilated_by_residue": 0.98,
  // A tile of keys may lie in three documents.
  "43-packed-prefixes#shared_prefix": 0.85,
  // A tile that holds the end of the prefix is bounded as a whole.
  "44-two-sequences#block_drafts": 0.97,
  // Seams of the inner axis are cut, those of the outer one are not.
  "48-neighborhood-orders#natten_3d_by_morton": 0.8,
  "12-neighborhood-2d#natten": 0.98,
  "18-video-neighborhood#video": 0.97,
};

describe.each(TILES)("tiles of $queries × $keys", (tile) => {
  test.each(exampleAttentions())("%s", (name, attention) => {
    const { truly, classifier, walk, wrong } = exactnessOf(name, attention, tile);
    expect(wrong).toEqual([]);
    expect(shares(classifier, truly)).toEqual({ empty: atLeast(FLOOR), full: atLeast(FLOOR) });
    const floor = COARSER[name] ?? FLOOR;
    expect(shares(walk, truly)).toEqual({ empty: atLeast(floor), full: atLeast(Math.min(floor, FLOOR)) });
  });
});

/** Of the blocks that there are; all of none. */
const shares = (found: Exactness["walk"], truly: Exactness["truly"]) => ({
  empty: truly.empty === 0 ? 1 : found.empty / truly.empty,
  full: truly.full === 0 ? 1 : found.full / truly.full,
});

const atLeast = (floor: number) => expect.toSatisfy((share: number) => share >= floor, `at least ${floor}`);
