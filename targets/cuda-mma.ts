// CUDA with the matrix units of compute capability 8.0: products of f16 or bf16, summed in f32.

import type { Target } from "./target.ts";

export const cudaMma: Target<"cuda"> = {
  name: "cuda-mma",
  backend: "cuda",
  description: "CUDA devices of compute capability 8.0 and later, with matrix units",
  features: ["mma"],
  elements: ["f32", "f16", "bf16", "i32", "u8", "bool"], // Halves are widened as they are read.
  rows: { f16: { query: "f16", stored: "f16" }, bf16: { query: "bf16", stored: "bf16" } },
  // Four warps of 16 rows; at dim 256, 80 KiB of shared memory and 128 sums a thread: two blocks on a multiprocessor of 8.0.
  tile: { queries: 64, keys: 32 },
  decode: { queries: 1, cacheBytes: 0 }, // Few rows are split instead.
  split: {
    queries: 16,
    keys: 256, // At 2k tokens, 8 blocks a KV head. Parts of four heads are 2 % of what is read.
    tile: { queries: 16, keys: 32 }, // A warp for itself: at dim 128, 28 KiB, of which 16 are always under way.
    registerTile: { rows: 2, columns: 8 },
    scratchBytes: 1073741824,
  },
  registerTile: { rows: 2, columns: 8 }, // What fragments of m16n8k16 give a thread: 16 scores.
  // Four warps of 32 rows: a fragment of K or V that is read from shared memory serves two products. With one it is read as
  // often as it is multiplied, and the memory is the limit. At dim 128, 80 KiB and 128 sums a thread, as above. How many
  // values fit beside them was tried on the examples, so that none spills.
  largerTiles: [
    { dim: 64, values: 7, tile: { queries: 128, keys: 64 }, registerTile: { rows: 4, columns: 16 } },
    { dim: 128, values: 0, tile: { queries: 128, keys: 64 }, registerTile: { rows: 4, columns: 16 } },
    { dim: 128, values: 80, tile: { queries: 128, keys: 32 }, registerTile: { rows: 4, columns: 8 } },
  ],
  // Single threads multiply, in f32: folds of pairs are most of the work. 41 KiB of shared memory at dim 256.
  reduce: { tile: { queries: 32, keys: 32 }, registerTile: { rows: 2, columns: 4 } },
  limits: {
    memoryBytes: 1099511627776, // No limit of ours: tensors with strides are addressed with 64 bits.
    capability: 80, // mma.m16n8k16, ldmatrix and cp.async.
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
    weight: 32768, // A weight is rounded to bf16 for the second product: 2**-8 of itself. f16 is nearer.
  },
};
