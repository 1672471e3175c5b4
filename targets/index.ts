// The list of targets. A new target is one file beside this one and one line here.

import { cudaSimt } from "./cuda-simt.ts";
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
