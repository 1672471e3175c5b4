// What a mask's parts may be on a tile of queries × keys, as expressions of the tile's corners. The twin of interval.ts:
// there a range is two numbers, here it is two expressions that a kernel, a step of its own or the plan runner
// evaluates for the tile at hand. A bound may be wider than the truth, never narrower.

import type { Expr } from "../../ir/expr.ts";
import { bool, constant, float, int, local, op } from "../../ir/make.ts";
import type { ScalarType } from "../../ops/op.ts";
import { INT_MAX, INT_MIN, type Range } from "../range.ts";

/** Inclusive. */
export type IntBounds = { readonly type: "int"; readonly low: Expr; readonly high: Expr };
/** Inclusive; a bound that comes out as NaN says that nothing is known. */
export type FloatBounds = { readonly type: "float"; readonly low: Expr; readonly high: Expr };
/** Whether the condition can hold somewhere on the tile, and whether it is proved to hold everywhere. */
export type BoolBounds = { readonly type: "bool"; readonly may: Expr; readonly must: Expr };
export type Bounds = IntBounds | FloatBounds | BoolBounds;

/** Corners of the tile as positions, both included, cut off at the lengths. The kernel gives them their values. */
export const TILE = {
  query: { low: local("int", "firstQuery"), high: local("int", "lastQuery") },
  key: { low: local("int", "firstKey"), high: local("int", "lastKey") },
} as const;

/** The bounds of a value that is the same on the whole tile. */
export function exactly(expr: Expr): Bounds {
  return expr.type === "bool" ? { type: "bool", may: expr, must: expr } : { type: expr.type, low: expr, high: expr };
}

const unknown: Readonly<Record<ScalarType, Bounds>> = {
  int: { type: "int", low: int(INT_MIN), high: int(INT_MAX) },
  float: { type: "float", low: float(Number.NaN), high: float(Number.NaN) },
  bool: { type: "bool", may: bool(true), must: bool(false) },
};

/** Nothing is known. */
export const anything = (type: ScalarType): Bounds => unknown[type];

/** What is known at compile time already. */
export function fromRange(range: Range): Bounds {
  if (range.type === "bool") return anything("bool");
  if (range.type === "float" && range.nan) return anything("float");
  return { type: range.type, low: constant(range.type, range.low), high: constant(range.type, range.high) };
}

/** The bounds where `condition` holds, the others where it does not. */
export function provided(condition: Expr, bounds: Bounds, otherwise: Bounds = anything(bounds.type)): Bounds {
  if (condition === bool(true)) return bounds;
  const choose = (then: Expr, other: Expr) => op("select", condition, then, other);
  if (bounds.type === "bool") {
    return { type: "bool", may: op("or", op("not", condition), bounds.may), must: op("and", condition, bounds.must) };
  }
  const { low, high } = otherwise as IntBounds | FloatBounds;
  return { type: bounds.type, low: choose(bounds.low, low), high: choose(bounds.high, high) };
}

/** One value, which the whole tile shares. */
export const isExact = (bounds: Bounds): boolean =>
  bounds.type === "bool" ? bounds.may === bounds.must : bounds.low === bounds.high;
