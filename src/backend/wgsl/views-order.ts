// The records that the templates of the ordering steps read, in the manner of views-wgsl.ts.

import type { Printed } from "../views.ts";
import type { WgslLengthsView } from "../views-wgsl.ts";

/** wgsl/parts/run and wgsl/parts/sorted: a run of a segment, and what tokens are sorted by. */
export type WgslRunView = WgslLengthsView & {
  readonly step: string;
  readonly threads: number;
  /** Statements that say which heads the order is of, and the number of its line. */
  readonly heads: string;
  readonly line: string;
  /** How many tokens there are, and how many of them are sorted. */
  readonly length: string;
  readonly alive: string;
  readonly segmentSize: string;
  /** Statements that keep a segment as it is. */
  readonly leaveShort: string;
  /** Where the segment and the run begin. */
  readonly segmentFirst: string;
  readonly first: string;
  readonly workAt: string;
  readonly lines: number;
  readonly sort: readonly { readonly index: number; readonly line: number }[];
  /** From `token` to its position. */
  readonly position: string;
};

/** What is written of a token, and where: at its place, or at its own number. */
type ResultView = { readonly name: string; readonly value: string; readonly at: string; readonly index: string };

/** wgsl/runs.wgsl */
export type WgslRunsView = WgslRunView & { readonly functions: readonly Printed[]; readonly values: string };

/** wgsl/places.wgsl */
export type WgslPlacesView = WgslRunView & {
  readonly functions: readonly Printed[];
  /** What the token at a place of a run is sorted by. */
  readonly loads: string;
  readonly results: readonly ResultView[];
};

/** wgsl/rows.wgsl */
export type WgslRowsInOrderView = WgslLengthsView & {
  readonly step: string;
  readonly threads: number;
  readonly functions: readonly Printed[];
  readonly heads: string;
  readonly line: string;
  readonly keysAt: string;
  /** Statements that write `row` to `place`. */
  readonly write: string;
};

/** wgsl/parts/write-row */
export type WgslWriteRowView = { readonly results: readonly ResultView[]; readonly line: string };

/** wgsl/move.wgsl */
export type WgslMoveView = {
  readonly step: string;
  readonly tensor: string;
  readonly threads: number;
  readonly rows: number;
  readonly width: number;
  readonly length: string;
  readonly heads: string;
  readonly kv: string;
  readonly line: string;
  readonly orderAt: string;
  /** Where the element lies in the tensor of the call. */
  readonly called: string;
  readonly copy: string;
};

type BoundsView = { readonly first: string; readonly end: string };

/** wgsl/weigh-keys.wgsl */
export type WgslWeighKeysView = WgslLengthsView & {
  readonly step: string;
  readonly threads: number;
  readonly functions: readonly Printed[];
  readonly rows: BoundsView;
  readonly keys: BoundsView;
  /** Where the row at hand begins, and statements that multiply it by `key`. */
  readonly ownQuery: string;
  readonly product: string;
  /** What the softmax is of. */
  readonly of: string;
  readonly statisticsAt: string;
};

/** wgsl/importance.wgsl */
export type WgslImportanceView = Pick<WgslWeighKeysView, "step" | "threads" | "functions" | "ownQuery" | "product"> &
  WgslLengthsView & {
    /** Variables of who is worth something and to whom, how many of the former there are, and in the longest batch. */
    readonly own: "key" | "row";
    readonly other: "key" | "row";
    readonly alive: string;
    readonly length: string;
    readonly along: BoundsView;
    /** Statements that pass over a row which nobody asks about, and over a pair which takes no part. */
    readonly pass: string;
    readonly skip: string;
    /** What a key is worth to no row, and to one more. */
    readonly empty: string;
    readonly join: string;
    /** Statements that find the weight of the pair. */
    readonly weigh: string;
    readonly importanceAt: string;
  };
