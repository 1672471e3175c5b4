// What a program says beyond one pair of the map: reductions over its axes, blocks that are chosen from the data, the order in
// which tokens are stored, and outputs beside `out`. Language, §3 to §5.

import type { ScalarType } from "../ops/op.ts";
import type { Name, Span } from "../source/span.ts";
import type { Expr, Vector } from "./spec.ts";

/** Axes that a reduction runs along. `group` holds the query heads of one KV head. */
export type ReducedAxis = "query" | "key" | "head" | "kv" | "group";

/** Reductions that remove their axis. */
export type Fold = "sum" | "mean" | "max" | "min" | "count" | "any" | "all";
/** Reductions that give a value for every place of their axis. */
export type Along = "softmax" | "rank" | "avg_pool" | "max_pool";

/** The part of an axis that takes part: `first N` and `last N` are clipped to what is there. */
export type AxisRange =
  | { readonly kind: "first" | "last"; readonly count: Expr }
  | { readonly kind: "where"; readonly condition: Expr };

/** `mean[query: last 32] p`. In a sparsity an axis is that of the block. */
export type Reduction = {
  readonly op: Fold | Along;
  readonly axis: ReducedAxis;
  /** In a sparsity: all keys that are alive, not those of the block. Written `max[row] s`. */
  readonly whole?: true;
  readonly range?: AxisRange;
  /** Of a pooling: places in its window, which is centred. */
  readonly width?: Expr;
  readonly operand: Expr;
};

/** A row made of rows, element by element: `(sum[key] K) / sqrt(count[key] true)`. Reductions stand innermost first. */
export type Pooled = {
  readonly of: Vector;
  readonly reductions: readonly {
    readonly op: "sum" | "mean" | "max" | "min";
    readonly axis: ReducedAxis;
    readonly range?: AxisRange;
  }[];
  /** What the row is multiplied by, if anything. */
  readonly factor?: Expr;
};

/** Tokens of one side of a block, or chunks that begin where a sorted tensor says. */
export type BlockSide =
  | { readonly kind: "size"; readonly size: Expr }
  | { readonly kind: "bounds"; readonly tensor: string };

/** Which candidates of a row of blocks (or of all) are kept. Ties go to the lower block. */
export type KeepRule =
  | { readonly kind: "top"; readonly count: Expr }
  /** ⌊R · candidates⌋, or rounded otherwise. */
  | { readonly kind: "ratio"; readonly ratio: Expr; readonly rounding: "floor" | "ceil" | "round" }
  /** The shortest list of the best whose softmax sums to P; without the block that crosses P where `before` says so. */
  | { readonly kind: "mass"; readonly mass: Expr; readonly before: boolean }
  | { readonly kind: "above"; readonly threshold: Expr }
  | { readonly kind: "where"; readonly condition: Expr };

export type Region =
  | { readonly kind: "where"; readonly condition: Expr }
  | { readonly kind: "first" | "last" | "contains"; readonly value: Expr }
  | { readonly kind: "diagonal" };

/** Heads that share scores (`mean`, `max`, before the softmax) or choices (`any`, `all`). */
export type Share = { readonly how: "mean" | "max" | "any" | "all"; readonly over: "group" | "heads" };

/** Blocks of the stored order that are computed, chosen when the attention is called. Expressions read `i` and `j`, the
 *  numbers of a block of query rows and of keys; `query` and `key` axes of their reductions are those of the block. */
export type Sparsity = {
  readonly name: Name;
  readonly span: Span;
  readonly rows: BlockSide;
  readonly keys: BlockSide;
  /** Absent where `keep` reads none. */
  readonly score?: Expr;
  readonly share?: Share;
  /** Bool: what may be chosen, beside that the mask must not empty the block. */
  readonly among?: Expr;
  readonly keep: {
    readonly rule: KeepRule;
    readonly least?: Expr;
    readonly most?: Expr;
    readonly over: "row" | "all";
    /** What a row keeps that cannot reach the mass. */
    readonly otherwise: "all" | "none";
  };
  /** In the choice whatever their score. `within`: they count towards it, else they come on top. */
  readonly always: readonly { readonly within: boolean; readonly region: Region }[];
};

/** The order in which tokens are stored: a stable sort within segments. Expressions read `q` or `k`, the original position. */
export type Permutation = {
  readonly name: Name;
  readonly span: Span;
  readonly of: "key" | "query" | "token";
  readonly per: "head" | "kv" | "batch";
  /** Tokens move inside segments of this size only; `complete`: a shorter last one stays as it is. */
  readonly within?: { readonly size: Expr; readonly complete: boolean };
  readonly order: readonly { readonly value: Expr; readonly descending: boolean }[];
};

/** Axes of the places of a call, in this order. */
export type PlaceAxis = "batch" | "head" | "kv" | "query" | "key";

/** Axes that a named output may have. Blocks are those of the sparsity. */
export type OutputAxis = PlaceAxis | "queryBlock" | "keyBlock";

/** `output mass = sum[query] p`: a value for every place of the axes that its expression leaves. */
export type NamedOutput = {
  readonly name: string;
  readonly span: Span;
  readonly type: ScalarType;
  readonly axes: readonly OutputAxis[];
  readonly value: Expr;
};
