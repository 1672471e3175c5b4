// What the published systems have in common, in f64 and by hand: rows of a call, a softmax over a set of keys, attention
// where each head is told which pairs it sees. Nothing of ours is imported, so that a wrong rule cannot be wrong on both
// sides of a comparison.

import type { Sizes } from "../examples/dense.ts";

export type Tensor = { readonly shape: readonly number[]; readonly data: readonly number[] };

export type Inputs = {
  readonly sizes: Sizes;
  /** Flat, row-major: [batch, heads, queries, dim], [batch, kvHeads, keys, dim], [batch, kvHeads, keys, valueDim]. */
  readonly query: ArrayLike<number>;
  readonly key: ArrayLike<number>;
  readonly value: ArrayLike<number>;
  readonly scalar: Readonly<Record<string, number>>;
  readonly tensor: Readonly<Record<string, Tensor>>;
};

export type Call = {
  readonly sizes: Sizes;
  readonly scalar?: Readonly<Record<string, number>>;
  readonly tensor?: Readonly<Record<string, Tensor>>;
};

export type Result = {
  /** [batch, heads, queries, valueDim] */
  readonly out: Float64Array;
  /** The blocks chosen, before the element mask: [batch * heads][row block][key block]. A block that the mask empties is never one. */
  readonly selected?: readonly (readonly (readonly boolean[])[])[];
  /** Whether a row block has rows, where chunks of them may have none: [batch * heads][row block]. */
  readonly inhabited?: readonly (readonly boolean[])[];
  /** The original position of each stored key: [batch * heads][keys]. */
  readonly order?: readonly (readonly number[])[];
  /** Named outputs, flat, in the order of axes that the system states. */
  readonly outputs?: Readonly<Record<string, Float64Array>>;
  /** How narrowly the nearest choice was taken, in score or mass. Where it is tiny, f32 may rightly choose otherwise. */
  readonly margin?: number;
};

/** A published method: its program, the calls to compare on, and what it computes. */
export type System = {
  readonly name: string;
  readonly source: string;
  /** The program. The last attention in it is the system. */
  readonly attn: string;
  readonly calls: readonly Call[];
  readonly run: (inputs: Inputs) => Result;
};

/** One query head with the KV head it reads. Row r stands at position row0 + r: the last row is the last key. */
export type Head = {
  readonly index: number;
  readonly b: number;
  readonly h: number;
  readonly Q: readonly (readonly number[])[];
  readonly K: readonly (readonly number[])[];
  readonly V: readonly (readonly number[])[];
  readonly scale: number;
  readonly row0: number;
};

export function headsOf(inputs: Inputs, scale = 1 / Math.sqrt(inputs.sizes.dim)): Head[] {
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = inputs.sizes;
  return range(batch * heads).map((index) => {
    const [b, h] = [Math.floor(index / heads), index % heads];
    const kv = b * kvHeads + Math.floor(h / (heads / kvHeads));
    return {
      ...{ index, b, h, scale, row0: keys - queries },
      Q: rows(inputs.query, index * queries, queries, dim),
      K: rows(inputs.key, kv * keys, keys, dim),
      V: rows(inputs.value, kv * keys, keys, valueDim),
    };
  });
}

/** `count` rows of `width` numbers, from row `first` on. */
export function rows(flat: ArrayLike<number>, first: number, count: number, width: number): number[][] {
  return range(count).map((r) => range(width).map((d) => flat[(first + r) * width + d]!));
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
export const sum = (xs: readonly number[]): number => xs.reduce((a, x) => a + x, 0);
export const dot = (x: readonly number[], y: readonly number[]): number => sum(x.map((a, d) => a * y[d]!));
export const sumOfRows = (xs: readonly (readonly number[])[]): number[] =>
  range(xs[0]!.length).map((d) => sum(xs.map((x) => x[d]!)));
export const scaled = (x: readonly number[], factor: number): number[] => x.map((a) => a * factor);
export const meanOfRows = (xs: readonly (readonly number[])[]): number[] => scaled(sumOfRows(xs), 1 / xs.length);

/** Softmax over the scores that there are; 0 at the others, and everywhere if there is none. */
export function softmax(scores: readonly (number | undefined)[]): number[] {
  const top = Math.max(...scores.map((s) => s ?? -Infinity));
  const weights = scores.map((s) => (s === undefined ? 0 : Math.exp(s - top)));
  const total = sum(weights);
  return total === 0 ? weights : scaled(weights, 1 / total);
}

/** Whether row r of a head sees the key at position k. */
export type Sight = (head: Head, r: number, k: number) => boolean;
export const causal: Sight = (head, r, k) => k <= head.row0 + r;
export const everything: Sight = () => true;

/** The map p[r][k] of one head. */
export function mapOf(head: Head, sees: Sight): number[][] {
  return head.Q.map((x, r) => softmax(head.K.map((y, k) => (sees(head, r, k) ? head.scale * dot(x, y) : undefined))));
}

/** [batch, heads, queries, valueDim]; a row that sees nothing is 0. */
export function attend(heads: readonly Head[], sees: Sight): Float64Array {
  return Float64Array.from(
    heads.flatMap((head) =>
      mapOf(head, sees).flatMap((p) => range(head.V[0]!.length).map((e) => sum(p.map((w, k) => w * head.V[k]![e]!)))),
    ),
  );
}

/** A stable sort of 0..count-1 by lists of numbers, compared in order. */
export function sortedBy(count: number, keysOf: (i: number) => readonly number[]): number[] {
  const keys = range(count).map(keysOf);
  return range(count).sort((i, j) => keys[i]!.map((x, at) => x - keys[j]![at]!).find((d) => d !== 0) ?? i - j);
}

/** Extents of a call of as many queries as keys: two heads on one KV head. */
export const square = (tokens: number, more: Partial<Sizes> = {}): Sizes => ({
  ...{ batch: 1, heads: 2, kvHeads: 1, queries: tokens, keys: tokens, dim: 8, valueDim: 4 },
  ...more,
});

/** Inputs of a call, drawn from [-2, 2) by a small generator and rounded to f32. */
export function draw(call: Call, seed: number): Inputs {
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = call.sizes;
  let state = seed;
  const unit = () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  const fill = (count: number) => Array.from({ length: count }, () => Math.fround(4 * unit() - 2));
  const query = fill(batch * heads * queries * dim);
  const key = fill(batch * kvHeads * keys * dim);
  const value = fill(batch * kvHeads * keys * valueDim);
  return { sizes: call.sizes, query, key, value, scalar: call.scalar ?? {}, tensor: call.tensor ?? {} };
}
