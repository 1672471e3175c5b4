// What the error analysis knows of single operations beside their meaning: which round nothing, which compare, where
// they jump, and which turn around.

import type { OpName } from "../ops/index.ts";
import { unit } from "./rounding.ts";

/** True for operations on floats whose result is an argument, or representable by construction. */
export const isExact = (op: OpName): boolean => exact.has(op);
const exact: ReadonlySet<OpName> = new Set<OpName>(["neg", "abs", "sign", "min", "max", "select", "randomUnit"]);

export const isComparison = (op: OpName): boolean => comparisons.has(op);
const comparisons: ReadonlySet<OpName> = new Set<OpName>(["eq", "ne", "lt", "le", "gt", "ge"]);

/** Whether an operation on floats jumps within the errors of its arguments; undefined where it is continuous. */
export const jumpOf = (op: OpName): Jump | undefined => jumps[op];
type Jump = (value: readonly number[], error: readonly number[]) => boolean;

const crossesZero = (value: number, error: number) => error > 0 && Math.abs(value) <= error;
const changes = (meaning: (a: number) => number, value: number, error: number) =>
  meaning(value - error) !== meaning(value + error);
const ofOne = (meaning: (a: number) => number): Jump => {
  return ([value], [error]) => changes(meaning, value!, error!);
};

/** The quotient is rounded before it is floored, unless it is representable. */
const quotientJumps: Jump = ([a, b], [errorA, errorB]) => {
  if (b === 0 && errorB === 0) return false;
  if (crossesZero(b!, errorB!)) return true;
  const quotient = a! / b!;
  const moved = (errorA! + Math.abs(quotient) * errorB!) / (Math.abs(b!) - errorB!);
  const rounding = moved === 0 && Math.fround(quotient) === quotient ? 0 : Math.abs(quotient) * unit;
  return changes(Math.floor, quotient, moved + rounding);
};

const jumps: Readonly<Partial<Record<OpName, Jump>>> = {
  floor: ofOne(Math.floor),
  ceil: ofOne(Math.ceil),
  truncate: ofOne(Math.trunc),
  // Ties go to even, but whichever way they go, the jump is at the half.
  round: ofOne((a) => Math.floor(a + 0.5)),
  sign: ofOne(Math.sign),
  div: ([, b], [, errorB]) => crossesZero(b!, errorB!),
  rsqrt: ([a], [errorA]) => crossesZero(a!, errorA!),
  floorDiv: quotientJumps,
  floorMod: quotientJumps,
};

/** Operations that turn around within an interval; their results move at most as far as their argument, and at most 2. */
export const oscillates = (op: OpName): boolean => op === "sin" || op === "cos";
