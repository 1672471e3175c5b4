// What operations on floats do to bounds. A mask decides in f32, each operation rounded, and rounding is monotone: so the
// operation at the ends of an interval, rounded alike, bounds it at every value between. NaN spreads through every
// operation, which is how "nothing is known" spreads too.

import type { Expr } from "../../ir/expr.ts";
import { float, int, op } from "../../ir/make.ts";
import type { OpName } from "../../ops/index.ts";
import { INT_MAX, INT_MIN } from "../range.ts";
import { anything, type BoolBounds, type FloatBounds, type IntBounds, isExact } from "./bounds.ts";
import type { Order } from "./compare.ts";

const bounds = (low: Expr, high: Expr): FloatBounds => ({ type: "float", low, high });
const nothingKnown = anything("float") as FloatBounds;

/** The bounds, unless `doubt` is NaN: then a value between the ends may be NaN although the ends are not. */
function unlessNaN(doubts: readonly Expr[], { low, high }: FloatBounds): FloatBounds {
  const sane = doubts.map((doubt) => op("eq", doubt, doubt)).reduce((all, each) => op("and", all, each));
  return bounds(op("select", sane, low, nothingKnown.low), op("select", sane, high, nothingKnown.high));
}

/** ∞ − ∞ may stand anywhere between ends that are infinite on opposite sides. */
export const add = (a: FloatBounds, b: FloatBounds) =>
  unlessNaN(
    [op("add", a.low, b.high), op("add", a.high, b.low)],
    bounds(op("add", a.low, b.low), op("add", a.high, b.high)),
  );
export const sub = (a: FloatBounds, b: FloatBounds) => add(a, neg(b));
export const min = (a: FloatBounds, b: FloatBounds) => bounds(op("min", a.low, b.low), op("min", a.high, b.high));
export const max = (a: FloatBounds, b: FloatBounds) => bounds(op("max", a.low, b.low), op("max", a.high, b.high));
export const neg = (a: FloatBounds) => bounds(op("neg", a.high), op("neg", a.low));
export const sign = (a: FloatBounds) => bounds(op("sign", a.low), op("sign", a.high));
export const sqrt = (a: FloatBounds) => unlessNaN([op("sqrt", a.low)], bounds(op("sqrt", a.low), op("sqrt", a.high)));

export const abs = (a: FloatBounds) =>
  bounds(op("max", op("max", a.low, op("neg", a.high)), float(0)), op("max", op("neg", a.low), a.high));

/** Monotone, up or down, in one factor while the tile shares the other. */
export function mul(a: FloatBounds, b: FloatBounds): FloatBounds {
  const [factor, other] = isExact(a) ? [a, b] : [b, a];
  if (!isExact(factor)) return nothingKnown;
  // 0 · ∞ may stand between the ends when the shared factor is infinite.
  return unlessNaN(
    [op("mul", factor.low, float(0))],
    between(op("mul", other.low, factor.low), op("mul", other.high, factor.low)),
  );
}

/** Monotone, up or down, over a divisor that the tile shares; division by zero is 0 at both ends. */
export function div(a: FloatBounds, divisor: FloatBounds): FloatBounds {
  if (!isExact(divisor)) return nothingKnown;
  return between(op("div", a.low, divisor.low), op("div", a.high, divisor.low));
}

const between = (one: Expr, other: Expr) => bounds(op("min", one, other), op("max", one, other));

export const toFloat = (a: IntBounds) => bounds(op("toFloat", a.low), op("toFloat", a.high));

/** Monotone; NaN becomes 0 there, so a bound that is NaN must be caught before. */
export const toInt =
  (name: Extract<OpName, "truncate" | "floor" | "ceil" | "round">) =>
  (a: FloatBounds): IntBounds => {
    const known = op("and", op("eq", a.low, a.low), op("eq", a.high, a.high));
    const low = op("select", known, op(name, a.low), int(INT_MIN));
    return { type: "int", low, high: op("select", known, op(name, a.high), int(INT_MAX)) };
  };

/** Every comparison with NaN is false, so what may hold is written as what is not disproved. */
export function compareFloats(order: Order, a: FloatBounds, b: FloatBounds): BoolBounds {
  const not = (condition: Expr) => op("not", condition);
  const disjoint = op("or", op("lt", a.high, b.low), op("gt", a.low, b.high));
  const one = [op("eq", a.low, b.high), op("eq", a.high, b.low)].reduce((all, each) => op("and", all, each));
  const decided: Readonly<Record<Order, readonly [Expr, Expr]>> = {
    lt: [not(op("ge", a.low, b.high)), op("lt", a.high, b.low)],
    le: [not(op("gt", a.low, b.high)), op("le", a.high, b.low)],
    gt: [not(op("le", a.high, b.low)), op("gt", a.low, b.high)],
    ge: [not(op("lt", a.high, b.low)), op("ge", a.low, b.high)],
    eq: [not(disjoint), one],
    ne: [not(one), disjoint],
  };
  const [may, must] = decided[order];
  return { type: "bool", may, must };
}
