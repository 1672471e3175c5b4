// Values with bounds: an expression is evaluated together with a bound on how far an f32 computation of it may be off.
// Each operation adds what the errors of its arguments do to it, found by evaluating its meaning at the ends of their
// intervals, and its own rounding. Where an error reaches over the boundary of a decision, the value is doubtful: an
// honest target may decide otherwise.

import { opInfo } from "../ops/index.ts";
import { meaningOf } from "../reference/evaluate.ts";
import { type Arithmetic, type Entry, layOut, runSteps } from "../reference/layout.ts";
import { magnitudeOf, readerOf } from "../reference/leaf.ts";
import type { Point, Surroundings } from "../reference/point.ts";
import { pooledMagnitude, pooledRoundings } from "../reference/pooled.ts";
import type { Expr } from "../spec/spec.ts";
import { isComparison, isExact, jumpOf, oscillates } from "./operations.ts";
import { boundReduction } from "./reduce-bound.ts";
import { type Accuracy, gamma, largest, relativeError, roundingError, smallest } from "./rounding.ts";

/** A point whose quantities come with bounds on their errors. */
export type ErrorPoint = Point & {
  readonly error: { s: number; p: number; lse: number; scale: number; visible?: number };
};

/** `doubtful`: a decision on the way to the value could go otherwise, and it matters. */
export type Bounded = { readonly value: number; readonly error: number; readonly doubtful: boolean };

/** What is known so far, by entry. Booleans are 0 and 1; one that could as well be the other has error 1. */
type Slots = { readonly value: Float64Array; readonly error: Float64Array; readonly doubt: Uint8Array };

/** The expression as a function of the point, with its error bound. */
export function propagate(
  root: Expr,
  around: Surroundings,
  arithmetic: Arithmetic,
  accuracy: Accuracy,
): (point: ErrorPoint) => Bounded {
  const entries = layOut(root, arithmetic);
  const slots: Slots = {
    value: new Float64Array(entries.length),
    error: new Float64Array(entries.length),
    doubt: new Uint8Array(entries.length),
  };
  const run = runSteps(entries, (entry, slot) => {
    if (entry.expr.kind === "apply") return applyStep(entry, entry.expr, slot, slots, accuracy);
    if (entry.expr.kind === "reduce")
      return reduceStep(boundReduction(entry.expr.reduction, around, accuracy), slot, slots);
    return leafStep(entry, entry.expr, slot, slots, around);
  });
  const last = entries.length - 1;
  return (point) => {
    run(point);
    return { value: slots.value[last]!, error: slots.error[last]!, doubtful: slots.doubt[last] === 1 };
  };
}

type Step = (point: Point) => void;
type Apply = Extract<Expr, { kind: "apply" }>;
type Leaf = Exclude<Expr, Apply>;

function reduceStep(bounded: (point: ErrorPoint) => Bounded, slot: number, slots: Slots): Step {
  return (point) => {
    const { value, error, doubtful } = bounded(point as ErrorPoint);
    slots.value[slot] = value;
    slots.error[slot] = error;
    slots.doubt[slot] = Number(doubtful);
  };
}

function leafStep({ arithmetic, from }: Entry, expr: Leaf, slot: number, slots: Slots, around: Surroundings): Step {
  const read = readerOf(expr, around);
  const errorOf = leafError(expr, around);
  const rounds = arithmetic === "decide" && expr.type === "float";
  const at = from.map(() => 0);
  return (point) => {
    let strays = false;
    for (let index = 0; index < at.length; index++) {
      at[index] = slots.value[from[index]!]!;
      strays ||= slots.error[from[index]!]! > 0;
    }
    const value = read(point, at);
    slots.value[slot] = rounds ? Math.fround(value) : value;
    // Which element is read must not hang on a rounding: it could be any.
    slots.error[slot] = strays ? Infinity : rounds ? 0 : errorOf(point as ErrorPoint, value);
    slots.doubt[slot] = Number(strays);
  };
}

function leafError(expr: Leaf, around: Surroundings): (point: ErrorPoint, value: number) => number {
  switch (expr.kind) {
    case "literal":
      return expr.type === "float" ? (_, value) => distance(Math.fround(value), value) : () => 0;
    case "quantity":
      return (point) => point.error[expr.name] ?? 0;
    case "product": {
      const magnitude = magnitudeOf(expr, around);
      const { dim, valueDim } = around.call.shape;
      return (point) => productError(expr.left === "V" ? valueDim : dim, magnitude(point, []));
    }
    case "pooled": {
      const magnitude = pooledMagnitude(expr, around);
      const roundings = pooledRoundings(expr, around);
      const { dim } = around.call.shape;
      // Sums of rows, their divisions and factors, and the product of the two.
      return (point) => productError(dim + roundings(point) + 4, magnitude(point));
    }
    default:
      return () => 0;
  }
}

/** Error of a product of two rows of `width`, whose terms have this sum of sizes. One rounding more than there are
 *  terms: a factor may have been folded into one of the rows. */
export function productError(width: number, magnitude: number): number {
  return magnitude === 0 ? 0 : gamma(width + 1) * magnitude + (width + 1) * smallest;
}

function applyStep({ arithmetic, from }: Entry, expr: Apply, slot: number, slots: Slots, accuracy: Accuracy): Step {
  const { op, args } = expr;
  const meaning = meaningOf(expr);
  const decides = arithmetic === "decide";
  const rounds = expr.type === "float" && !isExact(op);
  // A decision is rounded in the reference too: a target differs only where it does not round to nearest.
  const relative = rounds ? relativeError(accuracy, op, decides ? 0 : opInfo(op).approximate ? 1 : 0.5) : 0;
  const compares = isComparison(op) && args[0]!.type !== "bool";
  const jump = args.some(({ type }) => type === "float") ? jumpOf(op) : undefined;
  const isBool = args.map(({ type }) => type === "bool");
  const value = from.map(() => 0);
  const error = from.map(() => 0);
  const moved = from.map(() => 0);
  const changeOf = oscillates(op)
    ? () => Math.min(error[0]!, 2)
    : (middle: number) => deviation(meaning, value, error, isBool, middle, moved);

  return () => {
    let certain = true;
    let doubt = false;
    for (let index = 0; index < from.length; index++) {
      value[index] = slots.value[from[index]!]!;
      error[index] = slots.error[from[index]!]!;
      certain &&= error[index] === 0;
      doubt ||= slots.doubt[from[index]!] === 1;
    }
    const real = Number(meaning(...value));
    slots.value[slot] = rounds && decides ? Math.fround(real) : real;
    let bound = 0;
    if (compares) {
      const undecided = !certain && Math.abs(value[0]! - value[1]!) <= error[0]! + error[1]!;
      bound = Number(undecided);
      doubt = undecided;
    } else {
      const change = certain ? 0 : changeOf(real);
      // What every target computes exactly has no error: a sum of small whole numbers, say.
      const isRepresentable = certain && !opInfo(op).approximate && Math.fround(real) === real;
      const size = op === "floorMod" ? Math.max(Math.abs(real), Math.abs(value[0]!)) : Math.abs(real);
      bound = change + (isRepresentable ? 0 : roundingError(size + change, relative));
      if (expr.type === "float" && size + bound > largest && Number.isFinite(real)) bound = Infinity;
      const jumps = jump?.(value, error) ?? false;
      if (op === "select" && !doubtfulChoice(slots, from, value, error)) doubt = false;
      doubt = jumps || bound === Infinity || (bound > 0 && doubt);
    }
    slots.error[slot] = bound;
    slots.doubt[slot] = Number(doubt);
  };
}

/** A choice is doubtful where its condition is and the branches differ by more than their errors, or where the chosen
 *  branch is. */
function doubtfulChoice(slots: Slots, from: readonly number[], value: readonly number[], error: readonly number[]) {
  const undecided = error[0]! > 0;
  const apart = distance(value[1]!, value[2]!) > error[1]! + error[2]!;
  const chosen = slots.doubt[from[value[0] ? 1 : 2]!] === 1;
  return chosen || (undecided && apart);
}

/** How far the result can move while each argument moves within its error. The meanings are monotone in each argument
 *  or symmetric about an extremum between, so that the ends of the intervals tell. `moved` is room for the arguments. */
function deviation(
  meaning: (...args: number[]) => number | boolean,
  value: readonly number[],
  error: readonly number[],
  isBool: readonly boolean[],
  middle: number,
  moved: number[],
): number {
  let most = 0;
  corners: for (let corner = 0; corner < 1 << value.length; corner++) {
    for (let index = 0; index < value.length; index++) {
      const up = (corner >> index) & 1;
      // An exact argument has one end; do not visit it twice.
      if (error[index] === 0 && up) continue corners;
      moved[index] = value[index]! + (up ? error[index]! : -error[index]!);
      if (isBool[index] && error[index]! > 0) moved[index] = up;
    }
    most = Math.max(most, distance(Number(meaning(...moved)), middle));
  }
  return most;
}

/** |a − b|, where equal infinities are no distance apart and NaN is infinitely far. */
function distance(a: number, b: number): number {
  if (a === b) return 0;
  const between = Math.abs(a - b);
  return Number.isNaN(between) ? Infinity : between;
}
