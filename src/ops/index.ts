// All operations in one table, and the look-up of a meaning by the types of its arguments.

import { arithmetic } from "./arithmetic.ts";
import { bits } from "./bits.ts";
import { comparison } from "./comparison.ts";
import { logic } from "./logic.ts";
import { math } from "./math.ts";
import type { OpInfo, ScalarType, Signature } from "./op.ts";
import { random } from "./random.ts";

export const OPS = { ...arithmetic, ...bits, ...comparison, ...logic, ...math, ...random };
export type OpName = keyof typeof OPS;
export const OP_NAMES = Object.keys(OPS) as OpName[];

export function opInfo(op: OpName): OpInfo {
  return OPS[op];
}

/** The signature of `op` for exactly these argument types; undefined where there is none. */
export function findSignature(op: OpName, types: readonly ScalarType[]): Signature | undefined {
  return opInfo(op).signatures.find(
    ({ args }) => args.length === types.length && args.every((type, index) => type === types[index]),
  );
}
