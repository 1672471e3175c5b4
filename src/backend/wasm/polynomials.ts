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
  /** (log(1 + f) − f + f²/2) / f³ for 1 + f from √½ to √2: 7.5e-10 of log(1 + f). */
  log: [
    0.06746640056371689, -0.11675651371479034, 0.11888162791728973, -0.1240558922290802, 0.14219552278518677,
    -0.1666799634695053, 0.2000211924314499, -0.25000008940696716, 0.3333331346511841,
  ],
} as const satisfies Record<string, readonly number[]>;

/** The text of a · b + c on vectors: fused where the target can, and where nothing is decided by the result. */
export type MultiplyAdd = (a: string, b: string, c: string) => string;

export const MULTIPLY_THEN_ADD: MultiplyAdd = (a, b, c) => `(f32x4.add (f32x4.mul ${a} ${b}) ${c})`;
export const RELAXED_MULTIPLY_ADD: MultiplyAdd = (a, b, c) => `(f32x4.relaxed_madd ${a} ${b} ${c})`;

/** Statements that leave the polynomial of `$x` in `$result`. */
export function horner(
  polynomial: keyof typeof POLYNOMIALS,
  x: string,
  result: string,
  multiplyAdd: MultiplyAdd,
): string {
  const [highest, ...rest] = POLYNOMIALS[polynomial].map((coefficient) => literal("float", coefficient, "four"));
  const steps = rest.map((coefficient) => multiplyAdd(`(local.get ${result})`, `(local.get ${x})`, coefficient));
  return [highest, ...steps].map((value) => `(local.set ${result} ${value})`).join("\n");
}
