// Numbers as WGSL writes them.

import { shortestDecimal } from "../simt/numbers.ts";

/** The least int is no literal: its sign is an operation of its own. */
export const intText = (value: number) => (value === -(2 ** 31) ? "i32(-2147483648)" : String(value));

/** The largest finite f32. */
export const LARGEST = Math.fround(3.4028234663852886e38);

/** The shortest decimal that gives exactly this f32 again. */
export function floatText(value: number): string {
  const rounded = Math.fround(value);
  if (Number.isNaN(rounded)) return "not_a_number()";
  const finite = Math.max(-LARGEST, Math.min(LARGEST, rounded));
  if (Object.is(finite, -0)) return "-0.0";
  const text = shortestDecimal(finite, LARGEST);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** The polynomial of `x`, coefficients from the highest power down, as one expression. */
export function horner(coefficients: readonly number[], x: string): string {
  const [highest, ...rest] = coefficients.map(floatText);
  return rest.reduce((sum, each) => `(${sum} * ${x} + ${each})`.replace("+ -", "- "), highest!);
}
