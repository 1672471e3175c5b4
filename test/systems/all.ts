// The systems that there are, for tests that go through all of them.

import { BIFORMER } from "./biformer.ts";
import { BLADE_MAX, BLADE_MEAN } from "./blade.ts";
import {
  BEST_PAIRS,
  BLOCK_TOP_P,
  BLOCK_TOP_P_BEFORE,
  BLOCK_TOP_P_BOUNDED,
  BLOCK_TOP_P_EMPTY,
  MRA,
  RATIO,
} from "./block-mass.ts";
import { COLUMN_MASS, VOTES, VOTES_OF_ORDERED } from "./column-outputs.ts";
import type { System } from "./dense.ts";
import { DHSA, DHSA_CHUNKED_ROWS, DHSA_CHUNKS, DHSA_SHARED } from "./dhsa.ts";
import { LIBRARY_COVERING, LIBRARY_TOP } from "./library-blocks.ts";
import { ORDERED_GROUPS, ORDERED_KEYS, ORDERED_ROWS, ORDERED_TOKENS } from "./ordered-blocks.ts";
import { BEHIND_THE_BEST, BEST_KEYS, KEYS_FIRST, PARTS_OF_BLOCKS, SOME_PAIRS } from "./pair-scores.ts";
import { PBS } from "./pbs.ts";
import { MORTON, TILES } from "./picture-orders.ts";
import { GATE, LARGEST, LAST_ROWS, SOME_ROWS } from "./pooled-blocks.ts";
import { LOGS, LONGATTN, REASONING, ROWS } from "./row-outputs.ts";
import { RESIDUES, REVERSAL, REVERSED_QUERIES, STABLE } from "./sequence-orders.ts";
import { SIGHT } from "./sight-outputs.ts";
import { BLOCK_TOP_K, BLOCK_TOP_K_GROUP, BLOCK_TOP_K_TOLD, BLOCK_TOP_K_WITHIN } from "./top-blocks.ts";
import { SHARES, SIGMOID } from "./weight-outputs.ts";

export const SPARSE: readonly System[] = [
  ...[BLOCK_TOP_K, BLOCK_TOP_K_GROUP, BLOCK_TOP_K_WITHIN],
  ...[BLOCK_TOP_P, BLOCK_TOP_P_BEFORE, BLOCK_TOP_P_EMPTY, BLOCK_TOP_P_BOUNDED, BEST_PAIRS, MRA, RATIO],
  ...[PBS, BLADE_MEAN, BLADE_MAX, BIFORMER, DHSA, DHSA_SHARED, DHSA_CHUNKS, DHSA_CHUNKED_ROWS],
  ...[LIBRARY_TOP, LIBRARY_COVERING],
  ...[GATE, LARGEST, LAST_ROWS, BEST_KEYS, BEHIND_THE_BEST, SOME_PAIRS],
  ...[PARTS_OF_BLOCKS, KEYS_FIRST, SOME_ROWS],
  ...[ORDERED_TOKENS, ORDERED_KEYS, ORDERED_GROUPS, ORDERED_ROWS],
];
export const REORDERED: readonly System[] = [REVERSAL, REVERSED_QUERIES, RESIDUES, TILES, MORTON, STABLE];
export const WITH_OUTPUTS: readonly System[] = [
  ...[COLUMN_MASS, VOTES, VOTES_OF_ORDERED, ROWS, LONGATTN, REASONING, LOGS, SIGHT, SIGMOID, SHARES],
  BLOCK_TOP_K_TOLD,
];
export const SYSTEMS: readonly System[] = [...SPARSE, ...REORDERED, ...WITH_OUTPUTS];
