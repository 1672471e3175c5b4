// Numbers that break things: the ends of i32, what stands beside zero, floats that are no numbers.

import { INT_MAX, INT_MIN } from "../analysis/range.ts";
import type { Range } from "../spec/spec.ts";
import type { Numbers } from "../verify/numbers.ts";

const INTS = [0, 1, -1, 2, 3, 7, 16, 32, 64, -7, INT_MAX, INT_MIN, 2 ** 30, INT_MAX - 40];
const FLOATS = [0, -0, 1, -1, 0.5, 2, 1e-40, 3e38, Infinity, -Infinity, Number.NaN].map(Math.fround);

export const extreme = (numbers: Numbers): number => numbers.pick(INTS);
export const oddFloat = (numbers: Numbers): number => numbers.pick(FLOATS);

/** The value, moved into the range that is promised. */
export function fitted(numbers: Numbers, { low = INT_MIN, high = INT_MAX }: Range, value: number): number {
  if (value >= low && value <= high) return value;
  return numbers.unit() < 0.3 ? Math.min(Math.max(value, low), high) : Math.min(low + Math.abs(value % 50), high);
}
