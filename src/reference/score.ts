// The final score of a pair: scale · dot(Q, K) and then every score clause, in order.

import type { Expr } from "../spec/spec.ts";
import { compile } from "./evaluate.ts";
import { defaultScale } from "./mask.ts";
import type { Point, Surroundings } from "./point.ts";

/** Sets `scale` and `s` of a point. */
export type Scorer = { scale(point: Point): number; score(point: Point): number };

export function scorerOf(around: Surroundings): Scorer {
  const { attention, shape } = around.call;
  const real = (value: Expr) => compile(value, around, "real");
  const dot = real({ kind: "product", type: "float", left: "Q", right: "K" });
  const scale = attention.scale ? real(attention.scale.value) : () => defaultScale(shape.dim);
  const scores = attention.scores.map(({ value }) => real(value));
  return {
    scale,
    score(point) {
      point.scale = scale(point);
      point.s = point.scale * dot(point);
      for (const next of scores) point.s = next(point);
      return point.s;
    },
  };
}
