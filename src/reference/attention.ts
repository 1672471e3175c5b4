// Attention by its definition: for each query the scores of all visible keys, normalised, weighted, times the values.
// Dense, in f64, and in the order in which the language describes it; nothing here is clever, because this is what
// every faster level is compared with.

import type { Case, Result } from "../spec/case.ts";
import { floats } from "../tensors/elements.ts";
import { compile } from "./evaluate.ts";
import { InputError } from "./input-error.ts";
import { kvHead } from "./leaf.ts";
import { outputsOf } from "./outputs.ts";
import { type Point, startPoint } from "./point.ts";
import { scorerOf } from "./score.ts";
import { sightOf } from "./sight.ts";
import { surroundingsOf } from "./surroundings.ts";

export { InputError } from "./input-error.ts";

/** Runs the call. Throws `InputError` where the input has no answer. */
export function attend(call: Case): Result {
  const { batch: batches, heads, kvHeads, queries, keys, valueDim } = call.shape;
  const value = floats(call.value);
  const out = new Float64Array(batches * heads * queries * valueDim);
  const lse = new Float64Array(batches * heads * queries);
  const rowAt = rememberedRows(call);
  for (let batch = 0; batch < batches; batch++) {
    for (let head = 0; head < heads; head++) {
      const firstKey = (batch * kvHeads + kvHead(head, call.shape)) * keys;
      for (let row = 0; row < queries; row++) {
        const at = (batch * heads + head) * queries + row;
        const result = rowAt(batch, head, row);
        lse[at] = result.lse;
        result.keys.forEach((key, index) => {
          for (let d = 0; d < valueDim; d++) {
            out[at * valueDim + d]! += result.weights[index]! * value[(firstKey + key) * valueDim + d]!;
          }
        });
      }
    }
  }
  const named = call.attention.outputs.named;
  return { out, lse, ...(named && { named: outputsOf(call, named, rowAt) }) };
}

/** What one query row takes of each key that it sees. */
export type Row = {
  readonly keys: readonly number[];
  /** Of each of these keys: the final score, and what it was normalised to before any weight. */
  readonly s: readonly number[];
  readonly p: readonly number[];
  /** What each value is multiplied by, after normalising and all weights. */
  readonly weights: readonly number[];
  /** log Σ exp(score), the sink counted once; −inf where the sum is empty. */
  readonly lse: number;
};

/** Rows of the map; outputs that reduce over it ask for the same ones again and again. */
function rememberedRows(call: Case): RowAt {
  const rowAt = rowEvaluator(call);
  if (!call.attention.outputs.named) return rowAt;
  const known = new Map<string, Row>();
  return (batch, head, row) => {
    const name = `${batch} ${head} ${row}`;
    const found = known.get(name) ?? rowAt(batch, head, row);
    known.set(name, found);
    return found;
  };
}

export type RowAt = (batch: number, head: number, row: number) => Row;

function rowEvaluator(call: Case): RowAt {
  const { attention, shape } = call;
  const around = surroundingsOf(call);
  const { sees } = sightOf(call);
  const scorer = scorerOf(around);
  const weights = attention.weights.map(({ value }) => compile(value, around, "real"));
  const { normalize } = attention;
  const sink = normalize.kind === "softmax" && normalize.sink ? compile(normalize.sink, around, "real") : undefined;

  function score(point: Point): number {
    scorer.score(point);
    if (Number.isNaN(point.s) || point.s === Infinity) throw new InputError(`the score is ${point.s} ${place(point)}`);
    return point.s;
  }

  return (batch, head, row) => {
    const point: Point = { ...startPoint(), batch, head, row, query: (around.queryStart(batch) + row) | 0 };
    const scored = Array.from({ length: shape.keys }, (_, key) => key)
      .filter((key) => sees(batch, head, row, key))
      .map((key) => ({ key, s: score(Object.assign(point, { key })) }))
      .filter(({ s }) => s !== -Infinity);
    const s = scored.map((entry) => entry.s);
    point.key = 0;
    point.scale = scorer.scale(point);
    const sinkScore = sink?.(point) ?? -Infinity;
    if (Number.isNaN(sinkScore) || sinkScore === Infinity) {
      throw new InputError(`the sink is ${sinkScore} ${place(point)}`);
    }
    const lse = logSumExp([...s, sinkScore]);
    if (scored.length === 0) return emptyRow(point, lse);

    const p = normalised(s, sinkScore);
    const weighted = [...p];
    for (const [index, { key }] of scored.entries()) {
      Object.assign(point, { key, s: s[index], p: p[index], lse });
      point.scale = scorer.scale(point);
      for (const next of weights) point.p = next(point);
      weighted[index] = point.p;
    }
    return { keys: scored.map(({ key }) => key), s, p, weights: weighted, lse };
  };

  function normalised(s: readonly number[], sinkScore: number): number[] {
    if (normalize.kind === "none") return [...s];
    if (normalize.kind === "sum") {
      const total = sum(s);
      return s.map((score) => (total === 0 ? 0 : score / total));
    }
    const highest = largest([...s, sinkScore]);
    const total = sum([...s, sinkScore].map((score) => Math.exp(score - highest)));
    return s.map((score) => Math.exp(score - highest) / total);
  }

  function emptyRow(point: Point, lse: number): Row {
    if (attention.empty === "error") throw new InputError(`no key is visible ${place(point)}`);
    const alive = attention.empty === "uniform" ? Math.min(around.length("key", point.batch), shape.keys) : 0;
    const keys = Array.from({ length: alive }, (_, key) => key);
    // Nothing is visible, whatever the values that stand in for it.
    return { keys, s: [], p: [], weights: keys.map(() => 1 / alive), lse };
  }
}

const sum = (terms: readonly number[]) => terms.reduce((total, term) => total + term, 0);
const largest = (terms: readonly number[]) => terms.reduce((most, term) => Math.max(most, term), -Infinity);

function logSumExp(terms: readonly number[]): number {
  const highest = largest(terms);
  if (highest === -Infinity) return -Infinity;
  return highest + Math.log(sum(terms.map((term) => Math.exp(term - highest))));
}

const place = ({ batch, head, row, query, key }: Point) =>
  `at batch ${batch}, head ${head}, query row ${row} (position ${query}), key ${key}`;
