// Reductions with bounds: what an f32 computation of a sum, a maximum, a count may be off by, from the bounds of its terms.
// docs/semantics.md, "Named outputs", has the derivation.

import { argumentsFirst } from "../reference/order.ts";
import type { Point, Surroundings } from "../reference/point.ts";
import { intResult, isOfPair } from "../reference/reduce.ts";
import { walker } from "../reference/walk.ts";
import type { Along, Fold, Reduction } from "../spec/choice.ts";
import { type Bounded, type ErrorPoint, propagate } from "./propagate.ts";
import { type Accuracy, gamma, relativeError, smallest, unit } from "./rounding.ts";

/** The reduction as a function of the point, with its bound. */
export function boundReduction(
  reduction: Reduction,
  around: Surroundings,
  accuracy: Accuracy,
): (point: ErrorPoint) => Bounded {
  const { op, axis, whole, range, width, operand } = reduction;
  const valueAt = propagate(operand, around, "real", accuracy);
  const widthOf = width ? propagate(width, around, "decide", accuracy) : undefined;
  const walk = walker(axis, range, around, whole);
  const looks =
    around.look && argumentsFirst(operand).some(({ kind }) => kind === "quantity") ? around.look : undefined;
  const skips = (op === "max" || op === "min") && argumentsFirst(operand).some(isOfPair);
  const isExact = operand.type !== "float";
  const divided = relativeError(accuracy, "div", 0.5);
  const along = ALONG[op as Along];

  function termsOf(from: Point): readonly (Bounded & { readonly place: number })[] {
    const terms: (Bounded & { readonly place: number })[] = [];
    for (const point of walk(from)) {
      const seen = looks?.(point) ?? true;
      if (skips && !seen) continue;
      terms.push({ ...valueAt(point as ErrorPoint), place: placeOf(point, axis) });
    }
    return terms;
  }

  const lines = new Map<string, ReturnType<typeof termsOf>>();
  return (from) => {
    if (!along) {
      const found = fold(op as Fold, termsOf(from), isExact, divided);
      return operand.type === "int" ? { ...found, value: intResult(op as Fold)(found.value) } : found;
    }
    // All places of a line have the same terms.
    const { batch, head, row, key } = from;
    const name = [
      batch,
      axis === "query" || axis === "key" ? head : -1,
      axis === "query" ? -1 : row,
      axis === "key" ? -1 : key,
    ];
    const terms = lines.get(name.join()) ?? termsOf(from);
    lines.set(name.join(), terms);
    const own = terms.findIndex(({ place }) => place === placeOf(from, axis));
    if (own < 0) return NOTHING;
    return along(terms, own, widthOf?.(from).value ?? 1, accuracy);
  };
}

const NOTHING: Bounded = { value: 0, error: 0, doubtful: false };

const placeOf = (point: Point, axis: Reduction["axis"]) =>
  axis === "key" ? point.key : axis === "query" ? point.row : point.head;

function fold(op: Fold, terms: readonly Bounded[], isExact: boolean, divided: number): Bounded {
  const doubtful = terms.some((term) => term.doubtful);
  switch (op) {
    case "sum":
      return { ...sum(terms, isExact), doubtful };
    case "mean": {
      const { value, error } = sum(terms, isExact);
      const mean = terms.length === 0 ? 0 : value / terms.length;
      const spread = terms.length === 0 ? 0 : error / terms.length;
      const rounding = Number.isFinite(mean) ? (Math.abs(mean) + spread) * (divided + 2 * unit) : 0;
      return { value: mean, error: spread + rounding, doubtful };
    }
    case "max":
    case "min":
      return { ...extremum(terms, op === "max" ? 1 : -1), doubtful };
    default: {
      // A condition that hangs on a rounding counts or does not.
      const value = terms.filter((term) => term.value !== 0).length;
      const error = terms.filter((term) => term.error !== 0).length;
      if (op === "count") return { value, error, doubtful: false };
      const holds = op === "any" ? value > 0 : value === terms.length;
      const certain = terms.some((term) => term.error === 0 && (term.value !== 0) === (op === "any"));
      return { value: Number(holds), error: Number(error > 0 && !certain), doubtful: false };
    }
  }
}

/** Terms are added in any order; those that are 0 for certain change nothing. */
function sum(terms: readonly Bounded[], isExact: boolean): Omit<Bounded, "doubtful"> {
  const some = terms.filter(({ value, error }) => value !== 0 || error !== 0);
  const add = (of: (term: Bounded) => number) => some.reduce((total, term) => total + of(term), 0);
  const value = add((term) => term.value);
  const errors = add((term) => term.error);
  // An infinity swallows what the others are off by, and is not rounded.
  if (Math.abs(value) === Infinity) return { value, error: Math.max(...some.filter(isInfinite).map(errorOf)) };
  if (isExact || some.length === 0) return { value, error: errors };
  const size = add((term) => Math.abs(term.value)) + errors;
  return { value, error: errors + gamma(some.length) * size + some.length * smallest };
}

const isInfinite = ({ value }: Bounded) => Math.abs(value) === Infinity;
const errorOf = ({ error }: Bounded) => error;

function extremum(terms: readonly Bounded[], sign: 1 | -1): Omit<Bounded, "doubtful"> {
  const most = (of: (term: Bounded) => number) =>
    terms.reduce((found, term) => Math.max(found, of(term)), Number.NEGATIVE_INFINITY);
  const value = most((term) => sign * term.value);
  if (!Number.isFinite(value)) return { value: sign * value, error: 0 };
  const high = most((term) => sign * term.value + term.error);
  const low = most((term) => sign * term.value - term.error);
  return { value: sign * value, error: Math.max(high - value, value - low) };
}

type OfLine = (line: readonly Bounded[], own: number, width: number, accuracy: Accuracy) => Bounded;

const ALONG: Readonly<Record<Along, OfLine>> = {
  avg_pool(line, own, width, accuracy) {
    const { value, error } = sum(windowOf(line, own, width), false);
    if (width <= 0) return NOTHING;
    const rounding = relativeError(accuracy, "div", 0.5) + 2 * unit;
    const mean = { value: value / width, error: error / width + (Math.abs(value) + error) * (rounding / width) };
    return { ...mean, doubtful: windowOf(line, own, width).some(({ doubtful }) => doubtful) };
  },
  max_pool(line, own, width) {
    const window = windowOf(line, own, width);
    return { ...extremum(window, 1), doubtful: window.some(({ doubtful }) => doubtful) };
  },
  softmax(line, own, _, accuracy) {
    const highest = Math.max(...line.map(({ value }) => value));
    if (highest === Number.NEGATIVE_INFINITY) return NOTHING;
    const terms = line.map(({ value }) => Math.exp(value - highest));
    const value = terms[own]! / terms.reduce((total, term) => total + term, 0);
    const error = Math.max(...line.map((each) => each.error));
    const depth = Math.max(...line.filter((each) => Number.isFinite(each.value)).map((each) => highest - each.value));
    const relative =
      Math.expm1(2 * error + 2 * unit * depth) + 2 * relativeError(accuracy, "exp", 1) + gamma(line.length + 3);
    return { value, error: value * relative + 2 * smallest, doubtful: line.some(({ doubtful }) => doubtful) };
  },
  // No kernel ranks; where two values lie within their errors of each other, their ranks are anybody's guess.
  rank(line, own) {
    const { value, error } = line[own]!;
    const before = line.filter((other, at) => other.value > value || (other.value === value && at < own)).length;
    const near = line.filter((other, at) => at !== own && Math.abs(other.value - value) <= other.error + error);
    return { value: before, error: near.length, doubtful: false };
  },
};

function windowOf(line: readonly Bounded[], own: number, width: number): readonly Bounded[] {
  const begin = own - Math.floor(width / 2);
  return line.slice(Math.max(0, begin), Math.max(0, begin + width));
}
