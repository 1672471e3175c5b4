// Minimax polynomials of the library's functions, as data, and their evaluation by Horner's rule as statements. The
// coefficients were fitted in f64 to the smallest worst relative error and then rounded to f32; tests measure the
// functions that use them.

import { literal } from "./types.ts";

/** From the highest power down. */
export const POLYNOMIALS = {
  /** exp2(f) for |f| ≤ 1/2, constant term 1: 2.0e-9. */
  exp2: [
    0.00015353361959569156, 0.0013398873852565885, 0.00961843691766262, 0.055503323674201965, 0.24022647738456726,
    0.6931471824645996, 1,
  ],
  /** exp(f) for |f| ≤ ln 2 / 2, first terms 1 + f: 3.1e-9. */
  exp: [0.001381459878757596, 0.008368716575205326, 0.04166838899254799, 0.1666652113199234, 0.4999999403953552, 1, 1],
  /** (exp(r) − 1 − r) / r² for |r| ≤ ln 2 / 2: 1.3e-8 of exp(r) − 1. */
  expm1: [0.0013882521307095885, 0.008366520516574383, 0.04166720062494278, 0.1666654348373413, 0.4999999701976776],
  /** (log(1 + f) − f + f²/2) / f³ for 1 + f from √½ to √2: 7.5e-10 of log(1 + f). */
  log: [
    0.06746640056371689, -0.11675651371479034, 0.11888162791728973, -0.1240558922290802, 0.14219552278518677,
    -0.1666799634695053, 0.2000211924314499, -0.25000008940696716, 0.3333331346511841,
  ],
} as const satisfies Record<string, readonly number[]>;

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
