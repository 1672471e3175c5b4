// The records that the templates of the ordering steps read, in the manner of views-cuda.ts.

import type { Printed } from "../views.ts";

/** cuda/parts/run and cuda/parts/sorted: a run of a segment, and what tokens are sorted by. */
export type CudaRunView = {
  readonly step: string;
  readonly kernel: string;
  readonly threads: number;
  /** How many tokens there are, and how many of them are sorted. */
  readonly length: string;
  readonly alive: string;
  /** Statements that say which heads the line is of. */
  readonly heads: string;
  /** Runs of a line; where the segment of `run` begins and ends, and what is sorted of it; where the run begins. */
  readonly runs: string;
  readonly segmentFirst: string;
  readonly segmentLast: string;
  readonly segmentEnd: string;
  readonly first: string;
  readonly work: string;
  readonly lines: number;
  readonly sort: readonly { readonly index: number; readonly line: number }[];
  /** From `token` to its position. */
  readonly position: string;
};

/** cuda/runs */
export type CudaRunsView = CudaRunView & {
  readonly sharedBytes: number;
  readonly functions: readonly Printed[];
  /** What the thread's token is sorted by, and what another thread has told. */
  readonly values: string;
  readonly loads: string;
};

/** cuda/places */
export type CudaPlacesView = CudaRunView & {
  readonly functions: readonly Printed[];
  /** What the token at a place of a run is sorted by. */
  readonly loads: string;
  readonly write: string;
};

/** cuda/rows */
export type CudaRowsView = {
  readonly step: string;
  readonly kernel: string;
  readonly threads: number;
  readonly sharedBytes: number;
  readonly functions: readonly Printed[];
  readonly heads: string;
  /** The field of the stored keys. */
  readonly keys: string;
  readonly write: string;
};

/** cuda/parts/write-token */
export type CudaWriteTokenView = {
  readonly results: readonly {
    readonly name: string;
    readonly value: string;
    readonly field: string;
    /** At its place, or at its own number. */
    readonly index: string;
  }[];
  readonly length: string;
};

/** cuda/move */
export type CudaMoveView = {
  readonly step: string;
  readonly kernel: string;
  readonly tensor: string;
  readonly element: string;
  readonly heads: string;
  readonly length: string;
  readonly width: number;
  readonly kv: string;
  /** The number of the line, the field of the order, and where a row comes from and goes to. */
  readonly line: string;
  readonly order: string;
  readonly from: string;
  readonly to: string;
};

type BoundsView = { readonly first: string; readonly end: string };

/** cuda/weigh-keys */
export type CudaWeighKeysView = {
  readonly step: string;
  readonly kernel: string;
  readonly dim: number;
  readonly threads: number;
  readonly sharedBytes: number;
  readonly functions: readonly Printed[];
  readonly queryElement: string;
  readonly keyElement: string;
  readonly rows: BoundsView;
  readonly keys: BoundsView;
  /** Statements that multiply what a thread has by what all are at. */
  readonly product: string;
  /** What the softmax is of. */
  readonly of: string;
  /** The field of the statistics. */
  readonly statistics: string;
};

/** cuda/importance */
export type CudaImportanceView = Pick<
  CudaWeighKeysView,
  "step" | "kernel" | "dim" | "threads" | "functions" | "product"
> & {
  /** Variables of who is worth something and to whom, how many of the former there are, and in the longest batch. */
  readonly own: "key" | "row";
  readonly other: "key" | "row";
  readonly alive: string;
  readonly length: string;
  readonly along: BoundsView;
  /** Statements that find the rows of both, and the name of the thread's own. */
  readonly ownRow: string;
  readonly otherRow: string;
  readonly side: "key" | "query";
  /** Statements that pass over a row which nobody asks about, and over a pair which takes no part. */
  readonly pass: string;
  readonly skip: string;
  /** What a key is worth to no row, and to one more. */
  readonly empty: string;
  readonly join: string;
  /** Statements that find the weight of the pair. */
  readonly weigh: string;
  /** The field of what keys are worth. */
  readonly importance: string;
};
