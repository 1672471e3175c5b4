// A tensor in memory: element type, shape, and a typed array in row-major order. f16 and bf16 keep their bits in a
// Uint16Array; `floats` widens them.

export type DType = "f64" | "f32" | "f16" | "bf16" | "i32" | "u8" | "bool";

export type TensorData = Float64Array | Float32Array | Uint16Array | Int32Array | Uint8Array;

export type Tensor = { readonly dtype: DType; readonly shape: readonly number[]; readonly data: TensorData };
