// CUDA with what only compute capability 9.0 has, as sm_90a: warpgroups that multiply tiles which are copied for them.

import type { Target } from "./target.ts";

export const cudaWgmma: Target<"cuda"> = {
  name: "cuda-wgmma",
  backend: "cuda",
  description: "CUDA devices of compute capability 9.0, with warpgroups",
  features: ["mma", "wgmma"],
  elements: ["f32", "f16", "bf16", "i32", "u8", "bool"], // Halves are widened as they are read.
  rows: { f16: { query: "f16", stored: "f16" }, bf16: { query: "bf16", stored: "bf16" } },
  // Two warpgroups of 64 rows; at dim 256, two stages of 64 KiB, and 128 sums a thread.
  tile: { queries: 128, keys: 64 },
  decode: { queries: 1, cacheBytes: 0 }, // Few rows are split instead.
  split: {
    queries: 16,
    keys: 256, // At 2k tokens, 8 blocks a KV head. Parts of four heads are 2 % of what is read.
    tile: { queries: 16, keys: 32 }, // A warp for itself: at dim 128, 28 KiB, of which 16 are always under way.
    registerTile: { rows: 2, columns: 8 },
    scratchBytes: 1073741824,
  },
  registerTile: { rows: 2, columns: 16 }, // What m64n64k16 gives a thread: 32 scores.
  // Twice as many keys a tile, so that a product of 64 rows reads shared memory for three quarters of its time, not for all
  // of it: at dim 128, 64 scores and 64 sums a thread. A walk that has more at hand leaves too few registers for them.
  largerTiles: [{ dim: 128, values: 30, tile: { queries: 128, keys: 128 }, registerTile: { rows: 2, columns: 32 } }],
  limits: {
    memoryBytes: 1099511627776, // No limit of ours: tensors with strides are addressed with 64 bits.
    capability: 90, // wgmma, TMA and setmaxnreg: of sm_90a, which nothing later runs.
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
