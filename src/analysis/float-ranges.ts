// What operations on floats do to intervals, when every result is rounded to f32. Rounding is monotone, so the bounds of
// a monotone operation are its values at corners, rounded likewise. Functions that targets compute a little differently
// get a margin. NaN is tracked apart, because every comparison with it is false.

import { math } from "../ops/math.ts";
import { type FloatRange, floatRange, type IntRange, intRange } from "./range.ts";

type Float1 = (a: FloatRange) => FloatRange;
type Float2 = (a: FloatRange, b: FloatRange) => FloatRange;

const isUnbounded = ({ low, high }: FloatRange) => low === -Infinity || high === Infinity;
const hasZero = ({ low, high }: FloatRange) => low <= 0 && high >= 0;

/** The hull of corner values. A corner that is NaN (∞ − ∞, 0 · ∞) says nothing about its neighbours. */
function hull(corners: readonly number[], nan: boolean): FloatRange {
  if (corners.some(Number.isNaN)) return floatRange(-Infinity, Infinity, true);
  return floatRange(Math.min(...corners), Math.max(...corners), nan);
}

const corners = (a: FloatRange, b: FloatRange, value: (a: number, b: number) => number) => [
  value(a.low, b.low),
  value(a.low, b.high),
  value(a.high, b.low),
  value(a.high, b.high),
];

export const add: Float2 = (a, b) => hull([a.low + b.low, a.high + b.high], nanOfSum(a, b));
export const sub: Float2 = (a, b) => hull([a.low - b.high, a.high - b.low], nanOfSum(a, b));
const nanOfSum = (a: FloatRange, b: FloatRange) => a.nan || b.nan || (isUnbounded(a) && isUnbounded(b));

export const mul: Float2 = (a, b) => {
  const zeroTimesInfinity = (hasZero(a) && isUnbounded(b)) || (isUnbounded(a) && hasZero(b));
  return hull(
    corners(a, b, (x, y) => x * y),
    a.nan || b.nan || zeroTimesInfinity,
  );
};

/** By a divisor that may be zero the result may be anything; it is 0 at zero itself. */
export const div: Float2 = (a, b) => {
  const nan = a.nan || b.nan || (isUnbounded(a) && isUnbounded(b));
  if (b.low === 0 && b.high === 0) return floatRange(0, 0, nan);
  if (hasZero(b)) return floatRange(-Infinity, Infinity, nan);
  return hull(
    corners(a, b, (x, y) => x / y),
    nan,
  );
};

export const floorDiv: Float2 = (a, b) => {
  const quotient = div(a, b);
  // The quotient is not rounded to f32 before the floor, so the bounds are those of f64.
  if (hasZero(b)) return quotient;
  return hull(
    corners(a, b, (x, y) => Math.floor(x / y)),
    quotient.nan,
  );
};

/** Less than the divisor, but for what the quotient loses in f64. */
export const floorMod: Float2 = (a, b) => {
  const largest = Math.max(Math.abs(b.low), Math.abs(b.high));
  const loss = Math.max(Math.abs(a.low), Math.abs(a.high)) * 2 ** -48;
  const nan = a.nan || b.nan || isUnbounded(a) || isUnbounded(b);
  return nan ? floatRange(-Infinity, Infinity, true) : widen(floatRange(-largest - loss, largest + loss));
};

export const neg: Float1 = (a) => floatRange(-a.high, -a.low, a.nan);
export const sign: Float1 = (a) => floatRange(Math.sign(a.low), Math.sign(a.high), a.nan);
export const min: Float2 = (a, b) => floatRange(Math.min(a.low, b.low), Math.min(a.high, b.high), a.nan || b.nan);
export const max: Float2 = (a, b) => floatRange(Math.max(a.low, b.low), Math.max(a.high, b.high), a.nan || b.nan);

export const abs: Float1 = (a) => {
  const nearest = a.low > 0 ? a.low : a.high < 0 ? -a.high : 0;
  return floatRange(nearest, Math.max(-a.low, a.high), a.nan);
};

/** Of a function that never falls and that targets compute with a few roundings. */
const increasing =
  (value: (a: number) => number): Float1 =>
  (a) =>
    widen(floatRange(value(a.low), value(a.high), a.nan));

export const exp = increasing(Math.exp);
export const exp2 = increasing((a) => 2 ** a);
export const tanh = increasing(Math.tanh);
export const sigmoid = increasing((a) => 1 / (1 + Math.exp(-a)));

/** Below zero a logarithm is NaN, at zero −∞. */
const logarithm =
  (value: (a: number) => number): Float1 =>
  (a) => {
    const nan = a.nan || a.low < 0;
    if (a.high < 0) return floatRange(-Infinity, Infinity, true);
    return widen(floatRange(value(Math.max(a.low, 0)), value(a.high), nan));
  };
export const log = logarithm(Math.log);
export const log2 = logarithm(Math.log2);

export const sqrt: Float1 = (a) => {
  if (a.high < 0) return floatRange(-Infinity, Infinity, true);
  return floatRange(Math.sqrt(Math.max(a.low, 0)), Math.sqrt(a.high), a.nan || a.low < 0);
};

/** Falls from ∞ beside zero; 0 at zero itself. */
export const rsqrt: Float1 = (a) => {
  const nan = a.nan || a.low < 0;
  if (a.low <= 0) return floatRange(nan ? -Infinity : 0, Infinity, nan);
  return widen(floatRange(1 / Math.sqrt(a.high), 1 / Math.sqrt(a.low), nan));
};

/** Sine and cosine. */
export const wave: Float1 = (a) => floatRange(-1, 1, a.nan || isUnbounded(a));

export const toFloat = (a: IntRange): FloatRange => floatRange(a.low, a.high);

/** Roundings to whole numbers never fall; NaN gives 0. */
export const toInt =
  (name: "truncate" | "floor" | "ceil" | "round") =>
  (a: FloatRange): IntRange => {
    const [{ eval: whole }] = math[name].signatures;
    const [low, high] = [whole(a.low) as number, whole(a.high) as number];
    return a.nan ? intRange(Math.min(low, 0), Math.max(high, 0)) : intRange(low, high);
  };

/** More than the errors that targets publish for their elementary functions: a few units in the last of 24 bits, and
 *  nothing where a result is too small for a normal f32. */
const MARGIN = { relative: 2 ** -18, absolute: 2 ** -126 };

function widen({ low, high, nan }: FloatRange): FloatRange {
  const margin = (bound: number) => (Number.isFinite(bound) ? Math.abs(bound) * MARGIN.relative + MARGIN.absolute : 0);
  return floatRange(low - margin(low), high + margin(high), nan);
}
