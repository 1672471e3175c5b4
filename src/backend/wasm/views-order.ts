// The records that the templates of the ordering steps read, in the manner of views.ts.

import type { AttendView, Printed } from "../views.ts";
import type { ListedKeysView } from "./views-choose.ts";

/** wasm/order.wat */
export type OrderView = Pick<AttendView, "step" | "at"> & {
  /** How many tokens there are, and how many of them are sorted. */
  readonly count: string;
  readonly alive: string;
  /** How many lines of tokens a batch has, and which heads `$line` is of. */
  readonly lines: { readonly count: string; readonly head: string; readonly kv: string };
  /** Address of the line at hand, and of room for as many tokens. */
  readonly line: string;
  readonly spare: string;
  /** For the heading: where tokens are sorted together. */
  readonly within: string;
  readonly segmentEnd: string;
  readonly sortSegment: string;
  /** What the tokens are sorted by: the value of `$token`, the line of such values, and what says that one is stored behind
   *  another. */
  readonly sort: readonly { readonly value: string; readonly line: string; readonly compare: string }[];
  /** Calls of what follows from the sorted line. */
  readonly after: string;
  readonly coordinates: readonly {
    readonly index: number;
    readonly name: string;
    readonly line: string;
    readonly count: string;
    /** The positions that the function takes, of the token at `$place`. */
    readonly token: string;
  }[];
  readonly functions: readonly Printed[];
};

/** wasm/parts/rows-in-order */
export type RowsInOrderView = {
  readonly step: string;
  readonly keysLine: string;
  readonly rowsLine: string;
  readonly queries: string;
};

/** wasm/parts/places-of-tokens */
export type PlacesOfTokensView = {
  readonly step: string;
  readonly count: string;
  readonly line: string;
  readonly placesLine: string;
};

/** wasm/importance.wat */
export type ImportanceView = Pick<AttendView, "step" | "at"> & {
  readonly heads: string;
  readonly kvHeads: string;
  /** For the heading: who is worth something to whom. */
  readonly what: string;
  /** How many tokens are worth something, and the local that counts them. */
  readonly length: string;
  readonly place: string;
  /** Rows that take part. */
  readonly rows: { readonly first: string; readonly end: string };
  /** Address of what the head's tokens are worth, and the bits of what they are worth to nobody. */
  readonly line: string;
  readonly emptyBits: number;
  /** Statement that passes over a `$row` that nobody asks about. */
  readonly pass: string;
  /** The call that computes the softmax of `$row`, where there is one. */
  readonly weigh: string;
  /** Statement that multiplies `$row` with the next four keys, where they are worth something by that. */
  readonly multiply: string;
  /** Statement that joins what `$key` is worth to `$row` to what stands `$at` its place. */
  readonly meet: string;
  readonly functions: readonly Printed[];
} & ListedKeysView;

/** wasm/parts/weigh-keys */
export type WeighKeysView = {
  readonly step: string;
  /** Address of the row's weights. */
  readonly weights: string;
  /** Position of `$row`, and the statement that multiplies it with four keys from `$key` on. */
  readonly position: string;
  readonly multiply: string;
  readonly lanes: ListedKeysView["lanes"];
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
    /** The head whose rows are read. */
    readonly fromHead: string;
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
