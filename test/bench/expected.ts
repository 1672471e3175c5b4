// What plain attention is, as sums in f64 by the shortest way: beside it, every side of a benchmark shows that it computes
// what it is timed for.

import type { PlainCall } from "./onnxruntime.ts";

/** Dot products that a check may take; of a larger call, every so many rows are looked at. */
const MOST_PAIRS = 2 ** 24;

/** The row of [heads, queries] that is furthest off; one with a NaN is infinitely so. */
export function worstRow(out: Float32Array, call: PlainCall, sees: (q: number, k: number) => boolean) {
  const { heads, queries, keys, dim } = call;
  const rows = heads * queries;
  const step = Math.ceil((rows * keys) / MOST_PAIRS);
  let worst = { row: 0, difference: 0 };
  for (let row = 0; row < rows; row += step) {
    const wanted = expectedRow(call, row, sees);
    for (let at = 0; at < dim; at++) {
      const off = Math.abs(out[row * dim + at]! - wanted[at]!);
      const difference = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
      if (difference > worst.difference) worst = { row, difference };
    }
  }
  return worst;
}

function expectedRow(call: PlainCall, row: number, sees: (q: number, k: number) => boolean): Float64Array {
  const { heads, kvHeads, queries, keys, dim, query, key, value } = call;
  const head = Math.floor(Math.floor(row / queries) / (heads / kvHeads));
  const position = (row % queries) + keys - queries;
  const seen = Array.from({ length: keys }, (_, k) => k).filter((k) => sees(position, k));
  const scores = seen.map((k) => dot(query, row * dim, key, (head * keys + k) * dim, dim) / Math.sqrt(dim));
  const most = scores.reduce((left, right) => Math.max(left, right));
  const weights = scores.map((score) => Math.exp(score - most));
  const sum = weights.reduce((left, right) => left + right);
  const result = new Float64Array(dim);
  for (const [index, k] of seen.entries()) {
    const from = (head * keys + k) * dim;
    for (let at = 0; at < dim; at++) result[at]! += (weights[index]! / sum) * value[from + at]!;
  }
  return result;
}

function dot(left: Float32Array, from: number, right: Float32Array, start: number, length: number): number {
  let sum = 0;
  for (let at = 0; at < length; at++) sum += left[from + at]! * right[start + at]!;
  return sum;
}
