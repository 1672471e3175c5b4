// WebGPU for correctness runs: the kernels of webgpu.ts with its small tile and loops that stay rolled, because a driver in
// software compiles those soonest. On a GPU they are slow.

import type { Target } from "./target.ts";
import { webgpu } from "./webgpu.ts";

export const webgpuRolled: Target<"wgsl"> = {
  ...webgpu,
  name: "wgsl-rolled",
  description: "WebGPU at its default limits, for software that compiles it first",
  loops: "rolled",
  largerTiles: [],
};
