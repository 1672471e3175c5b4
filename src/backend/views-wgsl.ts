// The records that the WGSL templates read, in the manner of views.ts.

import type { TileLayout } from "../schedule/workgroup-layout.ts";
import type { BlocksView } from "./simt/blocks.ts";
import type { Step } from "./simt/walk.ts";
import type { Printed } from "./views.ts";

/** wgsl/module.wgsl */
export type WgslModuleView = {
  /** That the shader enables. */
  readonly features: readonly string[];
  readonly title: string;
  readonly fields: readonly { readonly name: string; readonly type: string }[];
  readonly bindings: readonly {
    readonly index: number;
    readonly name: string;
    readonly type: string;
    readonly space: string;
  }[];
  readonly constants: readonly { readonly name: string; readonly value: string }[];
  readonly step: string;
  readonly library: readonly Printed[];
};

type BareFunctionView = {
  readonly parameters: string;
  readonly statements: readonly string[];
  readonly result: string;
};

/** wgsl/functions.wgsl */
export type WgslFunctionsView = {
  readonly name: string;
  /** Lengths and parameters that the functions read; where there are any, they take them in a struct. */
  readonly takesCall: boolean;
  readonly fields: readonly { readonly name: string; readonly type: string }[];
  readonly tensors: readonly { readonly name: string; readonly type: string }[];
  readonly mask: BareFunctionView;
  readonly score: BareFunctionView;
  readonly library: readonly Printed[];
};

type TileView = { readonly queries: number; readonly keys: number };

/** wgsl/parts/lengths: the lengths of a batch. */
export type WgslLengthsView = { readonly startStatements: readonly string[]; readonly start: string };

/** wgsl/parts/enter: from a workgroup to the lengths of its batch, and values of the head and the query tile. */
export type WgslEnterView = WgslLengthsView & {
  /** The first row that the walk asks about, and the one behind the last. */
  readonly span: { readonly first: string; readonly end: string };
  readonly headStatements: readonly string[];
  readonly queryTileStatements: readonly string[];
};

/** A column of the result that a thread owns, and what keeps it within the row. */
export type WgslColumnView = {
  readonly index: number;
  readonly offset: number;
  readonly guard: string;
  readonly guardEnd: string;
};

/** A key of a thread, and how far it lies behind the first. */
export type WgslScoreView = { readonly index: number; readonly offset: number };

/** How a step counts its rows, and over which keys they go. */
export type WgslRowsView = Pick<WgslEnterView, "span"> & {
  /** From a workgroup to its batch, heads and rows. */
  readonly coordinates: string;
  /** From row `r` of a band to its position, and its head where a tile has several. */
  readonly ownRow: string;
  /** The head that query rows are staged from. */
  readonly queryHead: string;
  readonly firstKey: string;
  readonly endKey: string;
};

/** What a kernel needs to find out how far subgroups reach; texts that are empty where it has none. */
export type WgslHighestView = {
  /** Variables of the workgroup, and one more parameter of the kernel. */
  readonly reachMemory: string;
  readonly subgroupSize: string;
  readonly findReach: string;
};

/** Products of rows and keys; the last two are empty where no subgroup multiplies matrices. */
export type WgslProductsView = {
  readonly products: string;
  /** Variables of the workgroup, and more parameters of the kernel. */
  readonly matrixMemory: string;
  readonly subgroupPlace: string;
};

/** wgsl/attend.wgsl */
export type WgslAttendView = WgslEnterView &
  WgslHighestView &
  WgslProductsView &
  WgslRowsView & {
    readonly step: string;
    readonly tile: TileView;
    readonly layout: TileLayout;
    readonly dims: { readonly dim: number; readonly valueDim: number };
    readonly threads: number;
    readonly strips: number;
    readonly functions: readonly Printed[];
    /** Vectors over the rows of a band. */
    readonly rowVariables: readonly { readonly name: string; readonly type: string }[];
    readonly rowStatements: string;
    readonly openStatements: string;
    readonly columns: readonly WgslColumnView[];
    /** What strips tell each other of folds of ints; empty where there are none. */
    readonly foldMemory: string;
    readonly beforeWalk: string;
    /** Moves `first_key` to the next tile and decides `masked`, or leaves the loop. */
    readonly advance: string;
    readonly scaled: string;
    readonly pairStatements: string;
    readonly weighStatements: string;
    readonly sumStatements: string;
    readonly closeStatements: string;
  };

/** wgsl/reduce.wgsl; of the rows what attend knows of them. */
export type WgslReduceView = WgslEnterView &
  Pick<
    WgslAttendView,
    | (
        | "step"
        | "tile"
        | "layout"
        | "threads"
        | "strips"
        | "functions"
        | "rowVariables"
        | "rowStatements"
        | "openStatements"
      )
    | ("products" | "scaled" | "pairStatements" | "weighStatements")
  > & {
    /** Workgroup memory in which bands tell each other. */
    readonly told: readonly { readonly name: string; readonly type: string }[];
    /** Statements that find the rows which take part. */
    readonly rangeStatements: readonly string[];
    /** Of the first tile of rows, and behind the last row. */
    readonly firstRow: string;
    readonly endRow: string;
    /** Statements that go on to the next tile of rows where the walk of these does not come to the keys at hand. */
    readonly stays: string;
    readonly may: Step;
    readonly must: Step;
    readonly foldStatements: string;
    readonly sums: readonly {
      readonly name: string;
      readonly type: string;
      /** What each begins with, for all keys of a thread. */
      readonly ofNothing: string;
      /** Statements that write what key `j` came to. */
      readonly leave: string;
    }[];
  };

/** wgsl/fold.wgsl */
export type WgslFoldView = WgslLengthsView & {
  readonly step: string;
  readonly threads: number;
  readonly functions: readonly Printed[];
  /** The heads of a line. */
  readonly head: string;
  readonly kv: string;
  /** Statements that find `row` and `key`, or leave. */
  readonly place: string;
  /** How many there are of each. */
  readonly lines: string;
  readonly queries: string;
  readonly keys: string;
  /** Statements that find the `value` of the place. */
  readonly value: string;
  readonly target: string;
  readonly at: string;
  readonly bits: string;
};

/** wgsl/parts/walk */
export type WgslWalkView = { readonly tile: TileView; readonly endKey: string } & Readonly<
  Record<"next" | "may" | "must", Step>
>;

/** wgsl/blocks.wgsl */
export type WgslBlocksView = WgslEnterView & {
  readonly step: string;
  readonly tile: TileView;
  readonly threads: number;
  readonly lastQuery: number;
  readonly lastKey: number;
  /** Where the list begins in `facts`, negative where there is none; and its counts. */
  readonly tiles: string;
  readonly counts: string;
  readonly walk: string;
};

/** wgsl/merge.wgsl */
export type WgslMergeView = {
  readonly step: string;
  readonly threads: number;
  /** Keys of a stretch, and one less, for rounding up. */
  readonly stretch: number;
  readonly lastOfStretch: number;
  readonly valueDim: number;
  /** Words of a part. */
  readonly width: number;
  readonly columns: readonly WgslColumnView[];
  readonly functions: readonly Printed[];
  readonly marksEmpty: boolean;
  readonly emptyStatements: string;
  readonly lse: boolean;
};

/** wgsl/summary.wgsl */
export type WgslSummaryView = {
  readonly step: string;
  readonly threads: number;
  /** Elements of a stretch and rows of a band, and each less one, for rounding up. */
  readonly stretch: number;
  readonly band: number;
  readonly lastElement: number;
  readonly lastRow: number;
  readonly length: string;
  readonly height: string;
  readonly type: string;
  readonly lowest: string;
  readonly highest: string;
  /** The element at `at`; statements that widen `least` and `most` by it. */
  readonly element: string;
  readonly widen: string;
  readonly leastAt: string;
  readonly mostAt: string;
};

/** wgsl/pool.wgsl */
export type WgslPoolView = {
  readonly step: string;
  readonly threads: number;
  readonly of: "query" | "key";
  readonly op: string;
  /** Rows of a block, in words. */
  readonly size: string;
  readonly functions: readonly Printed[];
  readonly heads: string;
  /** How many blocks there are. */
  readonly blocks: string;
  /** Statements that find the lengths of the batch, and where a block begins and ends: names of both. */
  readonly lengths: string;
  readonly ends: readonly string[];
  readonly begin: string;
  readonly behind: string;
  readonly columns: number;
  readonly pooledAt: string;
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

/** wgsl/pairs.wgsl */
export type WgslPairsView = WgslLengthsView &
  Pick<WgslBlockRowView, "step" | "threads" | "functions" | "rowStatements" | "rowBlocks" | "keyBlocks"> &
  Pick<WgslScoresView, "keyStatements"> & {
    readonly ofRows: PairFoldView;
    readonly ofKeys: PairFoldView;
    /** Where the query row begins, and statements that multiply it with a key. */
    readonly ownQuery: string;
    readonly product: string;
    readonly foldedAt: string;
  };

/** What a fold of nothing comes to, who takes part, what each is worth, and how the `next` one joins the others. */
type PairFoldView = Readonly<Record<"nothing" | "takes" | "value" | "joined", string>>;

/** wgsl/parts/block-row: from a workgroup to a row of blocks. */
export type WgslBlockRowView = WgslEnterView &
  BlocksView & {
    readonly step: string;
    readonly threads: number;
    /** Statements that find `first_row` and `end_row`. */
    readonly rowStatements: readonly string[];
    readonly functions: readonly Printed[];
    readonly scoresAt: string;
    readonly chosenAt: string;
  };

/** wgsl/parts/block-product */
export type WgslProductView = {
  readonly name: string;
  readonly query: string;
  readonly key: string;
  readonly dim: number;
};

/** wgsl/scores.wgsl; conditions are texts over the block at hand. */
export type WgslScoresView = WgslBlockRowView &
  Readonly<Record<"visible" | "among" | "holds" | "forced" | "added", string>> & {
    /** What the score reads: variables, and where the pools of their rows begin. */
    readonly products: readonly WgslProductView[];
    readonly score: string;
    readonly may: Step;
    readonly must: Step;
    /** Statements that find `first_key` and `end_key`. */
    readonly keyStatements: readonly string[];
  };

/** wgsl/parts/any-row: whether a condition holds for one of a block's rows. */
export type WgslAnyRowView = { readonly name: string; readonly holds: string };

/** wgsl/choose.wgsl; counts are texts over the line of blocks at hand. */
export type WgslChooseView = WgslBlockRowView &
  Readonly<Record<"amount" | "least" | "most", string>> & {
    /** How many blocks a line has. */
    readonly line: string;
    /** How many heads share a choice, and the first of them. */
    readonly sharing: string;
    readonly firstHead: string;
    /** Workgroup memory and statements of a rule that keeps blocks by their mass. */
    readonly memory: string;
    readonly tellHighest: string;
    /** Variables beside the rank, what the threads tell each other and count, and whether a listed block is counted. */
    readonly tallies: string;
    readonly tell: string;
    readonly takes: string;
  };

/** wgsl/agree.wgsl */
export type WgslAgreeView = Pick<WgslBlockRowView, "step" | "threads" | "rowBlocks" | "keyBlocks" | "chosenAt"> &
  Pick<WgslChooseView, "sharing"> & { readonly how: "any" | "all"; readonly join: string };
