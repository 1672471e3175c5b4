// CUDA without matrix units: f32 arithmetic on any device since Maxwell. The baseline of correctness, and what runs where
// nothing faster does.

import type { Target } from "./target.ts";

export const cudaSimt: Target<"cuda"> = {
  name: "cuda",
  backend: "cuda",
  description: "CUDA devices of compute capability 5.0 and later, without matrix units",
  features: [],
  elements: ["f32", "f16", "bf16", "i32", "u8", "bool"], // Halves are widened as they are read.
  // Halves are widened as they are loaded, and results rounded as they are stored: all arithmetic is f32.
  rows: {
    f32: { query: "f32", stored: "f32" },
    f16: { query: "f16", stored: "f16" },
    bf16: { query: "bf16", stored: "bf16" },
  },
  tile: { queries: 32, keys: 32 }, // 128 threads of 2 x 4 scores; at dim 256, 41 KiB of shared memory.
  decode: { queries: 1, cacheBytes: 0 }, // Few rows are split instead.
  split: {
    queries: 16,
    keys: 256, // At 2k tokens, 8 blocks a KV head. Parts of four heads are 2 % of what is read.
    tile: { queries: 16, keys: 32 }, // 128 threads of a row and 4 keys.
    registerTile: { rows: 1, columns: 4 },
    scratchBytes: 1073741824,
  },
  registerTile: { rows: 2, columns: 4 }, // 8 scores and, at value dim 256, 64 sums of the 255 registers of a thread.
  largerTiles: [
    // As many sums from shorter rows; 49 KiB at dim 128.
    { dim: 128, values: 1000, tile: { queries: 64, keys: 32 }, registerTile: { rows: 4, columns: 4 } },
  ],
  // Single threads multiply, in f32: folds of pairs are most of the work. 41 KiB of shared memory at dim 256.
  reduce: { tile: { queries: 32, keys: 32 }, registerTile: { rows: 2, columns: 4 } },
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
    sigmoid: 4, // exp's 2, and half a unit each for 1 + exp and for the division. Tried in test/unit/device.
    sin: 2,
    cos: 2,
    pow: 8, // powf's, in guides up to CUDA 10; later ones say 4.
    rsqrt: 2,
  },
};
