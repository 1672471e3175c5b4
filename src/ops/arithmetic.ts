// Arithmetic on ints (i32, wrapping) and floats. Division by zero gives 0, for floats too: a mask or a score is total.

import { float1, float2, int1, int2, type OpInfo } from "./op.ts";

const floorDivFloat = (a: number, b: number) => (b === 0 ? 0 : Math.floor(a / b));

export const arithmetic = {
  add: { signatures: [int2((a, b) => (a + b) | 0), float2((a, b) => a + b)], laws: ["commutative"] },
  sub: { signatures: [int2((a, b) => (a - b) | 0), float2((a, b) => a - b)] },
  mul: { signatures: [int2(Math.imul), float2((a, b) => a * b)], laws: ["commutative"] },
  /** Real division; ints become floats before they get here. */
  div: { signatures: [float2((a, b) => (b === 0 ? 0 : a / b))] },
  /** Rounds toward negative infinity, unlike `/` in WGSL, C and Wasm. INT_MIN // −1 wraps. */
  floorDiv: { signatures: [int2((a, b) => (b === 0 ? 0 : Math.floor(a / b) | 0)), float2(floorDivFloat)] },
  /** a − b · floor(a / b): the sign follows the divisor. */
  floorMod: {
    signatures: [
      int2((a, b) => (b === 0 ? 0 : (a - b * Math.floor(a / b)) | 0)),
      float2((a, b) => (b === 0 ? 0 : a - b * floorDivFloat(a, b))),
    ],
  },
  /** Ints by repeated squaring modulo 2³², a negative exponent gives 0; floats as Math.pow. */
  pow: { signatures: [int2(powInt), { ...float2(Math.pow) }], approximate: true },
  neg: { signatures: [int1((a) => -a | 0), float1((a) => -a)] },
  abs: { signatures: [int1((a) => Math.abs(a) | 0), float1(Math.abs)], laws: ["idempotent"] },
  sign: { signatures: [int1((a) => Math.sign(a) | 0), float1(Math.sign)], laws: ["idempotent"] },
  min: { signatures: [int2(Math.min), float2(Math.min)], laws: ["commutative", "associative", "idempotent"] },
  max: { signatures: [int2(Math.max), float2(Math.max)], laws: ["commutative", "associative", "idempotent"] },
} as const satisfies Record<string, OpInfo>;

function powInt(base: number, exponent: number): number {
  if (exponent < 0) return 0;
  let result = 1;
  for (let square = base, rest = exponent; rest > 0; rest >>= 1, square = Math.imul(square, square)) {
    if (rest & 1) result = Math.imul(result, square);
  }
  return result;
}
