// The records that the templates of the ordering steps read, in the manner of views.ts.

import type { AttendView, Printed } from "../views.ts";

/** wasm/order.wat */
export type OrderView = Pick<AttendView, "step" | "at"> & {
  /** How many tokens there are, and how many of them are sorted. */
  readonly count: string;
  readonly alive: string;
  /** The positions that the functions of what they are sorted by take, of `$token`. */
  readonly token: string;
  readonly kvHeads: string;
  /** Address of the stored tokens of the batch's first KV head, and of room for as many. */
  readonly line: string;
  readonly spare: string;
  /** For the heading: where tokens are sorted together. */
  readonly within: string;
  readonly segmentEnd: string;
  readonly sortSegment: string;
  /** What the tokens are sorted by: a function, the line of its values, and what says that one is stored behind another. */
  readonly sort: readonly { readonly name: string; readonly line: string; readonly compare: string }[];
  /** The call that orders rows, where they are. */
  readonly rows: string;
  readonly coordinates: readonly {
    readonly index: number;
    readonly name: string;
    readonly line: string;
    readonly count: string;
    /** The positions that the function takes, of the token at `$place`. */
    readonly token: string;
  }[];
  /** All that every KV head has a line of. */
  readonly lines: readonly { readonly line: string; readonly count: string }[];
  readonly functions: readonly Printed[];
};

/** wasm/parts/rows-in-order */
export type RowsInOrderView = {
  readonly step: string;
  readonly keysLine: string;
  readonly rowsLine: string;
  readonly queries: string;
};

/** wasm/move.wat */
export type MoveView = Pick<AttendView, "step" | "at"> & {
  readonly what: string;
  readonly heads: string;
  readonly kvHeads: string;
  readonly moves: readonly {
    readonly index: number;
    readonly name: string;
    readonly heads: string;
    /** Rows of a head, the line that says which token is stored where, and the bytes of a row. */
    readonly count: string;
    readonly line: string;
    readonly bytes: number;
    /** Where the addresses and strides stand in the parameter block, and which row is meant. */
    readonly from: number;
    readonly to: number;
    readonly fromRow: string;
    readonly toRow: string;
  }[];
};
