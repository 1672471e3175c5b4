// CUDA without matrix units: f32 arithmetic on any device since Maxwell. The baseline of correctness, and what runs where
// nothing faster does.

import type { Target } from "./target.ts";

export const cudaSimt: Target<"cuda"> = {
  name: "cuda",
  backend: "cuda",
  description: "CUDA devices of compute capability 5.0 and later, without matrix units",
  features: [],
  elements: ["f32", "f16", "i32", "u8", "bool"], // Halves are widened as they are read.
  // Halves are widened as they are loaded, and results rounded as they are stored: all arithmetic is f32.
  rows: {
    f32: { query: "f32", stored: "f32" },
    f16: { query: "f16", stored: "f16" },
    bf16: { query: "bf16", stored: "bf16" },
  },
  tile: { queries: 64, keys: 32 }, // 128 threads of 4 x 4 scores; at dim 128, 49 KiB of shared memory.
  decode: { queries: 1, cacheBytes: 0 }, // No way of its own for few rows yet.
  registerTile: { rows: 4, columns: 4 }, // 16 scores and, at value dim 128, 64 sums of the 255 registers of a thread.
  limits: {
    memoryBytes: 1099511627776, // No limit of ours: tensors with strides are addressed with 64 bits.
    capability: 50, // The oldest that CUDA 12 compiles for.
    dim: 256, // 128 sums a thread; twice as many would not fit its registers.
    operations: 8000, // Ours: a kernel of this size compiles within seconds.
  },
  errorUlps: {
    exp: 2, // CUDA C++ Programming Guide, mathematical functions, single precision.
    exp2: 2,
    log: 1,
    log2: 1,
    tanh: 2,
    sigmoid: 4, // By way of exp.
    sin: 2,
    cos: 2,
    pow: 8,
    rsqrt: 2,
  },
};
