// The values that an expression may take, as a set that is easy to compute with: evenly spaced ints, an interval of
// floats, a subset of {false, true} for conditions. A range may hold values that never occur, never the other way round.

import type { ScalarType, Value } from "../ops/op.ts";
import { allows, BlockFact, factOf, join as joinFacts } from "./block-fact.ts";

/** The ints low, low + step, …, high, all within i32. The step is 0 where there is one value and 1 where nothing is known
 *  of the spacing: numbers that leave the same remainder stay apart from zero where an interval alone would hold it. */
export type IntRange = { readonly type: "int"; readonly low: number; readonly high: number; readonly step: number };
/** Inclusive; NaN lies outside of the bounds and is named apart. Bounds are f32 values, infinities included. */
export type FloatRange = { readonly type: "float"; readonly low: number; readonly high: number; readonly nan: boolean };
export type BoolRange = { readonly type: "bool"; readonly fact: BlockFact };
export type Range = IntRange | FloatRange | BoolRange;

export const INT_MIN = -(2 ** 31);
export const INT_MAX = 2 ** 31 - 1;

export const ANY_INT: IntRange = { type: "int", low: INT_MIN, high: INT_MAX, step: 1 };
export const ANY_FLOAT: FloatRange = { type: "float", low: -Infinity, high: Infinity, nan: true };
export const ANY_BOOL: BoolRange = { type: "bool", fact: BlockFact.partial };

/** Every value of the type. */
export const anyOf = (type: ScalarType): Range => ({ int: ANY_INT, float: ANY_FLOAT, bool: ANY_BOOL })[type];

/** Mathematical integers from `low` in steps, none above `high`, as i32 values. Where all of them wrap around alike they
 *  stay evenly spaced; otherwise, and where f64 does not know their last bits, they may be anything. */
export function intRange(low: number, high: number, step = 1): IntRange {
  const turns = (value: number) => Math.floor((value - INT_MIN) / 2 ** 32);
  const isExact = low >= -Number.MAX_SAFE_INTEGER && high <= Number.MAX_SAFE_INTEGER;
  if (!isExact || turns(low) !== turns(high)) return ANY_INT;
  const last = step > 1 ? high - ((high - low) % step) : high;
  return { type: "int", low: low | 0, high: last | 0, step: low === last ? 0 : Math.max(step, 1) };
}

/** The greatest common divisor of two numbers that are not negative; 0 and n have n. */
export function commonStep(left: number, right: number): number {
  let [a, b] = [left, right];
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

/** The least number that is not negative and leaves the same remainder. */
export const residue = (value: number, modulus: number): number => ((value % modulus) + modulus) % modulus;

/** The bounds are rounded outwards to f32, so that the range holds the real number as well as what it is rounded to. */
export function floatRange(low: number, high: number, nan = false): FloatRange {
  return { type: "float", low: roundDown(low), high: -roundDown(-high), nan };
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The largest f32 that is not above the value. */
function roundDown(value: number): number {
  float[0] = value;
  if (float[0] <= value || Number.isNaN(value)) return float[0];
  // Patterns of positive floats count upwards from zero, those of negative ones downwards.
  if (float[0] === 0) return -(2 ** -149);
  bits[0]! += float[0] > 0 ? -1 : 1;
  return float[0];
}

export const boolRange = (fact: BlockFact): BoolRange => ({ type: "bool", fact });

/** The range that holds exactly this value; floats are rounded to f32. */
export function rangeOf(type: ScalarType, value: Value): Range {
  if (type === "bool") return boolRange(factOf(value as boolean));
  const number = Number(value);
  if (type === "int") return intRange(number, number);
  return Number.isNaN(number) ? { ...ANY_FLOAT } : floatRange(number, number);
}

/** The one value of the range, if there is only one. A zero counts as one value whatever its sign, so it is left out. */
export function onlyValue(range: Range): Value | undefined {
  switch (range.type) {
    case "bool":
      if (range.fact === BlockFact.partial || range.fact === BlockFact.never) return undefined;
      return range.fact === BlockFact.full;
    case "int":
      return range.low === range.high ? range.low : undefined;
    case "float":
      return range.low === range.high && range.low !== 0 && !range.nan ? range.low : undefined;
  }
}

/** A range that holds the values of both; they must be of one type. */
export function join(left: Range, right: Range): Range {
  if (left.type === "bool" && right.type === "bool") return boolRange(joinFacts(left.fact, right.fact));
  if (left.type === "int" && right.type === "int") return joinInts(left, right);
  if (left.type !== "float" || right.type !== "float") throw new Error(`cannot join ${left.type} and ${right.type}`);
  const low = Math.min(left.low, right.low);
  return { type: "float", low, high: Math.max(left.high, right.high), nan: left.nan || right.nan };
}

export function joinInts(left: IntRange, right: IntRange): IntRange {
  const step = commonStep(commonStep(left.step, right.step), Math.abs(left.low - right.low));
  return { type: "int", low: Math.min(left.low, right.low), high: Math.max(left.high, right.high), step };
}

/** The values that lie in both ranges, of which there is at least one. */
export function intersectInts(left: IntRange, right: IntRange): IntRange {
  const spaced = left.step === 0 || left.step >= right.step ? left : right;
  const other = spaced === left ? right : left;
  if (spaced.step <= 1) {
    const [low, high] = [Math.max(left.low, right.low), Math.min(left.high, right.high)];
    return { type: "int", low, high, step: low === high ? 0 : 1 };
  }
  const skipped = Math.max(0, Math.ceil((other.low - spaced.low) / spaced.step));
  return intRange(spaced.low + skipped * spaced.step, Math.min(spaced.high, other.high), spaced.step);
}

/** True if the value lies in the range. */
export function contains(range: Range, value: Value): boolean {
  if (range.type === "bool") return allows(range.fact, value as boolean);
  const number = value as number;
  if (Number.isNaN(number)) return range.type === "float" && range.nan;
  if (range.type === "int" && range.step > 1 && (number - range.low) % range.step !== 0) return false;
  return range.low <= number && number <= range.high;
}
