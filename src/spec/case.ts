// One call of an attention: a Spec, a shape, and every value that the caller passes. All levels, from the reference
// to the kernels, run the same Case, so that their answers can be laid side by side.

import type { Value } from "../ops/op.ts";
import type { Tensor } from "../tensors/tensor.ts";
import type { Attention } from "./spec.ts";

/** Extents of one call. `axes` holds grid axes that have no constant extent. */
export type Shape = {
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** KV heads of the call, where it stores keys once for each query head. */
  readonly calledKvHeads?: number;
  readonly queries: number;
  readonly keys: number;
  readonly dim: number;
  readonly valueDim: number;
  readonly axes: Readonly<Record<string, number>>;
};

export type Case = {
  readonly attention: Attention;
  readonly shape: Shape;
  /** Every parameter of the attention, const ones too, defaults filled in. */
  readonly params: Readonly<Record<string, Value>>;
  /** Captured tensors under their parameter's name. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** [batch, heads, queries, dim] */
  readonly query: Tensor;
  /** [batch, kvHeads, keys, dim] */
  readonly key: Tensor;
  /** [batch, kvHeads, keys, valueDim] */
  readonly value: Tensor;
  /** Keys alive per batch, [batch]; absent: all. */
  readonly keyLengths?: readonly number[];
  /** Position of query row 0 per batch, [batch]; absent: by the attention's alignment. */
  readonly queryStart?: readonly number[];
};

/** Values in row-major order of the output's axes; booleans are 0 and 1. */
export type NamedResult = { readonly shape: readonly number[]; readonly data: Float64Array | Float32Array };

/** What every level returns. */
export type Result = {
  /** [batch, heads, queries, valueDim] */
  readonly out: Float64Array | Float32Array;
  /** [batch, heads, queries], natural log; −inf where nothing is visible. Always present from the reference. */
  readonly lse?: Float64Array | Float32Array;
  /** The outputs that the attention names, under their names. */
  readonly named?: Readonly<Record<string, NamedResult>>;
  /** The type that `out` was rounded to, where it was to one of 16 bits. */
  readonly rounded?: "f16" | "bf16";
};
