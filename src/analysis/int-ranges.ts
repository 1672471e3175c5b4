// What operations on ints do to ranges. Each function takes ranges and gives one that holds every result; where a result
// may wrap around it gives everything. Most operations are monotone in each argument, so their extremes stand at corners;
// sums, multiples, quotients and remainders keep what is known of the spacing.

import { ANY_INT, commonStep, INT_MAX, INT_MIN, type IntRange, intRange, joinInts, residue } from "./range.ts";

type Int1 = (a: IntRange) => IntRange;
type Int2 = (a: IntRange, b: IntRange) => IntRange;

/** Of a function that is monotone in each argument while the other stands still, whichever way that goes. */
const monotone =
  (value: (a: number, b: number) => number): Int2 =>
  (a, b) => {
    const corners = [value(a.low, b.low), value(a.low, b.high), value(a.high, b.low), value(a.high, b.high)];
    return intRange(Math.min(...corners), Math.max(...corners));
  };

export const add: Int2 = (a, b) => intRange(a.low + b.low, a.high + b.high, commonStep(a.step, b.step));
export const sub: Int2 = (a, b) => intRange(a.low - b.high, a.high - b.low, commonStep(a.step, b.step));
export const neg: Int1 = (a) => intRange(-a.high, -a.low, a.step);

export const mul: Int2 = (a, b) =>
  a.step === 0 ? multiple(b, a.low) : b.step === 0 ? multiple(a, b.low) : product(a, b);
/** Products beyond 2⁵³ are not exact here, but they are far outside of i32 all the same. */
const product = monotone((a, b) => a * b);
const multiple = (a: IntRange, factor: number) =>
  intRange(
    Math.min(a.low * factor, a.high * factor),
    Math.max(a.low * factor, a.high * factor),
    a.step * Math.abs(factor),
  );
export const min: Int2 = monotone(Math.min);
export const max: Int2 = monotone(Math.max);
export const sign: Int1 = (a) => intRange(Math.sign(a.low), Math.sign(a.high));

export const abs: Int1 = (a) => {
  if (a.low >= 0 || a.high < 0) return a.low >= 0 ? a : neg(a);
  const nearest = a.low > 0 ? a.low : a.high < 0 ? -a.high : 0;
  return intRange(nearest, Math.max(-a.low, a.high));
};

/** Splits the divisor at zero, where the result jumps and is 0. */
export const floorDiv: Int2 = (a, b) =>
  bySign(b, {
    negative: (below) => quotient(a, below),
    positive: (above) => quotient(a, above),
  });
const quotient: Int2 = (a, b) => {
  const corners = floorQuotient(a, b);
  if (b.step !== 0 || b.low < 0 || a.step % b.low !== 0) return corners;
  return intRange(corners.low, corners.high, a.step / b.low);
};
const floorQuotient = monotone((a, b) => Math.floor(a / b));

/** The sign follows the divisor. */
export const floorMod: Int2 = (a, b) =>
  bySign(b, {
    negative: (below) => mirror(remainder(mirror(a), mirror(below))),
    positive: (above) => remainder(a, above),
  });

/** The mathematical negative: 2³¹ may stand in between, and is gone in the result. */
const mirror: Int1 = (a) => ({ type: "int", low: 0 - a.high, high: 0 - a.low, step: a.step });

/** a mod b for positive b: within one period the remainder follows a, across periods it takes every value that the
 *  spacing of a leaves. */
function remainder(a: IntRange, b: IntRange): IntRange {
  if (b.low === b.high && Math.floor(a.low / b.low) === Math.floor(a.high / b.low)) {
    const period = b.low * Math.floor(a.low / b.low);
    return intRange(a.low - period, a.high - period, a.step);
  }
  if (a.low >= 0 && a.high < b.low) return a;
  const step = b.low === b.high ? commonStep(a.step, b.low) : 1;
  return intRange(residue(a.low, step), a.low >= 0 ? Math.min(a.high, b.high - 1) : b.high - 1, step);
}

function bySign(b: IntRange, parts: { readonly negative: Int1; readonly positive: Int1 }): IntRange {
  const results: IntRange[] = [];
  if (b.low < 0) results.push(parts.negative(intRange(b.low, Math.min(b.high, -1))));
  if (b.low <= 0 && b.high >= 0) results.push(intRange(0, 0));
  if (b.high > 0) results.push(parts.positive(intRange(Math.max(b.low, 1), b.high)));
  return results.reduce(joinInts);
}

/** Of a power with one exponent; powers whose exponent varies may be anything. */
export const pow: Int2 = (base, { low: exponent, high }) => {
  if (exponent !== high) return ANY_INT;
  if (exponent <= 0) return exponent === 0 ? intRange(1, 1) : intRange(0, 0);
  const [atLow, atHigh] = [base.low ** exponent, base.high ** exponent];
  const crossesZero = base.low < 0 && base.high > 0;
  return intRange(crossesZero && exponent % 2 === 0 ? 0 : Math.min(atLow, atHigh), Math.max(atLow, atHigh));
};

/** A mask of low bits takes the remainder; otherwise the result is no larger than an operand that is not negative. */
export const bitAnd: Int2 = (a, b) => {
  if (isLowBits(b)) return floorMod(a, intRange(b.low + 1, b.low + 1));
  if (isLowBits(a)) return floorMod(b, intRange(a.low + 1, a.low + 1));
  if (a.low >= 0 && b.low >= 0) return intRange(0, Math.min(a.high, b.high));
  if (a.low >= 0) return intRange(0, a.high);
  if (b.low >= 0) return intRange(0, b.high);
  return intRange(INT_MIN, Math.max(a.high, b.high));
};

const isLowBits = ({ low, high }: IntRange) => low === high && low >= 0 && low < INT_MAX && (low & (low + 1)) === 0;

export const bitOr: Int2 = (a, b) => {
  if (a.low >= 0 && b.low >= 0) return intRange(Math.max(a.low, b.low), allBitsUpTo(Math.max(a.high, b.high)));
  if (a.high < 0) return intRange(b.high < 0 ? Math.max(a.low, b.low) : a.low, -1);
  return b.high < 0 ? intRange(b.low, -1) : ANY_INT;
};

export const bitXor: Int2 = (a, b) =>
  a.low >= 0 && b.low >= 0 ? intRange(0, allBitsUpTo(Math.max(a.high, b.high))) : ANY_INT;

/** The smallest number of ones in binary that is at least `value`. */
const allBitsUpTo = (value: number) => (value === 0 ? 0 : 2 ** (32 - Math.clz32(value)) - 1);

export const shiftLeft: Int2 = (a, count) =>
  count.low === count.high ? mul(a, shiftFactor(count.low)) : a.low === 0 && a.high === 0 ? a : ANY_INT;

/** 2 to the count; counts are taken modulo 32. The last factor is −2³¹ as an int, and what it wraps to is everything. */
const shiftFactor = (count: number): IntRange => ({
  type: "int",
  low: 2 ** (count & 31),
  high: 2 ** (count & 31),
  step: 0,
});

/** Toward zero from below or above, whatever the count; by one count it divides. */
export const shiftRight: Int2 = (a, count) => {
  if (count.step === 0 && count.low >= 0 && count.low <= 30) return quotient(a, shiftFactor(count.low));
  if (count.low >= 0 && count.high <= 31) return monotone((value, by) => value >> by)(a, count);
  if (count.low === count.high) return intRange(a.low >> count.low, a.high >> count.low);
  return intRange(a.low >= 0 ? 0 : a.low, a.high < 0 ? -1 : a.high);
};
