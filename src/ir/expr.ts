// One attention as pure expressions over its coordinates: nothing of the surface language is left, every index is
// explicit, every captured tensor is read with all of its axes. Nine shapes; a new operation adds a row to OPS, never
// a shape here. Expressions are immutable, shared graphs: make them with `make.ts`, walk them with `walk.ts`.

import type { OpName } from "../ops/index.ts";
import type { ScalarType, Value } from "../ops/op.ts";
import type { Span } from "../source/span.ts";
import type { ElementType, EmptyPolicy, Range } from "../spec/spec.ts";
import type { Order } from "./order.ts";
import type { Selection } from "./selection.ts";
import type { Statistics } from "./statistics.ts";

/** Coordinates of one pair. `query` and `key` are token positions; `kv` is derived, `head // (heads / kvHeads)`. */
export type Axis = "batch" | "head" | "kv" | "query" | "key";

/** Run-time lengths. `keys` and `queryStart` belong to the current batch; other names are grid axes and fresh axes. */
export type Extent =
  | "batch"
  | "heads"
  | "kvHeads"
  | "queries"
  | "keys"
  | "dim"
  | "valueDim"
  | "queryStart"
  | `axis:${string}`;

export type Quantity =
  /** dot(Q, K), unscaled; in the score of a block the first of its products, and then the others. */
  | "dot"
  | "dot2"
  | "dot3"
  | "dot4"
  /** scale · dot(Q, K) in a score program; the final score in a weight. */
  | "score"
  /** p before the weights. */
  | "weight"
  | "lse"
  /** dot(Q, Q), dot(K, K), dot(V, V). */
  | "queryNorm2"
  | "keyNorm2"
  | "valueNorm2";

export type Expr =
  | { readonly kind: "const"; readonly type: ScalarType; readonly value: Value }
  | { readonly kind: "coord"; readonly type: "int"; readonly axis: Axis }
  | { readonly kind: "extent"; readonly type: "int"; readonly extent: Extent }
  | { readonly kind: "quantity"; readonly type: "float"; readonly name: Quantity }
  | { readonly kind: "param"; readonly type: ScalarType; readonly name: string }
  /** Element of a captured tensor; one index per axis of the tensor, each clamped to 0 ‥ extent − 1 (0 if empty). */
  | { readonly kind: "load"; readonly type: ScalarType; readonly tensor: string; readonly at: readonly Expr[] }
  | { readonly kind: "op"; readonly type: ScalarType; readonly op: OpName; readonly args: readonly Expr[] }
  /** How many of the first `count` elements are below `value`, in a tensor that is sorted along its last axis; `at` holds the
   *  other indices. Only scheduled expressions search. */
  | {
      readonly kind: "search";
      readonly type: "int";
      readonly tensor: string;
      readonly at: readonly Expr[];
      readonly count: Expr;
      readonly value: Expr;
    }
  /** A value computed earlier, by name. Only scheduled expressions hold locals; nothing before the plan does. */
  | { readonly kind: "local"; readonly type: ScalarType; readonly name: string };

/** A run-time scalar. `const` parameters are gone: lowering has put their values in. */
export type Param = {
  readonly name: string;
  readonly type: ScalarType;
  readonly range: Range;
  readonly default?: Value;
};

/** A captured tensor with the extent of every axis. */
export type Tensor = {
  readonly name: string;
  readonly element: ElementType;
  readonly extents: readonly Expr[];
  readonly range: Range;
  readonly sorted: boolean;
  /** Where it is declared, for problems of fitting it to a target. */
  readonly span: Span;
};

export type Normalize =
  | { readonly kind: "softmax"; readonly sink?: Expr }
  | { readonly kind: "sum" }
  | { readonly kind: "none" };

/** One attention, complete and target-free. */
export type AttentionIr = {
  readonly name: string;
  /** Where the attention's name is written. */
  readonly span: Span;
  readonly params: readonly Param[];
  readonly tensors: readonly Tensor[];
  /** Extents that the caller passes beside the usual ones: grid axes without a constant extent. */
  readonly shapeParams: readonly string[];
  /** True where the key is visible. Decided in f32. */
  readonly mask: Expr;
  /** Factor of dot(Q, K). */
  readonly scale: Expr;
  /** The score as a function of `quantity score` (= scale · dot). The bare quantity when there is no score clause. */
  readonly score: Expr;
  readonly normalize: Normalize;
  readonly empty: EmptyPolicy;
  /** The weight as a function of `quantity weight` (p) and `quantity score` (the final score). */
  readonly weight: Expr;
  /** Position of query row 0 unless the caller says otherwise. */
  readonly queryStart: Expr;
  readonly outputs: { readonly lse: boolean };
  /** Blocks that are chosen first; the mask reads what was chosen. */
  readonly selections: readonly Selection[];
  /** Where it is given, the coordinates `query` and `key` of all other expressions are stored places. */
  readonly order?: Order;
  /** What the outputs that the attention names are made of. */
  readonly statistics?: Statistics;
};
