// What an element of a captured tensor is once it is loaded.

import type { ScalarType } from "../ops/op.ts";
import type { ElementType } from "../spec/spec.ts";

export const SCALAR_OF: Readonly<Record<ElementType, ScalarType>> = {
  f32: "float",
  f16: "float",
  bf16: "float",
  i32: "int",
  u8: "int",
  bool: "bool",
};

/** Elements of 16 bits, which are floats once they are widened. */
export const isHalf = (element: string): element is "f16" | "bf16" => element === "f16" || element === "bf16";
