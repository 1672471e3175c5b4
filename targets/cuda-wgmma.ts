// CUDA with what only compute capability 9.0 has, as sm_90a: warpgroups that multiply tiles which are copied for them.

import { cudaMma } from "./cuda-mma.ts";
import type { Target } from "./target.ts";

export const cudaWgmma: Target<"cuda"> = {
  ...cudaMma, // Its rows, its accuracy, and its kernel for few rows.
  name: "cuda-wgmma",
  description: "CUDA devices of compute capability 9.0, with warpgroups",
  features: ["mma", "wgmma"],
  // Two warpgroups of 64 rows; at dim 256, two stages of 64 KiB, and 128 sums a thread.
  tile: { queries: 128, keys: 64 },
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
};
