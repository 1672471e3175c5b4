// Every decision about a kernel and no code. A program is an ordered list of steps over named buffers; the runners,
// the emitters, the bindings and `explain` all read the same one. A dense attention is a program of one step.

import type * as ir from "../ir/expr.ts";
import type { ElementType, EmptyPolicy } from "../spec/spec.ts";
import type { Let, Region } from "./loop.ts";

export type Buffer = {
  readonly name: string;
  readonly role: "input" | "output" | "scratch";
  readonly element: ElementType;
  /** Symbolic extents, outermost first; row-major unless the caller gives strides. `keys` is the longest batch's here. */
  readonly extents: readonly ir.Expr[];
};

/** Which key tiles a visit covers, for one query tile. */
export type BlockSource =
  /** All of them, 0 ‥ ceil(keys / tile). */
  | { readonly kind: "every" }
  /** Half-open range of key tiles in closed form, clipped to those that exist. The expressions read the plan's `queryTile`
   *  values, what is constant over a head, and three locals of the query tile: `firstQuery` and `lastQuery`, positions
   *  of its first and last row, and `keyTiles`, the number of key tiles that exist. */
  | { readonly kind: "range"; readonly first: ir.Expr; readonly end: ir.Expr };

/** One loop over key tiles. `applyMask` is false only where the mask is proved true on the whole tile. */
export type Visit = {
  readonly fact: "full" | "partial";
  readonly blocks: BlockSource;
  readonly applyMask: boolean;
  /** Why: the term that gave the range, in words, for `explain` and for the comment in the kernel. */
  readonly reason: string;
};

export type Dims = { readonly dim: number; readonly valueDim: number };
export type Tile = { readonly queries: number; readonly keys: number };

/** The fused kernel: scores of a tile, mask, statistics of rows, weighted sum of values. */
export type AttendPlan = {
  readonly kind: "attend";
  /** `online`: one pass with running statistics. `statistics`: the first of two passes, which writes only the row
   *  statistics. `replay`: the second, which knows them, so that p is final when the weight sees it. */
  readonly pass: "online" | "statistics" | "replay";
  /** Scratch [batch, heads, queries, 2] between `statistics` and `replay`, the sink included. Softmax: (max of s,
   *  Σ exp(s − max)), with (−inf, 0) for a row that sees nothing; sum: (Σ s, lse); none: (0, lse). Absent in one pass. */
  readonly statistics?: string;
  readonly dims: Dims;
  readonly tile: Tile;
  /** Computed once per (batch, head), then once per query row; the regions read them by name. */
  readonly head: readonly Let[];
  readonly row: readonly Let[];
  /** Computed once per query tile, for the ranges of the visits; reads head values and the locals of a range. */
  readonly queryTile: readonly Let[];
  /** Factor of dot(Q, K): folded into the query rows as they are loaded, or applied to every pair. */
  readonly scale: { readonly at: "query" | "pair"; readonly value: ir.Expr };
  /** From `quantity score` to the final score; absent where it is the identity. */
  readonly score?: Region;
  /** Runs in partial visits only; absent where the mask is true. */
  readonly mask?: Region;
  /** `factor`: multiplies p and does not read it, so that one pass is enough. `general`: any function of final p, and
   *  of lse; one pass is enough only where p is the score itself (normalize none) and lse is not read. */
  readonly weight?: { readonly form: "factor" | "general"; readonly region: Region };
  readonly normalize: "softmax" | "sum" | "none";
  /** An extra term of the softmax's sum; reads head and row values only. */
  readonly sink?: ir.Expr;
  readonly empty: EmptyPolicy;
  readonly visits: readonly Visit[];
  readonly writes: { readonly out: boolean; readonly lse: boolean };
};

export type KernelPlan = AttendPlan;

export type Step = {
  readonly name: string;
  readonly plan: KernelPlan;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
};

export type Program = {
  readonly name: string;
  readonly ir: ir.AttentionIr;
  readonly dims: Dims;
  readonly buffers: readonly Buffer[];
  readonly steps: readonly Step[];
};
