// The records that the templates of the choosing steps read, in the manner of views.ts.

import type { AttendView, BlocksView } from "../views.ts";

/** wasm/sum.wat */
export type SumView = Pick<AttendView, "step" | "at"> & {
  readonly of: "query" | "key";
  /** Rows of a block. */
  readonly size: number;
  readonly heads: string;
  /** Rows that there are in the batch, and in the longest one. */
  readonly length: string;
  readonly longest: string;
  /** Addresses, and strides in bytes. */
  readonly source: string;
  readonly sums: string;
  readonly batchStride: string;
  readonly headStride: string;
  readonly rowStride: string;
  readonly load: string;
  /** Of an element of the source, and of a sum. */
  readonly bytes: number;
  readonly sumBytes: number;
};

/** wasm/choose.wat */
export type ChooseView = Pick<BlocksView, "step" | "at" | "head" | "queryTile" | "may" | "must" | "functions"> & {
  /** Rows and keys of a block. */
  readonly size: { readonly queries: number; readonly keys: number };
  readonly heads: string;
  readonly kvHeads: string;
  readonly queries: string;
  /** Blocks of rows, of keys, and of the keys that are alive in the batch. */
  readonly rowBlocks: string;
  readonly keyBlocks: string;
  readonly aliveBlocks: string;
  /** Addresses. */
  readonly scores: string;
  readonly chosen: string;
  /** The product of the sums of block `$i` of rows and block `$j` of keys. */
  readonly product: string;
  /** The function that makes the scores of several heads one, if there is one, and what calls it. */
  readonly share: string;
  readonly shareCall: string;
  readonly rule: RuleView;
};

/** wasm/parts/rank-blocks: how many of the ranked a rule takes. */
export type RuleView = {
  readonly locals: string;
  /** Ahead of all blocks, ahead of one, and for every block that comes before it. */
  readonly open: string;
  readonly start: string;
  readonly meet: string;
  /** 1 where the block counts. */
  readonly takes: string;
};

/** wasm/parts/share-scores */
export type ShareView = Pick<ChooseView, "step" | "heads" | "rowBlocks" | "keyBlocks" | "scores"> & {
  /** How many heads in a row share. */
  readonly members: string;
  readonly join: string;
  readonly divide: string;
};

/** wasm/parts/block-function */
export type BlockFunctionView = {
  readonly name: string;
  readonly parameters: string;
  readonly type: string;
  readonly locals: readonly string[];
  readonly statements: readonly string[];
  readonly result: string;
};
