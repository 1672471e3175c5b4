// Values that keep a promise: the range of a parameter or a captured tensor, const bounds included.

import type { ScalarType, Value } from "../ops/op.ts";
import type { Param } from "../spec/spec.ts";
import { fromBfloat, fromHalf, toBfloat, toHalf } from "../tensors/half.ts";
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

/** A value within the bounds and not far from `near`: an end of the range now and then, for the faults that live there.
 *  @param type what holds the value; a float alone is an f32 */
export function pickWithin({ low, high }: Bounds, type: ScalarType | Float, numbers: Numbers, near: number): number {
  // A float keeps its sign: a cap or a temperature below 0 makes no sense, and nobody writes `in 0..` on all of them.
  const spread = type === "int" ? Math.max(4, 2 * Math.abs(near)) : near === 0 ? 4 : Math.abs(near) / 2;
  const from = Math.max(low, Math.min(near - spread, high));
  const to = Math.min(high, Math.max(near + spread, from));
  const atEnd = numbers.unit();
  const float = type in FLOATS ? FLOATS[type as Float] : FLOATS.f32;
  const inside = (value: number) => (type === "int" ? value : roundInside(value, { low, high }, float));
  if (atEnd < 0.1 && Number.isFinite(low)) return inside(low);
  if (atEnd < 0.2 && Number.isFinite(high)) return inside(high);
  return type === "int" ? numbers.int(Math.ceil(from), Math.floor(to)) : inside(from + numbers.unit() * (to - from));
}

type Float = "f32" | "f16" | "bf16";

/** How each rounds to nearest, and the distance to its next number beside a number of size 1. */
const FLOATS: Readonly<Record<Float, { readonly round: (value: number) => number; readonly step: number }>> = {
  f32: { round: Math.fround, step: 2 ** -23 },
  f16: { round: (value) => fromHalf(toHalf(value)), step: 2 ** -10 },
  bf16: { round: (value) => fromBfloat(toBfloat(value)), step: 2 ** -7 },
};

/** The float nearest to the value that does not lie outside of the bounds: 0.99 itself is no f32, and its nearest is larger. */
function roundInside(value: number, { low, high }: Bounds, { round, step }: (typeof FLOATS)[Float]): number {
  const rounded = round(value);
  const next = Math.abs(rounded) * step;
  if (rounded < low) return round(rounded + next);
  return rounded > high ? round(rounded - next) : rounded;
}
