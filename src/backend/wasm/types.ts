// How the language's scalars look in WebAssembly: one value as a number type, four values as a vector. A bool is 0 or 1
// alone and 0 or −1 in a lane, which is what comparisons give and bit selection takes.

import type { ScalarType, Value } from "../../ops/op.ts";

/** Whether a value is the same for the four keys of a vector, or one per key. */
export type Width = "one" | "four";

export const NUMBER_TYPE: Readonly<Record<ScalarType, "i32" | "f32">> = { bool: "i32", int: "i32", float: "f32" };
export const VECTOR_SHAPE: Readonly<Record<ScalarType, "i32x4" | "f32x4">> = {
  bool: "i32x4",
  int: "i32x4",
  float: "f32x4",
};

/** The type of a WebAssembly local that holds the value. */
export function localType(type: ScalarType, width: Width): string {
  return width === "four" ? "v128" : NUMBER_TYPE[type];
}

/** A literal of the value rounded to f32, such as `(f32.const 0.5)` or `(v128.const i32x4 3 3 3 3)`. */
export function literal(type: ScalarType, value: Value, width: Width): string {
  const number = type === "float" ? floatText(Number(value)) : intText(value, width);
  if (width === "one") return `(${NUMBER_TYPE[type]}.const ${number})`;
  return `(v128.const ${VECTOR_SHAPE[type]} ${number} ${number} ${number} ${number})`;
}

function intText(value: Value, width: Width): string {
  if (typeof value === "number") return String(value | 0);
  return value ? (width === "four" ? "-1" : "1") : "0";
}

/** The shortest decimal that gives exactly this f32 again. */
export function floatText(value: number): string {
  const rounded = Math.fround(value);
  if (Number.isNaN(rounded)) return "nan";
  if (!Number.isFinite(rounded)) return rounded > 0 ? "inf" : "-inf";
  return Object.is(rounded, -0) ? "-0" : String(rounded);
}
