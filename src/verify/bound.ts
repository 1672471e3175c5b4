// The error bound: for every element of a call's result, how far an honest f32 computation may be from the reference.
// Derived, not tuned: errors of scores are propagated through the user's formulas, then through the normalisation, then
// through the weighted sum. docs/semantics.md has the derivation. Rows about which nothing can be promised, because a
// decision lies within its error of a boundary, are named instead.

import { kvHead } from "../reference/leaf.ts";
import { defaultScale, maskOf } from "../reference/mask.ts";
import { argumentsFirst } from "../reference/order.ts";
import { startPoint } from "../reference/point.ts";
import { surroundingsOf } from "../reference/surroundings.ts";
import type { Case } from "../spec/case.ts";
import type { Clause, Expr } from "../spec/spec.ts";
import { floats } from "../tensors/elements.ts";
import { type Bounded, type ErrorPoint, propagate } from "./propagate.ts";
import { type Accuracy, gamma, largest, unit } from "./rounding.ts";
import { noneBound, type Scores, softmaxBound, sumBound, uniformBound, type Weights } from "./weights-bound.ts";

/** A row that is not judged, with the reason in words. */
export type Undecided = { readonly batch: number; readonly head: number; readonly row: number; readonly why: string };

/** Bounds on |result − reference|, laid out like the result. */
export type Bound = {
  readonly out: Float64Array;
  readonly lse: Float64Array;
  readonly undecided: readonly Undecided[];
};

/** Bounds for a target with these published accuracies. Cost: a few times that of the reference. */
export function boundOf(call: Case, accuracy: Accuracy): Bound {
  const { batch: batches, heads, queries, valueDim } = call.shape;
  const out = new Float64Array(batches * heads * queries * valueDim);
  const lse = new Float64Array(batches * heads * queries);
  const undecided: Undecided[] = [];
  const rowBound = rowBounder(call, accuracy);
  for (let at = 0; at < lse.length; at++) {
    const row = at % queries;
    const head = Math.floor(at / queries) % heads;
    const batch = Math.floor(at / queries / heads);
    const found = rowBound(batch, head, row, out.subarray(at * valueDim, (at + 1) * valueDim));
    lse[at] = found.lseError;
    if (found.doubt) undecided.push({ batch, head, row, why: found.doubt });
  }
  return { out, lse, undecided };
}

type RowFacts = { readonly lseError: number; readonly doubt?: string | undefined };

/** A function that fills the bounds of one row's output. */
function rowBounder(call: Case, accuracy: Accuracy) {
  const { attention, shape } = call;
  const { dim, valueDim, keys } = shape;
  const around = surroundingsOf(call);
  const real = (expr: Expr) => propagate(expr, around, "real", accuracy);
  const ofClause = ({ value }: Clause) => real(value);
  const mask = maskOf(call);
  const maskDoubt = doubtOfMasks(call, (expr) => propagate(expr, around, "decide", accuracy));
  // Two operations, a root and a reciprocal, each with its rounding and one to spare.
  const scaleByDefault = { value: defaultScale(dim), error: 4 * unit * defaultScale(dim), doubtful: false };
  const scale = attention.scale ? ofClause(attention.scale) : () => scaleByDefault;
  const scores = [real(scaledProduct), ...attention.scores.map(ofClause)];
  const weights = attention.weights.map(ofClause);
  const { normalize } = attention;
  const sink = normalize.kind === "softmax" && normalize.sink ? real(normalize.sink) : () => noSink;
  const value = floats(call.value);

  function score(point: ErrorPoint): Bounded {
    const factor = scale(point);
    point.scale = factor.value;
    point.error.scale = factor.error;
    let doubtful = factor.doubtful;
    for (const next of scores) {
      const found = next(point);
      point.s = found.value;
      point.error.s = found.error;
      doubtful ||= found.doubtful;
    }
    return { value: point.s, error: point.error.s, doubtful };
  }

  function normalized(row: Scores, sinkScore: Bounded, alive: number): Weights {
    if (row.s.length === 0 && attention.empty === "uniform") return uniformBound(row, sinkScore, alive, accuracy);
    const softmax = softmaxBound(row, sinkScore, weights.length > 0, accuracy);
    if (normalize.kind === "softmax") return softmax;
    return { ...softmax, ...(normalize.kind === "sum" ? sumBound(row) : noneBound(row)) };
  }

  return (batch: number, head: number, row: number, out: Float64Array): RowFacts => {
    const query = (around.queryStart(batch) + row) | 0;
    const point: ErrorPoint = {
      ...startPoint(),
      ...{ batch, head, row, query },
      error: { s: 0, p: 0, lse: 0, scale: 0 },
    };
    const alive = Math.min(around.length("key", batch), keys);
    let doubt: string | undefined;
    const visible: number[] = [];
    const s: number[] = [];
    const error: number[] = [];
    for (let key = 0; key < alive; key++) {
      point.key = key;
      if (maskDoubt(point)) doubt ??= `whether key ${key} is visible hangs on a rounding`;
      if (!mask.visible(batch, head, row, key)) continue;
      const found = score(point);
      if (found.doubtful) doubt ??= `the score of key ${key} hangs on a rounding`;
      if (found.value === -Infinity) continue;
      visible.push(key);
      s.push(found.value);
      error.push(found.error);
    }
    point.key = 0;
    const sinkScore = sink(point);
    if (sinkScore.doubtful) doubt ??= "the sink hangs on a rounding";

    const found = normalized({ s, error }, sinkScore, alive);
    doubt ??= found.doubt;
    const isEmpty = visible.length === 0;
    const firstKey = (batch * shape.kvHeads + kvHead(head, shape)) * keys;
    const contributing = isEmpty ? found.p.map((_, key) => key) : visible;
    const terms = gamma(contributing.length + found.rescalings + 4);
    let size = 0;
    contributing.forEach((key, index) => {
      point.key = key;
      let weight: Bounded = { value: found.p[index]!, error: found.error[index]!, doubtful: false };
      if (!isEmpty && weights.length > 0) {
        score(point);
        Object.assign(point, { lse: found.lse });
        point.error.lse = found.lseError;
        for (const next of weights) {
          point.p = weight.value;
          point.error.p = weight.error;
          weight = next(point);
          if (weight.doubtful) doubt ??= `the weight of key ${key} hangs on a rounding`;
        }
      }
      const part = weight.error + terms * (Math.abs(weight.value) + weight.error);
      for (let d = 0; d < valueDim; d++) {
        const element = Math.abs(value[(firstKey + key) * valueDim + d]!);
        out[d]! += part * element + found.underflow;
        size = Math.max(size, (Math.abs(weight.value) + weight.error) * element);
      }
    });
    if (size * contributing.length > largest) doubt ??= "the result may be too large for f32";
    return { lseError: found.lseError, doubt };
  };
}

const noSink: Bounded = { value: -Infinity, error: 0, doubtful: false };

/** What every score starts from. */
const scaledProduct: Expr = {
  kind: "apply",
  type: "float",
  op: "mul",
  args: [
    { kind: "quantity", type: "float", name: "scale" },
    { kind: "product", type: "float", left: "Q", right: "K" },
  ],
};

/** Whether the masks of a pair hang on a rounding. Masks of ints and bools never do. */
function doubtOfMasks(call: Case, decide: (expr: Expr) => (point: ErrorPoint) => Bounded) {
  const masks = call.attention.masks.map(({ value }) => value);
  const readsFloats = masks.some((mask) => argumentsFirst(mask).some(({ type }) => type === "float"));
  if (!readsFloats) return () => false;
  const all = decide(masks.reduce((left, right) => ({ kind: "apply", type: "bool", op: "and", args: [left, right] })));
  return (point: ErrorPoint) => all(point).error > 0;
}
