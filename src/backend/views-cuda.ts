// The records that the CUDA templates read, in the manner of views.ts.

import type { Turns } from "./cuda/turns.ts";
import type { BlocksView } from "./simt/blocks.ts";
import type { Printed } from "./views.ts";

/** A step of the walk: statements and the value that they lead to. */
type CodeView = { readonly statements: string; readonly value: string };

/** cuda/kernel.cu */
export type CudaKernelView = {
  readonly name: string;
  readonly title: string;
  readonly header: string;
  /** The C type of a call. */
  readonly record: string;
  readonly scratch: readonly { readonly field: string; readonly type: string }[];
  /** Of tiles with rows of several heads. */
  readonly packed: readonly { readonly field: string }[];
  /** Names of the maps by which tiles are copied. */
  readonly maps: readonly string[];
  /** Position of query row 0 where the caller gives none. */
  readonly start: { readonly statements: string; readonly result: string };
  readonly steps: readonly Printed[];
  readonly launcher: string;
};

/** cuda/header.h */
export type CudaHeaderView = {
  readonly name: string;
  readonly title: string;
  readonly record: string;
  readonly fields: readonly { readonly declaration: string; readonly comment: string }[];
};

/** cuda/attend */
export type CudaAttendView = {
  readonly step: string;
  readonly kernel: string;
  readonly summary: string;
  /** What rows in memory are made of. */
  readonly element: string;
  readonly dims: { readonly dim: number; readonly valueDim: number };
  readonly tile: { readonly queries: number; readonly keys: number };
  readonly rows: number;
  readonly columns: number;
  readonly threads: number;
  readonly sharedBytes: number;
  /** Declarations. */
  readonly rowFields: readonly string[];
  readonly columnFields: readonly string[];
  readonly functions: readonly Printed[];
  /** Statements: of the head, of the query tile, of the list, those that move on to the next tile or leave the loop. */
  readonly head: string;
  readonly queryTile: string;
  readonly listStatements: string;
  readonly advance: string;
  /** Statements of row `i`, and what it is multiplied by. */
  readonly openRow: string;
  readonly rowValues: string;
  readonly scale: string;
  /** Which rows and keys a block has: a tile of rows and all keys, or rows of several heads and a stretch. */
  readonly stand: string;
  readonly place: string;
  readonly reach: string;
  readonly reached: string;
  /** Text that hangs on the unit that multiplies: constants, shared memory, and the loop over the tiles. */
  readonly layout: string;
  readonly memory: string;
  readonly loadRows: string;
  readonly loadQuery: string;
  /** Declares what a thread sums up. */
  readonly openSums: string;
  readonly visits: string;
  readonly close: string;
} & Turns;

/** cuda/reduce: what attend knows of rows and pairs, and how it goes from key tile to key tile. */
export type CudaReduceView = Omit<
  CudaAttendView,
  "advance" | "listStatements" | "openSums" | "reached" | "visits" | "close" | keyof Turns
> &
  CudaVisitsView &
  Pick<CudaProductsView, "multiplyKeys"> & {
    /** Statements that find the rows which take part. */
    readonly rangeStatements: string;
    /** Of the first tile of rows, and behind the last row. */
    readonly firstRow: string;
    readonly endRow: string;
    /** Statements that go on to the next tile of rows where the walk of these does not come to the keys at hand. */
    readonly stays: string;
    readonly may: CodeView;
    readonly must: CodeView;
    readonly openFolds: string;
    /** Statements that join and write what each key came to. */
    readonly leave: string;
  };

/** cuda/fold */
export type CudaFoldView = {
  readonly step: string;
  readonly kernel: string;
  readonly type: "int" | "float";
  readonly functions: readonly Printed[];
  /** How many places there are of each axis. */
  readonly batches: string;
  readonly lines: string;
  readonly rows: string;
  readonly columns: string;
  /** The heads of a line. */
  readonly head: string;
  readonly kv: string;
  /** Statements that find the `value` of the place. */
  readonly value: string;
  readonly target: string;
};

/** Of all cuda/parts/visits-*: statements that take a tile's scores to its weights. */
export type CudaVisitsView = {
  /** Statements of column `j`; whether a pair is seen, and its final score. */
  readonly columnValues: string;
  readonly seen: string;
  readonly score: string;
  readonly weigh: string;
};

/** cuda/parts/visits-simt: statements of the two products. */
export type CudaProductsView = { readonly multiplyKeys: string; readonly addValues: string };

/** cuda/parts/visits-mma: and how its rows come to be there. */
export type CudaPipelineView = CudaProductsView & {
  readonly element: string;
  readonly loadValues: string;
  readonly keepQueries: string;
};

/** cuda/parts/visits-wgmma and visits-wgmma-ahead: whether values are added up, and what is done to the sums before. */
export type CudaWarpgroupsView = {
  readonly element: string;
  readonly factor: string;
  readonly values: boolean;
  readonly rescale: string;
} & Turns;

/** cuda/blocks */
export type CudaBlocksView = {
  readonly step: string;
  readonly kernel: string;
  readonly tile: { readonly queries: number; readonly keys: number };
  readonly grouped: boolean;
  /** Keys of a group. */
  readonly group: number;
  readonly head: string;
  readonly queryTile: string;
  readonly next: CodeView;
  readonly may: CodeView;
  readonly must: CodeView;
  /** Fields of the list. */
  readonly counts: string;
  readonly tiles: string;
};

/** cuda/summary */
export type CudaSummaryView = {
  readonly step: string;
  readonly kernel: string;
  readonly tensor: string;
  readonly stretch: number;
  readonly band: number;
  readonly matrices: string;
  readonly height: string;
  readonly length: string;
  readonly least: string;
  readonly most: string;
  readonly element: string;
  /** How an element is loaded, what it is compared as, and what the least and the most are kept as. */
  readonly load: string;
  readonly type: string;
  readonly kept: string;
};

/** cuda/merge */
export type CudaMergeView = {
  readonly step: string;
  readonly kernel: string;
  readonly valueDim: number;
  /** Of a stretch. */
  readonly keys: number;
  readonly threads: number;
  readonly sharedBytes: number;
  /** The field of the parts. */
  readonly parts: string;
  readonly element: string;
  /** Statements: of one element, and of the row. */
  readonly write: string;
  readonly writes: string;
};

/** cuda/pool */
export type CudaPoolView = {
  readonly step: string;
  readonly kernel: string;
  readonly of: "query" | "key";
  readonly op: string;
  /** Rows of a block, in words. */
  readonly size: string;
  readonly dim: number;
  readonly functions: readonly Printed[];
  /** How many heads and blocks there are. */
  readonly heads: string;
  readonly blocks: string;
  /** Statements that find the length of the batch, and where a block begins and ends: names of both. */
  readonly lengths: string;
  readonly ends: readonly string[];
  readonly begin: string;
  readonly behind: string;
  readonly element: string;
  /** The field of what is made of the rows. */
  readonly pooled: string;
  /** Statement that cuts a block to the rows that take part. */
  readonly range: string;
  /** What an element is of no rows, and `value` joined with the `next` one. */
  readonly nothing: string;
  readonly combined: string;
  /** Statements before, at and after the rows, where a condition picks them. */
  readonly open: readonly string[];
  readonly pass: readonly string[];
  readonly close: readonly string[];
};

/** cuda/pairs */
export type CudaPairsView = Pick<
  CudaScoreView,
  | "step"
  | "kernel"
  | "rows"
  | "keys"
  | "rowStatements"
  | "keyStatements"
  | "dim"
  | "threads"
  | "functions"
  | "rowBlocks"
  | "keyBlocks"
> & {
  readonly ofRows: PairFoldView;
  readonly ofKeys: PairFoldView;
  /** Statements that find the row of a query, and of a key. */
  readonly queryRow: string;
  readonly keyRow: string;
  /** The field of what the pairs come to. */
  readonly folded: string;
};

/** What a fold of nothing comes to, who takes part, what each is worth, and how the `next` one joins the others. */
export type PairFoldView = Readonly<Record<"nothing" | "takes" | "value" | "joined", string>>;

/** cuda/score */
export type CudaScoreView = BlocksView & {
  readonly step: string;
  readonly kernel: string;
  /** What a block has, in words. */
  readonly rows: string;
  readonly keys: string;
  /** Statements that find `first_row` and `end_row`, `first_key` and `end_key`. */
  readonly rowStatements: readonly string[];
  readonly keyStatements: readonly string[];
  readonly dim: number;
  readonly threads: number;
  /** Blocks of threads of a head. */
  readonly lines: string;
  readonly functions: readonly Printed[];
  readonly head: string;
  readonly queryTile: string;
  readonly may: CodeView;
  readonly must: CodeView;
  /** Lambdas that ask the rows of a block. */
  readonly ofRows: string;
  /** Calls of the functions: of a pair, of a block. */
  readonly called: Readonly<Record<"score" | "visible" | "among" | "holds" | "forced" | "added", string>>;
  /** What the score reads, if anything: variables, and the fields of the pools of their rows. */
  readonly multiplies: boolean;
  readonly products: readonly { readonly name: string; readonly query: string; readonly key: string }[];
  readonly scores: string;
  readonly chosen: string;
};

/** cuda/parts/any-row */
export type CudaAnyRowView = { readonly name: string; readonly holds: string };

/** cuda/agree */
export type CudaAgreeView = Pick<CudaScoreView, "step" | "kernel" | "rowBlocks" | "keyBlocks" | "chosen"> & {
  readonly how: "any" | "all";
  /** Heads that share choices. */
  readonly group: string;
  readonly join: string;
};

/** cuda/choose */
export type CudaChooseView = BlocksView & {
  readonly step: string;
  readonly kernel: string;
  readonly rows: string;
  readonly keys: string;
  readonly threads: number;
  readonly sharedBytes: number;
  /** Blocks of threads of a head, and how many blocks the line of each has. */
  readonly lines: string;
  readonly line: string;
  readonly functions: readonly Printed[];
  /** Calls of the functions, of a line of blocks. */
  readonly called: Readonly<Record<"amount" | "least" | "most", string>>;
  /** The type of the amount, and whether the rule counts a listed block. */
  readonly limit: string;
  readonly takes: string;
  readonly scores: string;
  readonly chosen: string;
  /** Heads that choose together; how their scores are joined, from nothing to the result. */
  readonly group: string;
  readonly nothing: string;
  readonly joined: string;
  readonly result: string;
};

/** cuda/launcher */
export type CudaLauncherView = {
  readonly name: string;
  readonly record: string;
  readonly scratch: readonly {
    readonly field: string;
    readonly type: string;
    readonly bytes: string;
    readonly mostBytes: string;
  }[];
  /** Scratch that is filled with zeros before the steps. */
  readonly cleared: readonly { readonly field: string; readonly bytes: string }[];
  readonly captured: readonly { readonly field: string; readonly elements: string }[];
  /** Whether a call goes the way of few rows. */
  readonly few: string;
  readonly checks: readonly { readonly condition: string; readonly status: number }[];
  readonly limits: readonly { readonly condition: string; readonly status: number }[];
  /** What the maps are encoded from. */
  readonly maps: readonly {
    readonly field: string;
    readonly tensor: string;
    readonly dim: number;
    readonly extents: string;
    readonly strides: string;
    /** Of a box: tokens, and heads. */
    readonly rows: string;
    readonly together: string;
  }[];
  /** Fields of the record that say how rows of several heads lie in a tile. */
  readonly packed: readonly { readonly field: string; readonly value: string }[];
  readonly steps: readonly {
    readonly name: string;
    readonly condition: string;
    readonly kernel: string;
    /** The call, or the call with rows where they lie in stored order. */
    readonly record: string;
    /** How many there are to run, and how many run at once. */
    readonly blocks: string;
    readonly grid: string;
    readonly threads: number;
    readonly sharedBytes: number;
  }[];
  /** Statements that make the second record. */
  readonly stored: readonly string[];
  readonly statuses: { readonly workspace: number; readonly cuda: number };
  readonly messages: readonly { readonly status: number; readonly text: string }[];
};

/** cuda/harness.cu */
export type CudaHarnessView = {
  readonly name: string;
  readonly record: string;
  /** They fill `call`. */
  readonly statements: readonly string[];
  /** Tensors to write out. */
  readonly results: readonly string[];
};

/** cuda/torch.py */
export type CudaTorchView = {
  readonly name: string;
  readonly title: string;
  readonly results: string;
  readonly dims: { readonly dim: number; readonly valueDim: number };
  /** Captured tensors and parameters, in words. */
  readonly others: readonly string[];
};
