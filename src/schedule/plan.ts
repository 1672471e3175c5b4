// Every decision about a kernel and no code. A program is an ordered list of steps over named buffers; the runners,
// the emitters, the bindings and `explain` all read the same one. A dense attention is a program of one step.

import type { RowElement, Target } from "../../targets/target.ts";
import type { Run } from "../analysis/tile/run-sets.ts";
import type * as ir from "../ir/expr.ts";
import type { Importance } from "../ir/importance.ts";
import type { Order } from "../ir/order.ts";
import type { PairFold } from "../ir/pair-fold.ts";
import type { Pool, ProductName, Selection } from "../ir/selection.ts";
import type { Side, Sides } from "../ir/sides.ts";
import type { MapFold, RowRange, TensorFold } from "../ir/statistics.ts";
import type { ElementType, EmptyPolicy } from "../spec/spec.ts";
import type { Let, Region } from "./loop.ts";

export type Buffer = {
  readonly name: string;
  readonly role: "input" | "output" | "scratch";
  readonly element: ElementType;
  /** Symbolic extents, outermost first; row-major unless the caller gives strides. `keys` is the longest batch's here. */
  readonly extents: readonly ir.Expr[];
  /** Scratch that a call goes without where it would need more bytes. */
  readonly mostBytes?: number;
  /** Scratch that holds zeros when a call begins. */
  readonly cleared?: true;
};

/** How a query tile walks over the key tiles. The expressions read the plan's `head` and `queryTile` values and what is
 *  constant over a head, beside the locals of the loop: positions `firstQuery`, `lastQuery`, `firstKey`, `lastKey` of
 *  the tile's corners, cut off at the lengths, and `nextKey`, where the walk stands. */
export type Traversal = {
  /** From `nextKey` to the first key of the next tile to look at, a multiple of the tile's keys, at least `len(key)` at
   *  the end. Absent: `nextKey` itself, so every tile is looked at. */
  readonly next?: Region;
  /** False only where no pair of the tile is visible: then it is skipped. Absent: true. */
  readonly may?: Region;
  /** True only where every pair of the tile is visible: then the mask is left out. Absent: false, but where there is no
   *  mask at all. */
  readonly must?: Region;
  /** A list of the tiles to visit, written by a step before. Where a call has no room for it, the walk goes on without. */
  readonly list?: BlockList;
  /** The runs of keys that `next` jumps between, for explanations; none where there is no mask. */
  readonly runs: readonly Run[];
  /** Terms of the mask that could not be solved for the key, which leave their runs open. */
  readonly unsolved: readonly ir.Expr[];
};

/** Names of scratch buffers. `counts` [batch, query tiles] says how many entries a query tile has, and `tiles`
 *  [batch, query tiles, key tiles] holds them in the order of the keys: 2 · key tile, plus 1 where the mask must be applied. */
export type BlockList = { readonly counts: string; readonly tiles: string };

export type Dims = { readonly dim: number; readonly valueDim: number };
/** What the rows of query and out, and those of key and value, are made of. */
export type Rows = { readonly query: RowElement; readonly stored: RowElement };
export type Tile = { readonly queries: number; readonly keys: number };
/** The other way through a step, for calls of up to `queries` rows, as in decoding: keys and values are read where they
 *  lie, and the query heads of a group go over `keys` of them together, so that a cache is read once. Results are the same. */
export type Decode = { readonly queries: number; readonly keys: number };

/** How a call of few query rows keeps a whole device busy: every stretch of the keys is a work item of its own, and a merge
 *  joins what they found (flash decoding). Sums run relative to the stretch's own highest score. */
export type Split = {
  /** Keys of a stretch: whole tiles. */
  readonly keys: number;
  /** True: a tile's rows are those of all query heads of a KV head, head after head, so that keys are read once for all of
   *  them, and what varies with the query head is a row value. False: a tile belongs to one query head. */
  readonly packs: boolean;
  /** Scratch [batch, heads, queries, stretches, valueDim + 3]: Σ exp(s − max) · V, then max of s in units of the target,
   *  Σ exp(s − max), and 1 where a key was seen, else 0, if rows that see nothing are more than zeros. Of a stretch with
   *  nothing to sum both sums are 0, and the max says nothing. The sink is summed up with the first stretch, and has no
   *  value. */
  readonly parts: string;
};

/** Threads side by side that share `rows` query rows, `strips` of them, each with every `strips`-th key of a tile. */
export type Exchange = { readonly rows: number; readonly strips: number };

/** How warpgroups go over the tiles of their block. */
export type Warpgroups = {
  /** True: scores of the next tile are multiplied before the values of this one, so that values are being added up while a
   *  softmax is computed. It takes registers for weights beside those of scores. False: each product waits for its turn. */
  readonly ahead: boolean;
  /** True: they take turns, so that one multiplies while the other is at its softmax. */
  readonly turns: boolean;
  /** As many blocks as a device has multiprocessors go over the tiles, and a block copies the next tile's rows while results of
   *  the last are written. Scratch [1] that counts the tiles beyond their first that blocks have taken: whichever is free takes
   *  the next. Absent: the tiles are dealt out before, in rounds. */
  readonly counter?: string;
  /** True: a tile may hold rows of several heads that share keys, where that makes fewer tiles; what varies with the query
   *  head is a row value. */
  readonly packs: boolean;
  /** Of a thread: of the warpgroup that walks and copies, and of those that multiply. */
  readonly registers: { readonly producer: number; readonly consumer: number };
};

/** The fused kernel: scores of a tile, mask, statistics of rows, weighted sum of values. */
export type AttendPlan = {
  readonly kind: "attend";
  /** `online`: one pass with running statistics. `statistics`: the first of two passes, which writes only the row
   *  statistics. `replay`: the second, which knows them, so that p is final when the weight sees it. `reduce`: knows lse, and
   *  so p = exp(s − lse), and folds what pairs come to instead of values. */
  readonly pass: "online" | "statistics" | "replay" | "reduce";
  /** Only in `online`: the step goes over one stretch of the keys, and leaves what it summed up for a merge. */
  readonly split?: Split;
  /** Scratch [batch, heads, queries, 2] between `statistics` and `replay`, the sink included. Softmax: (max of s,
   *  Σ exp(s − max)), with (−inf, 0) for a row that sees nothing; sum: (Σ s, lse); none: (0, lse). Absent in one pass. */
  readonly statistics?: string;
  /** Only in `reduce`. */
  readonly reduce?: Reduce;
  readonly dims: Dims;
  readonly rows: Rows;
  readonly tile: Tile;
  readonly decode: Decode;
  /** How threads tell each other the highest score of their rows by subgroups; absent: by other means, or not at all. */
  readonly exchange?: Exchange;
  /** Products of rows and keys come in matrices of this size, one to a subgroup at a time; absent: one by one. */
  readonly matrix?: NonNullable<Target["matrix"]>;
  /** Products are those of warpgroups; absent: of warps or of single threads. */
  readonly warpgroups?: Warpgroups;
  /** Computed once per (batch, head), then once per query row; the regions read them by name. */
  readonly head: readonly Let[];
  readonly row: readonly Let[];
  /** Computed once per key of a tile that is visited, for all rows of the query tile; reads head values. */
  readonly key: readonly Let[];
  /** Computed once per distance of q and k in a tile that is visited, for all of its pairs; written in q and k, but the
   *  same for every pair of one distance k − q modulo 2³², within the sequence or not. Reads head values. */
  readonly diagonal: readonly Let[];
  /** Computed once per query tile, for the traversal; reads head values, `firstQuery` and `lastQuery`. */
  readonly queryTile: readonly Let[];
  /** Factor of dot(Q, K): folded into the query rows as they are loaded, or applied to every pair. */
  readonly scale: { readonly at: "query" | "pair"; readonly value: ir.Expr };
  /** From `quantity score` to the final score; absent where it is the identity. */
  readonly score?: Region;
  /** Runs on tiles that are not proved full; absent where the mask is true. */
  readonly mask?: Region;
  /** `factor`: multiplies p and does not read it, so that one pass is enough. `general`: any function of final p, and
   *  of lse; one pass is enough only where p is the score itself (normalize none) and lse is not read. */
  readonly weight?: { readonly form: "factor" | "general"; readonly region: Region };
  readonly normalize: "softmax" | "sum" | "none";
  /** An extra term of the softmax's sum; reads head and row values only. */
  readonly sink?: ir.Expr;
  readonly empty: EmptyPolicy;
  readonly traversal: Traversal;
  readonly writes: { readonly out: boolean; readonly lse: boolean };
  /** Rows are read from scratch, and written to it, in stored order. */
  readonly stored?: Stored;
};

/** Folds of the map. */
export type Reduce = {
  /** What a tile of each is laid against. `rows`: a tile of query rows against the key tiles that its walk comes to, and every
   *  column of keys is summed from the first row to the last. `keys`: a tile of keys against the query tiles whose walks
   *  come to it, tiles from row 0 on; only folds along the queries. */
  readonly walks: "rows" | "keys";
  readonly folds: readonly (Omit<MapFold, "value"> & { readonly region: Region })[];
  /** Rows that some fold takes; absent: all. */
  readonly rows?: RowRange;
};

/** What lies in stored order: with `keys` keys and values, with `rows` queries, out and lse. `keyHeads`: of keys and values;
 *  steps that read them take them for the KV heads of the call. */
export type Stored = { readonly keys: boolean; readonly rows: boolean; readonly keyHeads: "kvHeads" | "heads" };

/** The least and the most element of every stretch of a captured tensor's last axis, or of every tile of its last two, so
 *  that what a mask reads along a tile has bounds. One pass over the tensor, shared by all heads that share it. */
export type SummaryPlan = {
  readonly kind: "summary";
  readonly of: ir.Tensor;
  /** Scratch tensors: the same axes, but the last one counts stretches, and the one before it bands of `rows`. */
  readonly least: ir.Tensor;
  readonly most: ir.Tensor;
  /** Elements of a stretch. */
  readonly stretch: number;
  /** Rows of a tile: 1, or as many as a stretch has elements. */
  readonly rows: number;
};

/** What a walk over the keys reads, with or without the pass that follows it. */
export type Walking = Pick<AttendPlan, "head" | "queryTile" | "traversal">;

/** The walk over the keys, written down once for all heads: its facts need not be asked again by each of them. */
export type BlockListPlan = {
  readonly kind: "blocks";
  readonly list: BlockList;
  readonly tile: Tile;
  /** Key tiles that are asked about together first, and one by one only where that proves nothing. */
  readonly group: number;
} & Walking;

/** Joins the parts that the stretches of a split left: rescales them to the highest score of all, sums, divides. */
export type MergePlan = {
  readonly kind: "merge";
  readonly split: Split;
  readonly dims: Dims;
  readonly rows: Rows;
  readonly empty: EmptyPolicy;
  readonly writes: { readonly out: boolean; readonly lse: boolean };
};

/** One row made of the rows of each block, which scores of blocks are made of. */
export type PoolPlan = {
  readonly kind: "pool";
  readonly pool: Pool;
  readonly side: Side;
  /** Scratch [batch, heads or KV heads, blocks, dim] f32. Keys beyond the batch's length are none. */
  readonly pooled: string;
  readonly dims: Dims;
  readonly rows: Rows;
  readonly stored?: Stored;
};

/** What the pairs of every block come to, which scores of blocks are made of. */
export type PairsPlan = {
  readonly kind: "pairs";
  readonly fold: PairFold;
  readonly sides: Sides;
  readonly dims: Dims;
  readonly rows: Rows;
  readonly stored?: Stored;
};

/** Scores of all blocks, then which of them are chosen. A block is a candidate where one of its pairs is visible: `may` and
 *  `must` of a walk whose tile is the block say so of most blocks, and the pairs of the others are looked at. */
export type ChoosePlan = {
  readonly kind: "choose";
  readonly selection: Selection;
  /** The products that the score reads, and the scratch of their pools. */
  readonly products: readonly { readonly name: ProductName; readonly query: string; readonly key: string }[];
  /** Scratch [batch, heads, row blocks, key blocks] f32: the score of a block before heads share it. */
  readonly scores: string;
  readonly dims: Dims;
  readonly stored?: Stored;
} & Walking;

/** What keys are worth to some query rows, or rows to keys: before any of them is moved, where tokens are sorted by that. */
export type ImportancePlan = {
  readonly kind: "importance";
  readonly importance: Importance;
  /** Scratch [batch, heads, queries, 2], where threads share a softmax: the maximum of a row, and Σ exp(x − maximum). */
  readonly statistics?: string;
  readonly dims: Dims;
  readonly rows: Rows;
  readonly stored?: Stored;
};

/** Sorts the tokens of every line, and writes the tensors of the order. */
export type OrderPlan = {
  readonly kind: "order";
  readonly order: Order;
  /** Scratch of i32, to sort with: for every line of the order [lines of work, tokens]. */
  readonly work: string;
};

/** Moves rows into stored order, or results back into that of the call. */
export type MovePlan = {
  readonly kind: "move";
  readonly to: "stored" | "call";
  readonly order: Order;
  readonly dims: Dims;
  readonly rows: Rows;
  readonly writes: { readonly lse: boolean };
};

/** One value for every place of some axes, from tensors that were folded before. */
export type FoldPlan = { readonly kind: "fold"; readonly fold: TensorFold };

export type KernelPlan =
  | AttendPlan
  | SummaryPlan
  | BlockListPlan
  | MergePlan
  | PoolPlan
  | PairsPlan
  | ChoosePlan
  | ImportancePlan
  | OrderPlan
  | MovePlan
  | FoldPlan;

export type StepOf<Plan extends KernelPlan> = {
  readonly name: string;
  readonly plan: Plan;
  /** The calls that the step is for; absent: all. */
  readonly calls?: "few" | "many";
  readonly reads: readonly string[];
  readonly writes: readonly string[];
};
export type Step = { [Kind in KernelPlan["kind"]]: StepOf<Extract<KernelPlan, { kind: Kind }>> }[KernelPlan["kind"]];

export type Program = {
  readonly name: string;
  readonly ir: ir.AttentionIr;
  readonly dims: Dims;
  readonly buffers: readonly Buffer[];
  readonly steps: readonly Step[];
  /** Calls of at most so many query rows, and of one key at least, run the steps for `few` instead of those for `many`,
   *  unless `parts` would take more than its most bytes. Absent: every call is one of many. */
  readonly few?: { readonly queries: number; readonly parts: string };
};
