// Bounds of linear forms. A form is a mathematical integer and the expression that it stands for wraps at 32 bits, so a
// bound is only good where no part of the form can leave i32. Where promises prove that, nothing is emitted; where they
// do not, the bound comes with a condition that the kernel checks for the call at hand.

import type { Expr } from "../../ir/expr.ts";
import { bool, conjunction, int, op } from "../../ir/make.ts";
import type { Affine } from "../affine.ts";
import { INT_MAX, type IntRange } from "../range.ts";
import type { IntBounds } from "./bounds.ts";

/** What is known of a term: its bounds on the tile, and the numbers that promises bound it by in every call. */
export type Terms = { bounds(term: Expr): IntBounds; range(term: Expr): IntRange };

/** Bounds of the form, good where `fits` holds. */
export type Sum = { readonly low: Expr; readonly high: Expr; readonly fits: Expr };

export function sumOf(form: Affine, terms: Terms): Sum {
  const parts = [...form.terms].map(([term, coefficient]) => ({ term, coefficient, ...terms.bounds(term) }));
  return {
    low: addUp(
      form.constant,
      parts.map((part) => [part.coefficient, part.coefficient > 0 ? part.low : part.high]),
    ),
    high: addUp(
      form.constant,
      parts.map((part) => [part.coefficient, part.coefficient > 0 ? part.high : part.low]),
    ),
    fits: fits(form, terms),
  };
}

/** Larger constants leave too little room for terms. */
const MOST_CONSTANT = 2 ** 30;

/** Every partial sum stays in i32 if each term's share of it does. */
function fits(form: Affine, { bounds, range }: Terms): Expr {
  const weight = [...form.terms.values()].reduce((sum, coefficient) => sum + Math.abs(coefficient), 0);
  if (Math.abs(form.constant) > MOST_CONSTANT) return bool(weight === 0 && Math.abs(form.constant) <= INT_MAX);
  if (weight === 0) return conjunction([]);
  if (weight === 1 && form.constant === 0 && ![...form.terms.values()].includes(-1)) return conjunction([]);
  const [least, most] = extremes(form, range);
  if (least >= -INT_MAX && most <= INT_MAX) return conjunction([]);
  const limit = Math.floor((INT_MAX - Math.abs(form.constant)) / weight);
  const conditions = [...form.terms.keys()].flatMap((term) => {
    const { low, high } = range(term);
    const own = bounds(term);
    return [
      ...(low >= -limit ? [] : [op("ge", own.low, int(-limit))]),
      ...(high <= limit ? [] : [op("le", own.high, int(limit))]),
    ];
  });
  return conjunction(conditions);
}

/** Bounds of all partial sums, in whichever order they are added. */
function extremes(form: Affine, range: (term: Expr) => IntRange): readonly [number, number] {
  let [least, most] = [Math.min(form.constant, 0), Math.max(form.constant, 0)];
  for (const [term, coefficient] of form.terms) {
    const { low, high } = range(term);
    const products = [coefficient * low, coefficient * high];
    least += Math.min(0, ...products);
    most += Math.max(0, ...products);
  }
  return [least, most];
}

/** constant + Σ coefficient · value, positive terms first so that the code reads like the formula. */
function addUp(constant: number, terms: readonly (readonly [number, Expr])[]): Expr {
  const product = (factor: number, value: Expr) => (factor === 1 ? value : op("mul", value, int(factor)));
  const added = terms.filter(([factor]) => factor > 0).map(([factor, value]) => product(factor, value));
  const taken = terms.filter(([factor]) => factor < 0).map(([factor, value]) => product(-factor, value));
  if (constant > 0 || added.length === 0) added.push(int(Math.max(constant, 0)));
  if (constant < 0) taken.push(int(-constant));
  const sum = added.reduce((left, right) => op("add", left, right));
  return taken.reduce((left, right) => op("sub", left, right), sum);
}
