// One place of the attention map, and what an expression can see around it. The evaluator reads both; the loops of
// mask.ts and attention.ts move the point.

import type { Case } from "../spec/case.ts";

/** A pair of a query and a key of one head. `query` and `key` are token positions, `row` counts rows of this call. */
export type Point = {
  batch: number;
  head: number;
  row: number;
  query: number;
  key: number;
  /** The quantities that expressions may name; whoever evaluates a clause sets those that it may use. */
  s: number;
  p: number;
  lse: number;
  scale: number;
  /** 1 where the query sees the key. */
  visible: number;
  /** In a sparsity: the numbers of the block, and the rows and keys that it holds. */
  i: number;
  j: number;
  members?: Members;
};

/** What the axes `query` and `key` of a reduction run over, in stored order. */
export type Members = { readonly query: readonly number[]; readonly key: readonly number[] };

/** A call with its lengths. They are expressions too, so they come as functions. */
export type Surroundings = {
  readonly call: Case;
  /** `len(axis)` in one batch. */
  length(axis: string, batch: number): number;
  /** Position of query row 0. */
  queryStart(batch: number): number;
  /** Position of the grid's first token. */
  gridOrigin(batch: number): number;
  /** Sets what a reduction may read of a pair: `s`, and where the map is known `p`, `lse` and `visible`. False where the pair does not
   *  see each other. Absent where there are no reductions. */
  readonly look?: (point: Point) => boolean;
  /** Whether the only sparsity chose the block `i`, `j` of a head. Absent where nothing asks. */
  readonly chosen?: (point: Point) => boolean;
};

export const startPoint = (): Point => ({
  batch: 0,
  head: 0,
  row: 0,
  query: 0,
  key: 0,
  s: Number.NaN,
  p: Number.NaN,
  lse: Number.NaN,
  scale: Number.NaN,
  visible: Number.NaN,
  i: 0,
  j: 0,
});
