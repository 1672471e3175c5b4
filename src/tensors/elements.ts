// Making tensors and reading their elements as numbers, whatever they are stored as.

import { fromBfloat, fromHalf, toBfloat, toHalf } from "./half.ts";
import type { DType, Tensor, TensorData } from "./tensor.ts";

type Storage = { readonly bytes: number; readonly allocate: (count: number) => TensorData };

const storage: Readonly<Record<DType, Storage>> = {
  f64: { bytes: 8, allocate: (count) => new Float64Array(count) },
  f32: { bytes: 4, allocate: (count) => new Float32Array(count) },
  f16: { bytes: 2, allocate: (count) => new Uint16Array(count) },
  bf16: { bytes: 2, allocate: (count) => new Uint16Array(count) },
  i32: { bytes: 4, allocate: (count) => new Int32Array(count) },
  u8: { bytes: 1, allocate: (count) => new Uint8Array(count) },
  bool: { bytes: 1, allocate: (count) => new Uint8Array(count) },
};

/** Bytes of one element. */
export const bytesPerElement = (dtype: DType): number => storage[dtype].bytes;

/** Number of elements; an empty shape is one scalar. */
export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, extent) => product * extent, 1);

/** Room for `count` elements, all zero. */
export const allocate = (dtype: DType, count: number): TensorData => storage[dtype].allocate(count);

/** A tensor of zeros, or `false`. */
export function zeros(dtype: DType, shape: readonly number[]): Tensor {
  return { dtype, shape, data: allocate(dtype, elementCount(shape)) };
}

/** A tensor of the given values in row-major order, rounded to the element type. For `bool`, what is not 0 is true. */
export function makeTensor(dtype: DType, shape: readonly number[], values: ArrayLike<number>): Tensor {
  const tensor = zeros(dtype, shape);
  const encode = encoders[dtype];
  for (let index = 0; index < tensor.data.length; index++) tensor.data[index] = encode(values[index]!);
  return tensor;
}

const same = (value: number) => value;
const encoders: Readonly<Record<DType, (value: number) => number>> = {
  f64: same,
  f32: same,
  f16: toHalf,
  bf16: toBfloat,
  i32: same,
  u8: same,
  bool: (value) => (value === 0 ? 0 : 1),
};

/** All elements as floats. f32 and f64 are not copied. */
export function floats(tensor: Tensor): Float64Array | Float32Array {
  const { data, dtype } = tensor;
  if (data instanceof Float64Array || data instanceof Float32Array) return data;
  if (dtype === "f16") return widened(data, fromHalf);
  if (dtype === "bf16") return widened(data, fromBfloat);
  return Float64Array.from(data);
}

/** What `Float32Array.from` gives, in a tenth of its time. */
function widened(data: TensorData, decode: (bits: number) => number): Float32Array {
  const values = new Float32Array(data.length);
  for (let index = 0; index < values.length; index++) values[index] = decode(data[index]!);
  return values;
}

/** All elements as numbers. Only f16 and bf16 are copied. */
export function numbers(tensor: Tensor): ArrayLike<number> {
  return tensor.dtype === "f16" || tensor.dtype === "bf16" ? floats(tensor) : tensor.data;
}

/** All elements of an i32, u8 or bool tensor as ints. i32 is not copied; fractions of floats are cut off. */
export function ints(tensor: Tensor): Int32Array {
  return tensor.data instanceof Int32Array ? tensor.data : Int32Array.from(floats(tensor));
}
