// One attention compiled for CUDA.

import { cudaWgmma } from "../../targets/cuda-wgmma.ts";
import type { Target } from "../../targets/target.ts";
import { cudaTargetOf } from "../backend/cuda/choose-target.ts";
import { compileAttention, type Kernel, type Settings } from "../compile.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import { whyNoWarpgroups } from "../schedule/warpgroups.ts";
import type { Attention } from "../spec/spec.ts";
import type { Declared } from "./built.ts";

export type CudaAttention = Declared & {
  readonly settings: Settings;
  readonly target: Target<"cuda">;
  readonly kernel: Kernel<"cuda">;
  /** The same for compute capability 9.0 alone, or why there is none. */
  readonly special: Kernel<"cuda"> | string;
};

/** The kernel of one attention; none where there are problems.
 *  Problems: E0601 to E0604, E0606, E0607. */
export function compileCuda(declared: Declared, settings: Settings): Outcome<readonly CudaAttention[]> {
  const target = cudaTargetOf(declared.attention, settings.element);
  const { value, problems } = compileAttention(declared.attention, target, settings);
  const special = compileWarpgroups(declared.attention, settings);
  return { value: value.map((kernel) => ({ ...declared, settings, target, kernel, special })), problems };
}

/** The kernel of warpgroups, for the tiles that compute capability 9.0 copies; or why the attention has none. */
export function compileWarpgroups(attention: Attention, settings: Settings): Kernel<"cuda"> | string {
  const { element = "f32" } = settings;
  if (!cudaWgmma.rows[element]) return `target ${cudaWgmma.name} has no rows of ${element}`;
  const [kernel] = compileAttention(attention, cudaWgmma, settings).value;
  if (!kernel) return `target ${cudaWgmma.name} does not compile it`;
  return whyNoWarpgroups(kernel.program) ?? kernel;
}
