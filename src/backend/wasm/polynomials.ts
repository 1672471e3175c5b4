// The polynomials of the library's functions, evaluated by Horner's rule as statements; and the series of those that are
// computed in f64.

import { POLYNOMIALS } from "../polynomials.ts";
import { literal } from "./types.ts";

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
const powers = (count: number) => Array.from({ length: count }, (_, index) => count - 1 - index);

/** Series in f64, from the highest power down. */
export const SERIES = {
  /** 2^f by powers of f: (ln 2)^k / k!. */
  exp2: powers(11).map((k) => Math.LN2 ** k / factorial(k)),
  /** log2(m) / s by powers of s²: 2 / ln 2 / (2 k + 1). */
  log2: powers(9).map((k) => (2 * Math.LOG2E) / (2 * k + 1)),
  /** sin(r) / r and cos(r) by powers of r². */
  sine: powers(6).map((k) => (-1) ** k / factorial(2 * k + 1)),
  cosine: powers(7).map((k) => (-1) ** k / factorial(2 * k)),
} as const;

/** The text of a · b + c on vectors: fused where the target can, and where nothing is decided by the result. */
export type MultiplyAdd = (a: string, b: string, c: string) => string;

export const MULTIPLY_THEN_ADD: MultiplyAdd = (a, b, c) => `(f32x4.add (f32x4.mul ${a} ${b}) ${c})`;
export const RELAXED_MULTIPLY_ADD: MultiplyAdd = (a, b, c) => `(f32x4.relaxed_madd ${a} ${b} ${c})`;

/** Statements that leave the polynomial of `$x` in `$result`.
 *  @param coefficient the text of the coefficient at a place, as a vector; default: a constant */
export function horner(
  polynomial: keyof typeof POLYNOMIALS,
  x: string,
  result: string,
  multiplyAdd: MultiplyAdd,
  coefficient = (value: number, _: number) => literal("float", value, "four"),
): string {
  const [highest, ...rest] = POLYNOMIALS[polynomial].map(coefficient);
  const steps = rest.map((each) => multiplyAdd(`(local.get ${result})`, `(local.get ${x})`, each));
  return [highest, ...steps].map((value) => `(local.set ${result} ${value})`).join("\n");
}
