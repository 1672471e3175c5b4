// Comparisons. With NaN every comparison is false but `ne`, as IEEE 754 has it.

import type { OpInfo, Signature } from "./op.ts";

const order = (meaning: (a: number, b: number) => boolean): Signature[] => [
  { args: ["int", "int"], result: "bool", eval: meaning },
  { args: ["float", "float"], result: "bool", eval: meaning },
];
const equality = (meaning: (a: unknown, b: unknown) => boolean): Signature[] => [
  ...order(meaning),
  { args: ["bool", "bool"], result: "bool", eval: meaning },
];

export const comparison = {
  eq: { signatures: equality((a, b) => a === b), laws: ["commutative"] },
  ne: { signatures: equality((a, b) => a !== b), laws: ["commutative"] },
  lt: { signatures: order((a, b) => a < b) },
  le: { signatures: order((a, b) => a <= b) },
  gt: { signatures: order((a, b) => a > b) },
  ge: { signatures: order((a, b) => a >= b) },
} as const satisfies Record<string, OpInfo>;
