// The records that the templates of the choosing steps read, in the manner of views.ts.

import type { AttendView, BlocksView, Printed } from "../views.ts";

/** wasm/pool.wat */
export type PoolView = Pick<AttendView, "step" | "at"> & {
  readonly of: "query" | "key";
  readonly op: string;
  /** Rows of a block, in words, and elements of a row. */
  readonly size: string;
  readonly columns: number;
  readonly heads: string;
  /** How many blocks there are, and the functions that tell where one begins and ends. */
  readonly blocks: string;
  readonly functions: readonly Printed[];
  /** Addresses, and strides in bytes. */
  readonly source: string;
  readonly pooled: string;
  readonly batchStride: string;
  readonly headStride: string;
  readonly rowStride: string;
  readonly load: string;
  /** Of an element of the source, and of a pooled row. */
  readonly bytes: number;
  readonly pooledBytes: number;
  /** Statement that cuts `$row` and `$end` to the rows that take part. */
  readonly range: string;
  /** What an element is of no rows, and how another row joins it. */
  readonly nothing: string;
  readonly combine: string;
  /** Statements that pass over a `$row` that does not take part, and divide by the `$count` of those that do. */
  readonly pass: readonly string[];
  readonly close: readonly string[];
};

/** wasm/pairs.wat */
export type PairsView = Pick<AttendView, "step" | "at"> &
  Pick<ChooseView, "rows" | "keys" | "heads" | "kvHeads" | "rowBlocks" | "keyBlocks" | "functions"> & {
    /** Statement that multiplies `$row` with the next four keys, where a pair is worth something by that. */
    readonly multiply: string;
    /** Address. */
    readonly folded: string;
    readonly ofRows: FoldView;
    readonly ofKeys: FoldView;
  } & ListedKeysView;

/** What a step has that goes over the keys that take part, four at a time. */
export type ListedKeysView = {
  /** Address of the list, and the statements that write it: once for all rows, or for the one at hand. */
  readonly list: string;
  readonly listForAll: string;
  readonly listForRow: string;
  readonly lanes: readonly { readonly index: number; readonly offset: number }[];
};

/** What a fold of nothing comes to, and how a value joins it. */
type FoldView = { readonly nothing: string; readonly join: string };

/** wasm/choose.wat */
export type ChooseView = Pick<BlocksView, "step" | "at" | "head" | "enterTile" | "may" | "must"> & {
  /** What a block has, in words. */
  readonly rows: string;
  readonly keys: string;
  readonly heads: string;
  readonly kvHeads: string;
  readonly rowBlocks: string;
  readonly keyBlocks: string;
  /** How many lines of blocks a head chooses from, and how many blocks one has. */
  readonly lines: string;
  readonly lineBlocks: string;
  /** Addresses. */
  readonly scores: string;
  readonly chosen: string;
  /** The products that the score of block `$i` of rows and block `$j` of keys reads. */
  readonly products: string;
  /** The functions that make the scores and the choices of several heads one, if there are such, and what calls them. */
  readonly share: string;
  readonly shareCall: string;
  readonly agree: string;
  readonly agreeCall: string;
  readonly rule: RuleView;
  /** Whether block `$i`, `$j` is chosen first, or on top. */
  readonly forced: string;
  readonly added: string;
  readonly functions: readonly Printed[];
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

/** wasm/parts/join-heads */
export type ShareView = Pick<ChooseView, "step" | "heads" | "rowBlocks" | "keyBlocks"> & {
  readonly name: "share" | "agree";
  readonly what: string;
  /** Address and type of what is joined. */
  readonly values: string;
  readonly type: "f32" | "i32";
  /** How many heads in a row share. */
  readonly members: string;
  readonly join: string;
  readonly divide: string;
};

/** wasm/parts/any-row */
export type AnyRowView = { readonly step: string; readonly name: string };

/** wasm/parts/block-function */
export type BlockFunctionView = {
  readonly name: string;
  readonly parameters: string;
  readonly type: string;
  readonly locals: readonly string[];
  readonly statements: readonly string[];
  readonly result: string;
};
