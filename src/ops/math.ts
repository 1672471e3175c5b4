// Functions of floats, and the ways from int to float and back.

import { float1, type OpInfo, type Signature, saturate } from "./op.ts";

const toWhole = (meaning: (a: number) => number): Signature => ({
  args: ["float"],
  result: "int",
  eval: (a: number) => saturate(meaning(a)),
});

/** Ties go to the even neighbour, as IEEE 754's roundTiesToEven. */
function roundHalfEven(a: number): number {
  const below = Math.floor(a);
  const rest = a - below;
  if (rest !== 0.5) return Math.round(a);
  return below % 2 === 0 ? below : below + 1;
}

export const math = {
  exp: { signatures: [float1(Math.exp)], approximate: true },
  exp2: { signatures: [float1((a) => 2 ** a)], approximate: true },
  log: { signatures: [float1(Math.log)], approximate: true },
  log2: { signatures: [float1(Math.log2)], approximate: true },
  sqrt: { signatures: [float1(Math.sqrt)] },
  /** 1 / sqrt(a), and 0 at 0 like every division by zero. */
  rsqrt: { signatures: [float1((a) => (a === 0 ? 0 : 1 / Math.sqrt(a)))], approximate: true },
  tanh: { signatures: [float1(Math.tanh)], approximate: true },
  sigmoid: { signatures: [float1((a) => 1 / (1 + Math.exp(-a)))], approximate: true },
  sin: { signatures: [float1(Math.sin)], approximate: true },
  cos: { signatures: [float1(Math.cos)], approximate: true },
  toFloat: { signatures: [{ args: ["int"], result: "float", eval: (a: number) => a }] },
  /** Toward zero; saturates at the ends of i32, NaN gives 0. So do the other three. */
  truncate: { signatures: [toWhole(Math.trunc)] },
  floor: { signatures: [toWhole(Math.floor)] },
  ceil: { signatures: [toWhole(Math.ceil)] },
  round: { signatures: [toWhole(roundHalfEven)] },
} as const satisfies Record<string, OpInfo>;
