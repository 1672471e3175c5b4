// What elements of a tensor lie in, by their type, and whether the caller's array is one of these.

import type { ElementType } from "./description.ts";
import type { HalfElements, TensorElements } from "./inputs.ts";

/** Names of the typed arrays that hold elements; the bits of halves may come as whole numbers. */
export const ARRAYS: Readonly<Record<ElementType, readonly string[]>> = {
  f32: ["Float32Array"],
  f16: ["Uint16Array", "Float16Array"],
  i32: ["Int32Array"],
  u8: ["Uint8Array"],
  bool: ["Uint8Array"],
};

/** By the array's name, as it may come from another realm, or of a type that the engine of the build does not know. */
export function isArrayOf(element: ElementType, data: unknown): data is TensorElements {
  return ArrayBuffer.isView(data) && ARRAYS[element].includes((data as TensorElements)[Symbol.toStringTag]);
}

/** The bits of halves, where they lie. */
export const halfBits = ({ buffer, byteOffset, length }: HalfElements): Uint16Array =>
  new Uint16Array(buffer, byteOffset, length);

/** The elements as numbers, whatever they lie in. */
export function numbersOf(element: ElementType, data: TensorElements): ArrayLike<number> {
  return element === "f16" && data instanceof Uint16Array ? Float32Array.from(data, halfValue) : data;
}

function halfValue(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction : fraction + 1024) * 2 ** (Math.max(exponent, 1) - 25);
}
