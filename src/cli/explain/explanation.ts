// The plan of an attention in words and numbers: what the kernel does for one call, how much of the map it looks at, and
// what that costs. Everything is read off the program and the call; nothing is decided here.

import { TARGETS } from "../../../targets/index.ts";
import { maskParts } from "../../check/terms.ts";
import { compileAttention } from "../../compile.ts";
import type { Problem } from "../../diagnostics/problem.ts";
import type { WalkCounts } from "../../execute/walk-counts.ts";
import { orderDensities } from "../../order/densities.ts";
import type { AttendPlan, KernelPlan, Program } from "../../schedule/plan.ts";
import { attendSteps } from "../../schedule/steps.ts";
import type { SourceFile } from "../../source/source-file.ts";
import type { Case } from "../../spec/case.ts";
import type { Permutation } from "../../spec/choice.ts";
import type * as ast from "../../syntax/ast.ts";
import type { MaskReads } from "../mask-reads.ts";
import { type Density, densityOf, type ProvedBlocks, provedBlocks, walkMasks } from "./blocks.ts";
import { type Bytes, bytesOf } from "./bytes.ts";
import { type Bounds, type Choices, choicesOf } from "./choices.ts";
import { blockersOf, originsOf, structureOf } from "./origins.ts";
import { rangesOf } from "./ranges.ts";
import { type PlannedPart, planTerms, type Term, termsOf } from "./term-plans.ts";

export type Explanation = {
  readonly attention: string;
  readonly shape: Case["shape"];
  readonly passes: readonly { readonly step: string; readonly pass: string; readonly why: string }[];
  readonly tile: { readonly queries: number; readonly keys: number };
  /** Orders in which tokens may be stored, what the walk visits under each, and which it is; absent where there is none. */
  readonly orders?: readonly ExplainedOrder[];
  /** Terms of the mask in the order of the text, and how they are joined: `1 and (2 or 3)`. */
  readonly terms: readonly Term[];
  readonly structure: string;
  readonly walks: readonly Walk[];
  /** Of the tiles of all heads and batches, by what is proved of them one by one; absent where they are too many. */
  readonly blocks?: ProvedBlocks;
  readonly blockCount: number;
  /** What one pass of the walk does with the tiles of all heads and batches. */
  readonly visits: WalkCounts["tiles"] & { readonly sample?: Sample };
  /** Visible pairs of all heads and batches, and their share. */
  readonly visiblePairs?: number;
  readonly density: number;
  /** Absent where every pair was counted. */
  readonly densityEstimate?: Density["densityEstimate"];
  /** What sparsities choose of all this; absent where there are none, and where the map is too large to be counted. */
  readonly choices?: Choices;
  /** Shares of the tiles, and of the pairs that lie in them, that one pass of the walk visits. */
  readonly visited: { readonly tiles: number; readonly pairs: number };
  readonly flops: Flops;
  readonly bytes: Bytes;
};

/** Multiplications and additions of the products: of dense attention, for the tiles that the mask has visited, for the blocks that are
 *  chosen as well, and for visible pairs. */
export type Flops = {
  readonly allPairs: number;
  readonly visitedPairs: number;
  /** Absent where nothing is chosen, or where the map is too large to be counted. */
  readonly chosenPairs?: Bounds;
  readonly visiblePairs?: number;
};

/** Evenly spaced query tiles that were walked, of how many that differ; counts of tiles, FLOPs and bytes are estimated from them. */
export type Sample = { readonly queryTiles: number; readonly of: number };

/** `as they are`, or what the order is called; the share of pairs in tiles that are visited. */
export type ExplainedOrder = { readonly name: string; readonly visited: number; readonly taken: boolean };

/** How the kernel walks over the keys for one tile of queries. */
export type Walk = {
  readonly step: string;
  /** The ranges of keys that it visits; none where it has to look at every key. */
  readonly ranges: readonly { readonly keys: string; readonly terms?: readonly number[] }[];
  /** Terms that keep it from having ranges. */
  readonly blockedBy: readonly number[];
  /** Tiles are skipped where the mask's bounds prove that nothing is visible. */
  readonly skips: boolean;
  /** The mask is left out where the bounds prove that everything is. */
  readonly leavesMaskOut: boolean;
};

/** Where the attention was written. */
export type Written = { readonly program: ast.Program; readonly sources: readonly SourceFile[] };

/** The explanation, or the problems that keep the attention from being planned.
 *  @param choosable whether the call holds query and key, so that choices of blocks are known */
export function explanationOf(
  given: Case,
  reads: MaskReads,
  { program: written, sources }: Written,
  choosable = false,
): { readonly explanation?: Explanation; readonly problems: readonly Problem[] } {
  const { shape, params } = given;
  const settings = { dims: { dim: shape.dim, valueDim: shape.valueDim }, consts: params };
  const { value, problems } = compileAttention(given.attention, TARGETS[0]!, settings);
  const [kernel] = value;
  if (!kernel) return { problems };
  const { program, attention } = kernel;
  const call = { ...given, attention };
  const orders = ordersOf(given, attention.permutation);
  const passes = attendSteps(program);
  const { tile } = passes[0]!.plan;
  const counts = walkMasks(call, reads);
  const density = densityOf(call, reads, counts);
  const choices = choicesOf(call, choosable);
  const mask = planTerms(maskParts(written, attention), call, sources);
  return {
    problems,
    explanation: {
      attention: attention.name.text,
      shape,
      passes: program.steps.map(({ name, plan }) => {
        const pass = passOf(plan, program);
        return { step: name, pass, why: PASSES[pass] };
      }),
      tile,
      ...(orders.length > 0 && { orders }),
      terms: termsOf(mask).map(({ term }) => term),
      structure: structureOf(mask),
      walks: passes.map(({ name, plan }) => walkOf(name, plan, mask)),
      ...provedBlocks(call, tile),
      visits: { ...counts.tiles, ...(counts.walked < counts.queryTiles && { sample: sampleOf(counts) }) },
      ...density,
      ...(choices && { choices }),
      visited: visitedOf(counts),
      flops: flopsOf(program, call, counts, density.visiblePairs, choices),
      bytes: bytesOf(program, call, counts),
    },
  };
}

/** Every order in question; none where tokens stay as they are and nobody asked. */
function ordersOf(call: Case, taken: Permutation | undefined): readonly ExplainedOrder[] {
  const { permutation, orders = [] } = call.attention;
  const possible = permutation ? [permutation] : orders;
  if (possible.length === 0) return [];
  return orderDensities(call, possible).map(({ order, visited }) => ({
    name: order?.name.text ?? "as they are",
    ...{ visited, taken: order === taken },
  }));
}

function passOf(plan: KernelPlan, { ir: { statistics } }: Program): keyof typeof PASSES {
  if (plan.kind === "fold") return statistics?.ofTensors.includes(plan.fold) ? "fold" : "chunks";
  if (plan.kind !== "attend") return plan.kind;
  if (plan.split) return "split";
  return plan.reduce?.walks === "keys" ? "reduce by keys" : plan.pass;
}

const PASSES = {
  summary: "the least and the most element of every stretch of a captured tensor, to know what a tile can hold",
  blocks: "the tiles to visit, written down once for all heads, because the mask gives no range of keys in closed form",
  importance:
    "what every key is worth to some rows, or every row to some keys, which tokens are sorted by or blocks scored by",
  order: "the order in which tokens are stored: sorted once for all heads, or for each that has one of its own",
  move: "rows moved into the stored order, or results back out of it",
  pool: "one row made of the rows of every block, which scores of blocks are made of",
  pairs: "what the pairs of every block come to, which scores of blocks are made of",
  choose: "which blocks each row of blocks visits, by their scores and the mask",
  split: "one stretch of the keys for all heads that share them, for calls of few rows",
  merge: "the stretches of a row joined to its result",
  online: "one pass over the keys with running statistics",
  statistics: "a first pass that keeps only the maximum and the sum of each row, because the weight reads the final p",
  reduce: "one more pass over the map, which knows each p by lse, for the outputs that are named",
  "reduce by keys":
    "one more from key tile to key tile, for what is folded along the queries: no two tiles add to one key",
  chunks: "the chunk of every token, or how many chunks are chosen up to each, to know what a tile can hold",
  fold: "what the map was folded to, folded or joined to an output",
  replay: "a second pass that computes every p again, final this time, and adds up the values",
} as const;

const sampleOf = ({ walked, queryTiles }: WalkCounts): Sample => ({ queryTiles: walked, of: queryTiles });

function walkOf(step: string, { traversal, mask }: AttendPlan, terms: PlannedPart): Walk {
  const ranges = traversal.next ? rangesOf(traversal.runs) : [];
  const origins = originsOf(terms, traversal.runs);
  return {
    step,
    ranges: ranges.map((keys, index) => ({ keys, ...(origins && { terms: origins[index]! }) })),
    blockedBy: mask && !traversal.next ? blockersOf(terms) : [],
    skips: traversal.may !== undefined,
    leavesMaskOut: traversal.must !== undefined || mask === undefined,
  };
}

function visitedOf({ tiles, pairs }: WalkCounts): Explanation["visited"] {
  const shareOf = ({ full, partial, skipped }: WalkCounts["tiles"]) =>
    full + partial === 0 ? 0 : (full + partial) / (full + partial + skipped);
  return { tiles: shareOf(tiles), pairs: shareOf(pairs) };
}

/** Every pass over the map scores its pairs; the last one also weighs the values. */
function flopsOf(
  program: Program,
  { shape }: Case,
  { pairs }: WalkCounts,
  visible: number | undefined,
  choices: Choices | undefined,
): Flops {
  const passes = attendSteps(program).length;
  const of = (count: number) => count * 2 * (passes * shape.dim + shape.valueDim);
  return {
    allPairs: of(shape.batch * shape.heads * shape.queries * shape.keys),
    visitedPairs: of(pairs.full + pairs.partial),
    ...(choices && {
      chosenPairs: { least: of(choices.blockPairs.least), most: of(choices.blockPairs.most) },
    }),
    ...(visible !== undefined && { visiblePairs: of(visible) }),
  };
}
