// The records that the templates of the statistics read, in the manner of views.ts.

import type { AttendView, Printed } from "../views.ts";

/** wasm/reduce.wat */
export type ReduceView = AttendView & {
  /** Sets every fold of the head to what nothing comes to; brings the columns where they belong. */
  readonly starts: readonly string[];
  readonly leaves: readonly string[];
  /** Rows that take part. */
  readonly firstRow: string;
  readonly endRow: string;
};

/** wasm/parts/fold-pairs: one row of scores and weights, four keys at a time. */
export type FoldPairsView = Pick<AttendView, "layout"> & {
  readonly name: string;
  readonly comment: string;
  readonly locals: readonly string[];
  readonly once: readonly string[];
  readonly each: readonly string[];
  readonly open: string;
  readonly join: string;
  readonly close: string;
};

/** wasm/parts/leave-column */
export type LeaveColumnView = Pick<AttendView, "step"> & {
  readonly tile: Pick<AttendView["tile"], "lastKey" | "keyMask">;
  /** Bytes of a key in all columns. */
  readonly columnBytes: number;
  /** Index of the key at `$key` in the line. */
  readonly place: string;
};

/** wasm/fold.wat */
export type FoldView = Pick<AttendView, "step" | "summary"> & {
  /** Address of the tensor, and how many places it has along each axis. */
  readonly target: string;
  readonly batches: string;
  readonly lines: string;
  readonly queries: string;
  readonly keys: string;
  /** The query head of `$line`, the first of its group where lines are KV heads. */
  readonly headOfLine: string;
  readonly group: string;
  readonly type: string;
  /** The function that gives a place its value. */
  readonly value: string;
  readonly functions: readonly Printed[];
};

/** wasm/parts/fold-along */
export type FoldAlongView = Pick<AttendView, "step"> & {
  readonly name: string;
  readonly axis: string;
  readonly type: string;
  readonly identity: string;
  readonly join: string;
  /** Moves the place to `$at`. */
  readonly move: string;
};
