// Scores of one query row with bounds on their errors: from the dot product through every clause that the user wrote.

import { defaultScale } from "../reference/mask.ts";
import { argumentsFirst } from "../reference/order.ts";
import type { Surroundings } from "../reference/point.ts";
import type { Selection } from "../reference/selection.ts";
import { sightOf } from "../reference/sight.ts";
import type { Clause, Expr } from "../spec/spec.ts";
import { type Bounded, type ErrorPoint, propagate } from "./propagate.ts";
import { type Accuracy, unit } from "./rounding.ts";

export type RowScores = {
  /** Keys that are visible and have a score above −∞, ascending; `s` and `error` run along them. */
  readonly keys: readonly number[];
  readonly s: readonly number[];
  readonly error: readonly number[];
  /** −∞ where there is none. */
  readonly sink: Bounded;
  /** Why an honest target may see other keys or scores. */
  readonly doubt?: string | undefined;
};

export type Scorer = {
  /** Sets `scale` of the point, with its error. */
  scale(point: ErrorPoint): void;
  /** Blocks that the call chose. */
  readonly selections: readonly Selection[];
  /** Scores of the row that the point stands in; moves the point along the keys. */
  row(point: ErrorPoint): RowScores;
  /** Sets `s` and `scale` of the point, with their errors. */
  pair(point: ErrorPoint): Bounded;
};

/** Prepares the masks, scores and sink of a call. */
export function scorerOf(around: Surroundings, accuracy: Accuracy): Scorer {
  const { call } = around;
  const { attention, shape } = call;
  const real = ({ value }: Pick<Clause, "value">) => propagate(value, around, "real", accuracy);
  // A root and a reciprocal, each with its rounding and one to spare.
  const usual = { value: defaultScale(shape.dim), error: 4 * unit * defaultScale(shape.dim), doubtful: false };
  const scale = attention.scale ? real(attention.scale) : () => usual;
  const steps = [{ value: scaledProduct }, ...attention.scores].map(real);
  const { normalize } = attention;
  const sinkOf = normalize.kind === "softmax" && normalize.sink ? real({ value: normalize.sink }) : () => noSink;
  const { selections, sees } = sightOf(call);
  const maskIsDoubtful = maskDoubt(around, accuracy);

  function setScale(point: ErrorPoint): boolean {
    const factor = scale(point);
    point.scale = factor.value;
    point.error.scale = factor.error;
    return factor.doubtful;
  }

  function pair(point: ErrorPoint): Bounded {
    let doubtful = setScale(point);
    for (const step of steps) {
      const found = step(point);
      point.s = found.value;
      point.error.s = found.error;
      doubtful ||= found.doubtful;
    }
    return { value: point.s, error: point.error.s, doubtful };
  }

  function row(point: ErrorPoint): RowScores {
    const { batch, head, row: place } = point;
    const keys: number[] = [];
    const s: number[] = [];
    const error: number[] = [];
    let doubt: string | undefined;
    const alive = Math.min(around.length("key", batch), shape.keys);
    for (let key = 0; key < alive; key++) {
      point.key = key;
      if (maskIsDoubtful(point)) doubt ??= `whether key ${key} is visible hangs on a rounding`;
      if (!sees(batch, head, place, key)) continue;
      const found = pair(point);
      if (found.doubtful) doubt ??= `the score of key ${key} hangs on a rounding`;
      if (found.value === -Infinity) continue;
      keys.push(key);
      s.push(found.value);
      error.push(found.error);
    }
    point.key = 0;
    setScale(point);
    const sink = sinkOf(point);
    if (sink.doubtful) doubt ??= "the sink hangs on a rounding";
    return { keys, s, error, sink, doubt };
  }

  return { row, pair, scale: (point) => void setScale(point), selections };
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
function maskDoubt(around: Surroundings, accuracy: Accuracy): (point: ErrorPoint) => boolean {
  const masks = around.call.attention.masks.map(({ value }) => value);
  const readsFloats = masks.some((mask) => argumentsFirst(mask).some(({ type }) => type === "float"));
  if (!readsFloats) return () => false;
  const all = masks.reduce((left, right) => ({ kind: "apply", type: "bool", op: "and", args: [left, right] }));
  const visible = propagate(all, around, "decide", accuracy);
  return (point) => visible(point).error > 0;
}
