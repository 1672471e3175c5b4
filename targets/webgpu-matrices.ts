// WebGPU with matrix units of subgroups, an experiment of Dawn. Nothing has run its kernels: no adapter that was at hand has
// the feature, so they are held by validation alone.

import type { Target } from "./target.ts";
import { webgpuSubgroups } from "./webgpu-subgroups.ts";

export const webgpuMatrices: Target<"wgsl"> = {
  ...webgpuSubgroups,
  name: "wgsl-matrices",
  description: "WebGPU with matrix units of subgroups, an experiment of Dawn",
  features: ["subgroups", "subgroup-matrices"],
  matrix: { rows: 8, columns: 8, depth: 8 }, // Of the sizes that Dawn knows, the one with sums and factors of f32: Apple's.
  tile: { queries: 16, keys: 32 }, // 128 threads: such a shader has whole subgroups, and the largest are of so many; 12.4 KiB.
  registerTile: { rows: 4, columns: 1 },
  largerTiles: [],
};
