// Runs an attention from its expressions: dense loops in f64, one row at a time, nothing tiled and nothing skipped. It
// shows whether lowering or a pass changed the meaning, so it shares no code with the reference that it is held to.

import { dependencies } from "../analysis/depends.ts";
import { type Bindings, evaluator, type Point, startPoint } from "../ir/evaluate.ts";
import type { AttentionIr, Quantity } from "../ir/expr.ts";
import { lowerAttention } from "../ir/lower.ts";
import { optimize } from "../passes/index.ts";
import type { Case, Result } from "../spec/case.ts";
import { floats } from "../tensors/elements.ts";
import { bindCase, keysAlive, kvHeadOf } from "./environment.ts";
import { type FoldedMap, foldMap } from "./run-statistics.ts";
import type { Runner } from "./runner.ts";
import { storedCall } from "./stored-call.ts";

const lower = (call: Case): AttentionIr => lowerAttention(call.attention, { consts: call.params });

/** The expressions as lowering leaves them. */
export const irRunner: Runner = {
  level: "ir",
  available: () => true,
  run: async (call) => runAttention(lower(call), call),
};

/** The expressions after all passes. */
export const optimizedRunner: Runner = {
  level: "optimized",
  available: () => true,
  run: async (call) => runAttention(optimize(lower(call)), call),
};

/** `out`, `lse` and named outputs of the call, in f64. Throws where a row sees no key and the attention says `empty error`. */
export function runAttention(attention: AttentionIr, given: Case): Result {
  const { call, restore } = storedCall(attention, given);
  const { batch: batches, heads, queries, valueDim } = call.shape;
  const out = new Float64Array(batches * heads * queries * valueDim);
  const lse = new Float64Array(batches * heads * queries);
  const bindings = bindCase(attention, call);
  const folded = foldMap(attention, call, bindings);
  const attendRow = rowAttention(attention, call, bindings, folded);
  const point = startPoint();
  for (let batch = 0; batch < batches; batch++) {
    for (let head = 0; head < heads; head++) {
      const kv = kvHeadOf(head, call.shape);
      for (let row = 0; row < queries; row++) {
        const query = (bindings.extent("queryStart", batch) + row) | 0;
        const at = (batch * heads + head) * queries + row;
        Object.assign(point, { batch, head, kv, query });
        lse[at] = attendRow(point, row, out.subarray(at * valueDim, (at + 1) * valueDim));
      }
    }
  }
  const result = restore({ out, lse });
  return { ...result, ...(folded && { named: folded.results(result.lse!) }) };
}

/** One key that a row sees. */
type Seen = { readonly key: number; readonly score: number };

/** A function that adds the weighted values of one row to `out` and returns the row's lse. */
function rowAttention(attention: AttentionIr, call: Case, bindings: Bindings, folded: FoldedMap | undefined) {
  const scores = rowScores(attention, call, bindings);
  const measure = measureOf(attention, call);
  const weigh = evaluator(attention.weight, "real", bindings);
  const foldValues = (attention.statistics?.ofMap ?? []).map(({ value }) => evaluator(value, "real", folded!.bindings));
  const { normalize } = attention;
  const sinkOf = normalize.kind === "softmax" && normalize.sink && evaluator(normalize.sink, "real", bindings);
  const value = floats(call.value);
  const { keys, kvHeads, valueDim } = call.shape;

  function addValue(out: Float64Array, { batch, kv }: Point, key: number, weight: number): void {
    const from = ((batch * kvHeads + kv) * keys + key) * valueDim;
    for (let d = 0; d < valueDim; d++) out[d]! += weight * value[from + d]!;
  }

  return (point: Point, row: number, out: Float64Array): number => {
    const seen = scores(point, row);
    const sink = sinkOf ? (sinkOf(point) as number) : -Infinity;
    const lse = logSumExp([sink, ...seen.map(({ score }) => score)]);
    if (seen.length === 0) {
      const alive = keysAlive(call, point.batch);
      if (attention.empty === "error") throw new Error(`no key is visible to query row ${row} of head ${point.head}`);
      if (attention.empty === "uniform") {
        for (let key = 0; key < alive; key++) addValue(out, point, key, 1 / alive);
      }
      return lse;
    }
    const sum = seen.reduce((total, { score }) => total + score, 0);
    const weightOf = (score: number) => normalized[normalize.kind](score, lse, sum);
    for (const { key, score } of seen) {
      point.key = key;
      measure(point, row);
      point.quantities.score = score;
      point.quantities.lse = lse;
      point.quantities.weight = weightOf(score);
      addValue(out, point, key, weigh(point) as number);
    }
    // One may read what another came to for the whole row.
    for (const [fold, valueAt] of foldValues.entries()) {
      for (const { key, score } of seen) {
        point.key = key;
        measure(point, row);
        Object.assign(point.quantities, { score, weight: weightOf(score) });
        folded!.add(fold, point, row, Number(valueAt(point)));
      }
    }
    return lse;
  };
}

/** p from the final score. */
const normalized = {
  softmax: (score: number, lse: number) => Math.exp(score - lse),
  sum: (score: number, _: number, sum: number) => (sum === 0 ? 0 : score / sum),
  none: (score: number) => score,
} as const satisfies Record<AttentionIr["normalize"]["kind"], (score: number, lse: number, sum: number) => number>;

/** A function that gives the keys that a row sees, ascending, each with its final score. A score of −inf hides its key. */
function rowScores(attention: AttentionIr, call: Case, bindings: Bindings) {
  const visible = evaluator(attention.mask, "decide", bindings);
  const scale = evaluator(attention.scale, "real", bindings);
  const score = evaluator(attention.score, "real", bindings);
  const measure = measureOf(attention, call);
  const dot = productOf(call, "query", "key");
  return (point: Point, row: number): readonly Seen[] => {
    const seen: Seen[] = [];
    for (let key = 0; key < keysAlive(call, point.batch); key++) {
      point.key = key;
      if (!visible(point)) continue;
      measure(point, row);
      point.quantities.score = (scale(point) as number) * dot(point, row);
      const final = score(point) as number;
      if (final !== -Infinity) seen.push({ key, score: final });
    }
    return seen;
  };
}

/** A function that sets the products of row vectors which the expressions read. */
function measureOf(attention: AttentionIr, call: Case): (point: Point, row: number) => void {
  const read = dependencies(attention.scale, attention.score, attention.weight).quantities;
  const products = factors
    .filter(({ name }) => read.has(name))
    .map(({ name, left, right }) => ({ name, of: productOf(call, left, right) }));
  return (point, row) => {
    for (const { name, of } of products) point.quantities[name] = of(point, row);
  };
}

type RowVector = "query" | "key" | "value";
const factors: readonly { readonly name: Quantity; readonly left: RowVector; readonly right: RowVector }[] = [
  { name: "dot", left: "query", right: "key" },
  { name: "queryNorm2", left: "query", right: "query" },
  { name: "keyNorm2", left: "key", right: "key" },
  { name: "valueNorm2", left: "value", right: "value" },
];

/** A function that multiplies two row vectors. */
function productOf(call: Case, left: RowVector, right: RowVector): (point: Point, row: number) => number {
  const { heads, kvHeads, queries, keys, dim, valueDim } = call.shape;
  const [a, b] = [floats(call[left]), floats(call[right])];
  const width = left === "value" ? valueDim : dim;
  const start = (vector: RowVector, { batch, head, kv, key }: Point, row: number) =>
    width * (vector === "query" ? (batch * heads + head) * queries + row : (batch * kvHeads + kv) * keys + key);
  return (point, row) => {
    const [atA, atB] = [start(left, point, row), start(right, point, row)];
    let sum = 0;
    for (let d = 0; d < width; d++) sum += a[atA + d]! * b[atB + d]!;
    return sum;
  };
}

function logSumExp(terms: readonly number[]): number {
  const highest = terms.reduce((most, term) => Math.max(most, term));
  if (highest === -Infinity) return -Infinity;
  return highest + Math.log(terms.reduce((total, term) => total + Math.exp(term - highest), 0));
}
