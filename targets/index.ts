// The list of targets. A new target is one file beside this one and one line here.

import { cudaMma } from "./cuda-mma.ts";
import { cudaSimt } from "./cuda-simt.ts";
import { cudaWgmma } from "./cuda-wgmma.ts";
import type { Target } from "./target.ts";
import { wasmRelaxed } from "./wasm-relaxed.ts";
import { wasmSimd128 } from "./wasm-simd128.ts";
import { webgpu } from "./webgpu.ts";
import { webgpuMatrices } from "./webgpu-matrices.ts";
import { webgpuRolled } from "./webgpu-rolled.ts";
import { webgpuSubgroups } from "./webgpu-subgroups.ts";

export const TARGETS: readonly Target[] = [
  wasmSimd128,
  wasmRelaxed,
  webgpu,
  webgpuSubgroups,
  webgpuMatrices,
  webgpuRolled,
  cudaSimt,
];

/** What a target is compiled as where rows and devices allow it: a call is never asked for them by name, but a plan can be. */
export const VARIANTS: readonly Target[] = [cudaMma, cudaWgmma];
