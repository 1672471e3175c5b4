// The records that the templates of the choosing steps read, in the manner of views.ts.

import type { CodeView, Printed } from "../views.ts";

/** cuda/sum */
export type CudaSumView = {
  readonly step: string;
  readonly kernel: string;
  readonly of: "query" | "key";
  /** Rows of a block. */
  readonly size: number;
  readonly dim: number;
  /** How many heads and rows there are, and how many rows of the batch count. */
  readonly heads: string;
  readonly length: string;
  readonly alive: string;
  readonly element: string;
  /** The field of the sums. */
  readonly sums: string;
};

/** cuda/score */
export type CudaScoreView = {
  readonly step: string;
  readonly kernel: string;
  readonly tile: { readonly queries: number; readonly keys: number };
  readonly dim: number;
  readonly threads: number;
  readonly function: string;
  /** Whether the score reads the product of the sums; then the fields of these. */
  readonly reads: boolean;
  readonly query: string;
  readonly key: string;
  readonly scores: string;
  readonly score: string;
};

/** cuda/choose */
export type CudaChooseView = {
  readonly step: string;
  readonly kernel: string;
  readonly tile: { readonly queries: number; readonly keys: number };
  readonly threads: number;
  readonly sharedBytes: number;
  readonly functions: readonly Printed[];
  readonly head: string;
  readonly queryTile: string;
  readonly may: CodeView;
  readonly must: CodeView;
  /** Calls of the functions: of a pair, of a block, of a row of blocks. */
  readonly called: Readonly<
    Record<"visible" | "among" | "holds" | "forced" | "added" | "amount" | "least" | "most", string>
  >;
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
