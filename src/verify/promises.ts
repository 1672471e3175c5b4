// Values that keep a promise: the range of a parameter or a captured tensor, const bounds included.

import type { ScalarType, Value } from "../ops/op.ts";
import type { Param } from "../spec/spec.ts";
import type { Numbers } from "./numbers.ts";

export type Bounds = { readonly low: number; readonly high: number };

/** The range, with infinite ends where it is open. */
export function boundsOf(
  { range, constBounds }: Pick<Param, "range" | "constBounds">,
  params: Readonly<Record<string, Value>>,
): Bounds {
  const named = (name: string | undefined, open: number) => (name === undefined ? open : Number(params[name]));
  return {
    low: Math.max(range.low ?? -Infinity, named(constBounds?.low, -Infinity)),
    high: Math.min(range.high ?? Infinity, named(constBounds?.high, Infinity)),
  };
}

/** A value within the bounds and not far from `near`: an end of the range now and then, for the faults that live there. */
export function pickWithin({ low, high }: Bounds, type: ScalarType, numbers: Numbers, near: number): number {
  // A float keeps its sign: a cap or a temperature below 0 makes no sense, and nobody writes `in 0..` on all of them.
  const spread = type === "int" ? Math.max(4, 2 * Math.abs(near)) : near === 0 ? 4 : Math.abs(near) / 2;
  const from = Math.max(low, Math.min(near - spread, high));
  const to = Math.min(high, Math.max(near + spread, from));
  const atEnd = numbers.unit();
  const inside = type === "int" ? (value: number) => value : (value: number) => roundInside(value, low, high);
  if (atEnd < 0.1 && Number.isFinite(low)) return inside(low);
  if (atEnd < 0.2 && Number.isFinite(high)) return inside(high);
  return type === "int" ? numbers.int(Math.ceil(from), Math.floor(to)) : inside(from + numbers.unit() * (to - from));
}

/** The f32 nearest to the value that does not lie outside of the bounds: 0.99 itself is no f32, and its nearest is larger. */
function roundInside(value: number, low: number, high: number): number {
  const rounded = Math.fround(value);
  const step = Math.abs(rounded) * 2 ** -23;
  if (rounded < low) return Math.fround(rounded + step);
  return rounded > high ? Math.fround(rounded - step) : rounded;
}
