// The error bound: for every element of a call's result, how far an honest f32 computation may be from the reference.
// Derived, not tuned: errors of scores are propagated through the user's formulas, then through the normalisation, then
// through the weighted sum. docs/semantics.md has the derivation. Rows about which nothing can be promised, because a
// decision lies within its error of a boundary, are named instead.

import { kvHead } from "../reference/leaf.ts";
import { type Surroundings, startPoint } from "../reference/point.ts";
import { surroundingsOf } from "../reference/surroundings.ts";
import type { Case } from "../spec/case.ts";
import { floats } from "../tensors/elements.ts";
import { choiceDoubt } from "./choice-doubt.ts";
import { type BoundedRow, boundOutputs, type OutputBounds } from "./outputs-bound.ts";
import { type Bounded, type ErrorPoint, propagate } from "./propagate.ts";
import { type Accuracy, gamma, largest, unit } from "./rounding.ts";
import { type RowScores, type Scorer, scorerOf } from "./score-bound.ts";
import { noneBound, softmaxBound, sumBound, uniformBound, type Weights } from "./weights-bound.ts";

/** A row that is not judged, with the reason in words. */
export type Undecided = { readonly batch: number; readonly head: number; readonly row: number; readonly why: string };

/** Bounds on |result − reference|, laid out like the result. */
export type Bound = {
  readonly out: Float64Array;
  readonly lse: Float64Array;
  /** Of the outputs that the attention names; infinite where an element is not judged. */
  readonly named?: OutputBounds;
  readonly undecided: readonly Undecided[];
};

/** Bounds for a target with these published accuracies. Cost: a few times that of the reference. */
export function boundOf(call: Case, accuracy: Accuracy): Bound {
  const { batch: batches, heads, queries, valueDim } = call.shape;
  const out = new Float64Array(batches * heads * queries * valueDim);
  const lse = new Float64Array(batches * heads * queries);
  const undecided: Undecided[] = [];
  const around = surroundingsOf(call);
  const scorer = scorerOf(around, accuracy);
  const weigh = weigherOf(around, scorer, accuracy);
  const addUp = adderOf(call, accuracy);
  const doubtOfChoice = choiceDoubt(around, scorer.selections, scorer, accuracy);
  const { named, normalize: form } = { ...call.attention.outputs, normalize: call.attention.normalize.kind };
  const rows: BoundedRow[] = [];
  for (let at = 0; at < lse.length; at++) {
    const row = at % queries;
    const head = Math.floor(at / queries) % heads;
    const batch = Math.floor(at / queries / heads);
    const place = { batch, head, row, query: (around.queryStart(batch) + row) | 0 };
    const point: ErrorPoint = { ...startPoint(), ...place, error: { s: 0, p: 0, lse: 0, scale: 0 } };
    const scores = scorer.row(point);
    const normalized = normalize(around, scores, point, accuracy);
    const weights = weigh(scores, normalized, point);
    const tooLarge = addUp(weights, normalized, point, out.subarray(at * valueDim, (at + 1) * valueDim));
    lse[at] = normalized.lseError;
    const why = doubtOfChoice(batch, head, row) ?? scores.doubt ?? normalized.doubt ?? weights.doubt ?? tooLarge;
    if (why) undecided.push({ batch, head, row, why });
    if (named)
      rows.push(boundedRow(scores, form === "softmax" ? softmaxBound(scores, "from lse", accuracy) : normalized, why));
  }
  const rowAt = (batch: number, head: number, row: number) => rows[(batch * heads + head) * queries + row]!;
  const isChoiceInDoubt = (batch: number, head: number, rowBlock: number) =>
    scorer.selections.some((selection) =>
      selection(batch, head).rows[rowBlock]!.some((row) => doubtOfChoice(batch, head, row) !== undefined),
    );
  return { out, lse, undecided, ...(named && { named: boundOutputs(around, rowAt, isChoiceInDoubt, accuracy) }) };
}

/** What outputs see of a row. A row that sees nothing has no p, whatever stands in for its values. */
function boundedRow(scores: RowScores, { p, error, lse, lseError }: Weights, why: string | undefined): BoundedRow {
  const { keys, s, error: sError } = scores;
  const places = new Map(keys.map((key, place) => [key, place]));
  return { places, s, sError, p, pError: error, lse, lseError, undecided: why !== undefined };
}

/** p and lse of a row, before the weights. */
function normalize(around: Surroundings, scores: RowScores, { batch }: ErrorPoint, accuracy: Accuracy): Weights {
  const { empty, normalize: form, weights } = around.call.attention;
  if (scores.keys.length === 0 && empty === "uniform") {
    return uniformBound(scores, Math.min(around.length("key", batch), around.call.shape.keys), accuracy);
  }
  const softmax = softmaxBound(scores, weights.length > 0 ? "again" : "at once", accuracy);
  if (form.kind === "softmax") return softmax;
  const doubt = undefined;
  return { ...softmax, doubt, ...(form.kind === "sum" ? sumBound(scores) : noneBound(scores)) };
}

/** What the values of some keys are multiplied by. */
type Weighted = {
  readonly keys: readonly number[];
  readonly weight: readonly number[];
  readonly error: readonly number[];
  readonly doubt?: string | undefined;
};

/** A function that applies the weight clauses to a row. */
function weigherOf(around: Surroundings, scorer: Scorer, accuracy: Accuracy) {
  const clauses = around.call.attention.weights.map(({ value }) => propagate(value, around, "real", accuracy));
  return ({ keys }: RowScores, { p, error, lse, lseError }: Weights, point: ErrorPoint): Weighted => {
    // A row that sees nothing has weights only under `empty uniform`, and no clause touches those.
    if (keys.length === 0) return { keys: p.map((_, key) => key), weight: p, error };
    if (clauses.length === 0) return { keys, weight: p, error };
    let doubt: string | undefined;
    const weights = keys.map((key, index): Bounded => {
      point.key = key;
      scorer.pair(point);
      point.lse = lse;
      point.error.lse = lseError;
      let weight: Bounded = { value: p[index]!, error: error[index]!, doubtful: false };
      for (const clause of clauses) {
        point.p = weight.value;
        point.error.p = weight.error;
        weight = clause(point);
        if (weight.doubtful) doubt ??= `the weight of key ${key} hangs on a rounding`;
      }
      return weight;
    });
    return { keys, weight: weights.map(({ value }) => value), error: weights.map((each) => each.error), doubt };
  };
}

/** A function that bounds the error of a row's weighted sum of values; returns why it may not be finite. */
function adderOf(call: Case, accuracy: Accuracy) {
  const { shape } = call;
  const value = floats(call.value);
  // Matrix units take weights of 16 bits.
  const narrowed = 2 * unit * (accuracy.weight ?? 0);
  return ({ keys, weight, error }: Weighted, normalized: Weights, point: ErrorPoint, out: Float64Array) => {
    const firstKey = (point.batch * shape.kvHeads + kvHead(point.head, shape)) * shape.keys;
    // One product and one sum per key, the rescalings of the sum, the division, the final rounding.
    const rounding = gamma(keys.length + normalized.rescalings + 4);
    let size = 0;
    keys.forEach((key, index) => {
      const most = Math.abs(weight[index]!) + error[index]!;
      const part = error[index]! + (rounding + narrowed) * most;
      for (let d = 0; d < shape.valueDim; d++) {
        const element = Math.abs(value[(firstKey + key) * shape.valueDim + d]!);
        out[d]! += part * element + normalized.underflow;
        size = Math.max(size, most * element);
      }
    });
    return size * keys.length > largest ? "the result may be too large for f32" : undefined;
  };
}
