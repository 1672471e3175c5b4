// Ints as linear forms: constant + Σ coefficient · term, where a term is a coordinate or anything else that is not
// linear. Terms are compared by identity, so what occurs twice cancels: over a block, q − k is one variable with an
// interval of its own, and (q + w) − (k + w) is the same one. Forms are mathematical integers; the i32 value that
// they stand for is equal modulo 2³², hence equal where the form's range lies within i32.

import type { Expr } from "../ir/expr.ts";
import { children, postorder } from "../ir/walk.ts";
import { commonStep, INT_MAX, INT_MIN, type IntRange } from "./range.ts";

export type Affine = { readonly constant: number; readonly terms: ReadonlyMap<Expr, number> };

/** Mathematical integers low, low + step, …, high, which may lie beyond i32. */
export type Bounds = { readonly low: number; readonly high: number; readonly step: number };

/** Forms with more terms or larger numbers are treated as a term of their own: this keeps the analysis linear and its
 *  numbers exact. */
const LIMITS = { terms: 12, magnitude: 2 ** 31 };

const known = new WeakMap<Expr, Affine>();

/** The linear form of an int expression. Remembered per expression. */
export function affineOf(root: Expr): Affine {
  const unknownParts = (expr: Expr) => (known.has(expr) ? [] : linearParts(expr));
  for (const expr of postorder([root], unknownParts)) {
    if (!known.has(expr)) known.set(expr, combineParts(expr));
  }
  return known.get(root)!;
}

/** left − right. */
export const difference = (left: Affine, right: Affine): Affine => combine(left, right, -1);

/** The values of the form when each term stays in its range. The ends are exact when the terms vary independently. */
export function boundsOf(form: Affine, rangeOf: (term: Expr) => IntRange): Bounds {
  let [low, high, step] = [form.constant, form.constant, 0];
  for (const [term, coefficient] of form.terms) {
    const range = rangeOf(term);
    low += coefficient * (coefficient > 0 ? range.low : range.high);
    high += coefficient * (coefficient > 0 ? range.high : range.low);
    step = commonStep(step, Math.abs(coefficient) * range.step);
  }
  return { low, high, step };
}

/** True if no value between the bounds wraps around. */
export const fitsInt = ({ low, high }: Pick<Bounds, "low" | "high">): boolean => low >= INT_MIN && high <= INT_MAX;

/** The parts whose forms make up the form of the expression; none where it is a term of its own. */
export function linearParts(expr: Expr): readonly Expr[] {
  if (expr.kind !== "op" || expr.type !== "int") return [];
  if (expr.op === "add" || expr.op === "sub" || expr.op === "neg") return expr.args;
  if (expr.op === "mul") return expr.args.some(({ kind }) => kind === "const") ? children(expr) : [];
  return [];
}

function combineParts(expr: Expr): Affine {
  const itself: Affine = { constant: 0, terms: new Map([[expr, 1]]) };
  if (expr.kind === "const") return { constant: expr.value as number, terms: new Map() };
  const [left, right] = linearParts(expr).map((part) => known.get(part)!);
  if (expr.kind !== "op" || !left) return itself;
  const form = linear[expr.op as keyof typeof linear](left, right!);
  const magnitudes = [form.constant, ...form.terms.values()].map(Math.abs);
  return form.terms.size > LIMITS.terms || Math.max(...magnitudes) > LIMITS.magnitude ? itself : form;
}

const zero: Affine = { constant: 0, terms: new Map() };

const linear = {
  add: (left: Affine, right: Affine) => combine(left, right, 1),
  sub: (left: Affine, right: Affine) => combine(left, right, -1),
  neg: (left: Affine) => combine(zero, left, -1),
  /** One side has no terms. */
  mul: (left: Affine, right: Affine) =>
    left.terms.size === 0 ? combine(zero, right, left.constant) : combine(zero, left, right.constant),
};

/** left + factor · right, without terms that cancel. */
function combine(left: Affine, right: Affine, factor: number): Affine {
  const terms = new Map(left.terms);
  for (const [term, coefficient] of right.terms) {
    const sum = (terms.get(term) ?? 0) + factor * coefficient;
    if (sum === 0) terms.delete(term);
    else terms.set(term, sum);
  }
  return { constant: left.constant + factor * right.constant, terms };
}
