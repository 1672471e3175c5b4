// Bit operations on ints. Shift counts are taken modulo 32; the right shift keeps the sign.

import { int2, type OpInfo } from "./op.ts";

export const bits = {
  bitAnd: { signatures: [int2((a, b) => a & b)], laws: ["commutative", "associative", "idempotent"] },
  bitOr: { signatures: [int2((a, b) => a | b)], laws: ["commutative", "associative", "idempotent"] },
  bitXor: { signatures: [int2((a, b) => a ^ b)], laws: ["commutative", "associative"] },
  shiftLeft: { signatures: [int2((a, b) => a << b)] },
  shiftRight: { signatures: [int2((a, b) => a >> b)] },
} as const satisfies Record<string, OpInfo>;
