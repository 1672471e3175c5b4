// The model of f32 arithmetic that the error bound stands on, in four numbers and two functions. See
// docs/semantics.md, "The error bound".

import type { OpName } from "../ops/index.ts";

/** What the bound has to know of a target: published worst errors of operations, in units in the last place. */
export type Accuracy = Readonly<Record<string, number>>;

/** Unit roundoff of f32: a result that is rounded to nearest differs by at most this part of itself. */
export const unit = 2 ** -24;

/** The smallest normal f32. A target may flush what is smaller, so every rounding may be this far off. */
export const smallest = 2 ** -126;

/** The largest finite f32. */
export const largest = (2 - 2 ** -23) * 2 ** 127;

/** Relative error of a sum of `terms` products or numbers, added in any order: γ = n·u / (1 − n·u). */
export const gamma = (terms: number): number => (terms * unit) / (1 - terms * unit);

/** Published error of an operation as a part of its result. */
export function relativeError(accuracy: Accuracy, op: OpName, otherwise: number): number {
  return 2 * unit * (accuracy[op] ?? otherwise);
}

/** How far an f32 result of about this size may be from the exact one. Exact zeros stay exact. */
export function roundingError(size: number, relative: number): number {
  if (size === 0 || relative === 0 || !Number.isFinite(size)) return 0;
  return size * relative + (size < smallest ? smallest : 0);
}

/** By what a number of at most this size changes where it is rounded to 16 bits: half a unit in its last place, or of the
 *  least normal number. */
export function halfRounding(size: number, element: "f16" | "bf16"): number {
  const { relative, least } = HALVES[element];
  return Math.max(size * relative, least);
}

/** Whether a number of this size is rounded to an infinity: it is half a unit beyond the largest one. */
export const overflowsHalf = (size: number, element: "f16" | "bf16"): boolean => size >= HALVES[element].overflow;

const HALVES = {
  f16: { relative: 2 ** -11, least: 2 ** -25, overflow: 2 ** 16 - 2 ** 4 },
  bf16: { relative: 2 ** -8, least: 2 ** -134, overflow: 2 ** 128 - 2 ** 119 },
} as const;
