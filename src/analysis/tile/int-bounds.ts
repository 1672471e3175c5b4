// What operations on ints do to bounds. Where a bound depends on something that only the call knows, such as the sign of
// a divisor, it comes with that condition; where nothing is known there are no bounds.

import type { Expr } from "../../ir/expr.ts";
import { int, op } from "../../ir/make.ts";
import { INT_MAX, INT_MIN, type IntRange, intRange } from "../range.ts";
import { type IntBounds, isExact } from "./bounds.ts";

/** Bounds, and the numbers that they lie between in every call. */
export type Int = IntBounds & { readonly range: IntRange };

/** Bounds that hold where `when` does, if it is there. */
export type Found = { readonly bounds: IntBounds; readonly when?: Expr } | undefined;

const between = (low: Expr, high: Expr): { readonly bounds: IntBounds } => ({ bounds: { type: "int", low, high } });

export const min = (a: Int, b: Int): Found => between(op("min", a.low, b.low), op("min", a.high, b.high));
export const max = (a: Int, b: Int): Found => between(op("max", a.low, b.low), op("max", a.high, b.high));
export const sign = (a: Int): Found => between(op("sign", a.low), op("sign", a.high));

/** |INT_MIN| wraps, so a range that reaches down to it has no bound. */
export function abs(a: Int): Found {
  const nearest = op("max", op("max", a.low, op("neg", a.high)), int(0));
  const found = between(nearest, op("max", op("neg", a.low), a.high));
  return a.range.low > INT_MIN ? found : { ...found, when: op("gt", a.low, int(INT_MIN)) };
}

/** A product with one factor that the tile shares; its sign decides which end is which. */
export function mul(a: Int, b: Int): Found {
  const [factor, other] = isExact(a) ? [a, b] : [b, a];
  if (!isExact(factor)) return undefined;
  const products = [op("mul", other.low, factor.low), op("mul", other.high, factor.low)] as const;
  const found = between(op("min", ...products), op("max", ...products));
  if (!mayLeave(factor.range, other.range)) return found;
  const largest = op("max", op("max", op("abs", other.low), op("abs", other.high)), int(1));
  // |INT_MIN| wraps to itself and would pass for a small factor.
  const sane = [factor.low, other.low, other.high].map((each) => op("gt", each, int(INT_MIN)));
  const fits = op("le", op("abs", factor.low), op("floorDiv", int(2 ** 30), largest));
  return { ...found, when: [...sane, fits].reduce((all, each) => op("and", all, each)) };
}

const mayLeave = (a: IntRange, b: IntRange): boolean => {
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return corners.some((corner) => corner < INT_MIN || corner > INT_MAX);
};

/** Floors of a positive divisor: monotone in the dividend; of a divisor that varies the ends give the extremes. */
export function floorDiv(a: Int, divisor: Int): Found {
  const at = (end: "low" | "high", extreme: "min" | "max") =>
    op(extreme, op("floorDiv", a[end], divisor.low), op("floorDiv", a[end], divisor.high));
  const found = between(at("low", "min"), at("high", "max"));
  return isPositive(divisor, found);
}

/** Within one period the remainder follows the dividend; across periods it takes every value. */
export function floorMod(a: Int, divisor: Int): Found {
  if (!isExact(divisor)) return undefined;
  const period = divisor.low;
  const together = op("eq", op("floorDiv", a.low, period), op("floorDiv", a.high, period));
  const low = op("select", together, op("floorMod", a.low, period), int(0));
  const high = op("select", together, op("floorMod", a.high, period), op("sub", period, int(1)));
  return isPositive(divisor, between(low, high));
}

function isPositive(divisor: Int, found: { readonly bounds: IntBounds }): Found {
  return divisor.range.low >= 1 ? found : { ...found, when: op("ge", divisor.low, int(1)) };
}

/** A mask of low bits takes the remainder. */
export function bitAnd(a: Int, b: Int): Found {
  const [mask, other] = isLowBits(a.range) ? [a, b] : [b, a];
  return isLowBits(mask.range) ? floorMod(other, known(mask.range.low + 1)) : undefined;
}

const isLowBits = ({ low, high }: IntRange) => low === high && low >= 0 && low < INT_MAX && (low & (low + 1)) === 0;

const known = (value: number): Int => ({
  ...between(int(value), int(value)).bounds,
  range: intRange(value, value),
});

/** Monotone for one count. */
export function shiftRight(a: Int, count: Int): Found {
  return isExact(count) ? between(op("shiftRight", a.low, count.low), op("shiftRight", a.high, count.low)) : undefined;
}

export function shiftLeft(a: Int, count: Int): Found {
  const { low, high } = count.range;
  return low === high && low >= 0 && low <= 30 ? mul(a, known(2 ** low)) : undefined;
}
