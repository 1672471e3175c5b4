// The value of a reduction at a point, by its definition: the operand at every place of the axis, and then their sum, their
// mean, their softmax. What is empty has the sum 0, the mean 0, the maximum −inf and the minimum +inf; of ints, the least int and the largest.

import type { Along, Fold, Reduction } from "../spec/choice.ts";
import type { Expr } from "../spec/spec.ts";
import { compile } from "./evaluate.ts";
import { argumentsFirst } from "./order.ts";
import type { Point, Surroundings } from "./point.ts";
import { walker } from "./walk.ts";

export function reducer(reduction: Reduction, around: Surroundings): (point: Point) => number {
  const { op, axis, whole, range, width, operand } = reduction;
  const value = compile(operand, around, "real");
  const walk = walker(axis, range, around, whole);
  // Nobody asks for `s` of a pair that is not looked at.
  const looks = around.look && argumentsFirst(operand).some(readsPair) ? around.look : undefined;
  const skips = (op === "max" || op === "min") && argumentsFirst(operand).some(isOfPair);

  function values(from: Point): { readonly places: readonly number[]; readonly values: readonly number[] } {
    const places: number[] = [];
    const found: number[] = [];
    for (const point of walk(from)) {
      const seen = looks?.(point) ?? true;
      if (skips && !seen) continue;
      places.push(placeOf(point, axis));
      found.push(value(point));
    }
    return { places, values: found };
  }

  const fold = FOLDS[op as Fold];
  const result = operand.type === "int" ? intResult(op as Fold) : (found: number) => found;
  if (fold) return (point) => result(fold(values(point).values));
  const along = ALONG[op as Along];
  const wide = width ? compile(width, around, "decide") : () => 1;
  const lines = new Map<string, ReadonlyMap<number, number>>();
  return (point) => {
    const { batch, head, row, key, i, j } = point;
    const line = [batch, isOfHeads(axis) ? -1 : head, axis === "query" ? -1 : row];
    const name = [...line, axis === "key" ? -1 : key, i, j].join(" ");
    let known = lines.get(name);
    if (!known) {
      const { places, values: found } = values(point);
      const results = along(found, wide(point));
      known = new Map(places.map((place, index) => [place, results[index]!]));
      lines.set(name, known);
    }
    // A place out of range has no part in the line.
    return known.get(placeOf(point, axis)) ?? 0;
  };
}

const isOfHeads = (axis: Reduction["axis"]) => axis === "head" || axis === "kv" || axis === "group";

const placeOf = (point: Point, axis: Reduction["axis"]) =>
  axis === "key" ? point.key : axis === "query" ? point.row : point.head;

/** lse belongs to the row, whether it sees the key at hand or not. */
export const isOfPair = (expr: Expr) => readsPair(expr) && expr.name !== "lse";

const readsPair = (expr: Expr): expr is Quantity => expr.kind === "quantity" && expr.name !== "scale";
type Quantity = Extract<Expr, { kind: "quantity" }>;

const sum = (terms: readonly number[]) => terms.reduce((total, term) => total + term, 0);

const FOLDS: Readonly<Record<Fold, (terms: readonly number[]) => number>> = {
  sum,
  mean: (terms) => (terms.length === 0 ? 0 : sum(terms) / terms.length),
  max: (terms) => terms.reduce((most, term) => Math.max(most, term), -Infinity),
  min: (terms) => terms.reduce((least, term) => Math.min(least, term), Infinity),
  count: (terms) => terms.filter((term) => term !== 0).length,
  any: (terms) => Number(terms.some((term) => term !== 0)),
  all: (terms) => Number(terms.every((term) => term !== 0)),
};

/** Sums of ints wrap around, and no int is infinite. */
export const intResult = (op: Fold) =>
  op === "sum" ? (found: number) => found | 0 : (found: number) => Math.max(-(2 ** 31), Math.min(found, 2 ** 31 - 1));

/** A value for every place of a line. Windows are centred and have stride 1; what lies beyond the ends counts as 0 in a
 *  mean, which divides by the width, and not at all in a maximum. A rank counts those that come before: larger ones, and
 *  equal ones at lower places. */
const ALONG: Readonly<Record<Along, (line: readonly number[], width: number) => readonly number[]>> = {
  softmax(line) {
    const highest = FOLDS.max(line);
    if (highest === -Infinity) return line.map(() => 0);
    const total = sum(line.map((term) => Math.exp(term - highest)));
    return line.map((term) => Math.exp(term - highest) / total);
  },
  rank: (line) =>
    line.map((own, place) => line.filter((other, at) => other > own || (other === own && at < place)).length),
  avg_pool: (line, width) => windows(line, width).map((window) => (width > 0 ? sum(window) / width : 0)),
  max_pool: (line, width) => windows(line, width).map(FOLDS.max),
};

function windows(line: readonly number[], width: number): readonly (readonly number[])[] {
  const before = Math.floor(width / 2);
  return line.map((_, place) => line.slice(Math.max(0, place - before), Math.max(0, place - before + width)));
}
