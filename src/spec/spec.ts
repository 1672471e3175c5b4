// What the user means: every name resolved, every type known, every call of a user's `fn`, `mask` or `score`
// replaced by its body. This is the only description of a program that the reference interpreter sees; the compiler
// proper lowers it to its own expressions and never looks back.
//
// Expressions are directed acyclic graphs: equal arguments of equal functions share one object, so that forty
// functions that each call the previous one twice stay small. Walk them with a memo.

import type { OpName } from "../ops/index.ts";
import type { ScalarType, Value } from "../ops/op.ts";
import type { Name, Span } from "../source/span.ts";
import type { NamedOutput, Permutation, Pooled, Reduction, Sparsity } from "./choice.ts";

/** Index variables of one element of the map. `kv` is `h // (heads / kv_heads)`. */
export type PositionAxis = "batch" | "head" | "kv" | "query" | "key";

/** Row vectors in scope of a score or a weight. */
export type Vector = "Q" | "K" | "V";

export type Expr =
  | { readonly kind: "literal"; readonly type: ScalarType; readonly value: Value }
  /** `b h kv q k`. `q` and `k` are token positions. */
  | { readonly kind: "position"; readonly type: "int"; readonly axis: PositionAxis }
  /** `q.y`, `k.y`: a coordinate of the attention's grid. */
  | { readonly kind: "coordinate"; readonly type: "int"; readonly of: "query" | "key"; readonly axis: string }
  /** `len(axis)`: a built-in axis, a grid axis, or a fresh axis name of a captured tensor. */
  | { readonly kind: "length"; readonly type: "int"; readonly axis: string }
  /** `s` the score so far (in a weight: the final score), `p` the weight so far, `lse`, `scale`. */
  | { readonly kind: "quantity"; readonly type: "float"; readonly name: "s" | "p" | "lse" | "scale" }
  /** Whether the query sees the key. In outputs only. */
  | { readonly kind: "quantity"; readonly type: "bool"; readonly name: "visible" }
  /** `dot(left, right)` of two row vectors, unscaled. */
  | { readonly kind: "product"; readonly type: "float"; readonly left: Vector; readonly right: Vector }
  /** A run-time or const scalar parameter of the attention. */
  | { readonly kind: "param"; readonly type: ScalarType; readonly name: string }
  /** An element of a captured tensor. `at` has one index per axis that is written: `batch`, `head`, `kv` are implicit.
   *  Indices of `query` axes are positions; every index is clamped to its axis. */
  | { readonly kind: "element"; readonly type: ScalarType; readonly tensor: string; readonly at: readonly Expr[] }
  /** `i`, `j` of a sparsity: the number of a block of query rows, of keys. */
  | { readonly kind: "block"; readonly type: "int"; readonly of: "query" | "key" }
  /** Whether the sparsity chose the block at hand. As an output by itself only. */
  | { readonly kind: "chosen"; readonly type: "bool" }
  /** A reduction over an axis of the map. This and the next stand in outputs, sparsities and permutations only. */
  | { readonly kind: "reduce"; readonly type: ScalarType; readonly reduction: Reduction }
  /** `dot` of rows of which at least one is made of rows. */
  | { readonly kind: "pooled"; readonly type: "float"; readonly left: Pooled; readonly right: Pooled }
  | { readonly kind: "apply"; readonly type: ScalarType; readonly op: OpName; readonly args: readonly Expr[] };

/** Inclusive bounds that the caller promises; a missing end is open. */
export type Range = { readonly low?: number; readonly high?: number };

/** Bounds that are given by `const` parameters, by name; they hold beside those of `range`. */
export type ConstBounds = { readonly low?: string; readonly high?: string };

export type Param = {
  readonly name: string;
  readonly type: ScalarType;
  /** Fixed when the kernel is compiled, not when it is called. */
  readonly const: boolean;
  readonly range: Range;
  readonly constBounds?: ConstBounds;
  readonly default?: Value;
  readonly documentation?: string;
  readonly span: Span;
};

/** Element types that files and kernels know. `u8` and `bool` are one byte. */
export type ElementType = "f32" | "f16" | "bf16" | "i32" | "u8" | "bool";

/** One axis of a captured tensor. */
export type TensorAxis =
  /** `batch head kv`: bound to the current one and never written in an index. */
  | { readonly kind: "implicit"; readonly axis: "batch" | "head" | "kv" }
  /** `query key token`: indexed by position. A `query` axis holds the rows of this call, `key` and `token` the keys. */
  | { readonly kind: "position"; readonly axis: "query" | "key" | "token" }
  /** A plain index from 0 with an extent that is known from literals and const parameters, or a grid axis's length. */
  | { readonly kind: "extent"; readonly extent: Expr }
  /** A fresh name, bound to the tensor's own extent; tensors that use the same name must agree. */
  | { readonly kind: "fresh"; readonly name: string };

export type TensorParam = {
  readonly name: string;
  readonly element: ElementType;
  readonly axes: readonly TensorAxis[];
  readonly range: Range;
  readonly constBounds?: ConstBounds;
  /** Non-decreasing along the last axis. */
  readonly sorted: boolean;
  readonly documentation?: string;
  readonly span: Span;
};

/** One axis of a grid, outermost first. Without `extent` it is a shape parameter of the call. */
export type GridAxis = { readonly name: string; readonly extent?: Expr };
export type Grid = { readonly axes: readonly GridAxis[]; readonly origin: Expr };

/** An expression with the place it was written and the name it was used by, for explanations. */
export type Clause = { readonly value: Expr; readonly span: Span; readonly label: string };

export type Normalize =
  /** p = exp(s − lse), where the sink, if any, is one more term of the sum and has no value. */
  | { readonly kind: "softmax"; readonly sink?: Expr }
  /** p = s / Σ s, and 0 where the sum is 0. */
  | { readonly kind: "sum" }
  /** p = s. */
  | { readonly kind: "none" };

export type EmptyPolicy = "zero" | "uniform" | "error";

export type Attention = {
  readonly name: Name;
  readonly span: Span;
  readonly documentation: string;
  readonly params: readonly Param[];
  readonly tensors: readonly TensorParam[];
  readonly grid?: Grid;
  /** All must hold. Bool, decided in f32. */
  readonly masks: readonly Clause[];
  /** Applied in order; `s` is the result of the one before, at first scale · dot(Q, K). */
  readonly scores: readonly Clause[];
  /** Absent: 1 / sqrt(len(dim)). */
  readonly scale?: Clause;
  readonly normalize: Normalize;
  readonly empty: EmptyPolicy;
  /** Applied in order to `p`; they touch visible keys only. */
  readonly weights: readonly Clause[];
  /** Position of the first query row when the caller gives none. */
  readonly align: Expr;
  /** A pair is computed where all of them choose its block. Absent: every block. */
  readonly sparsities?: readonly Sparsity[];
  readonly permutation?: Permutation;
  /** Of `permute auto`: orders of which the compiler may take one. None of them changes a result. */
  readonly orders?: readonly Permutation[];
  readonly outputs: { readonly lse: boolean; readonly named?: readonly NamedOutput[] };
};

export type Spec = { readonly attentions: readonly Attention[] };
