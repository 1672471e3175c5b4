// One attention compiled for CUDA.

import { cudaWgmma } from "../../targets/cuda-wgmma.ts";
import type { Target } from "../../targets/target.ts";
import { cudaTargetOf } from "../backend/cuda/choose-target.ts";
import { compileAttention, type Kernel, type Settings } from "../compile.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import { whyNoWarpgroups } from "../schedule/warpgroups.ts";
import type { Attention } from "../spec/spec.ts";
import type { Declared } from "./built.ts";

/** Why an attention has no kernel of warpgroups, for the tiles that compute capability 9.0 copies; undefined where it has. */
export function whyNotWgmma(attention: Attention, settings: Settings): string | undefined {
  const [kernel] = compileAttention(attention, cudaWgmma, settings).value;
  return kernel ? whyNoWarpgroups(kernel.program) : `target ${cudaWgmma.name} has no rows of ${settings.element}`;
}

export type CudaAttention = Declared & {
  readonly settings: Settings;
  readonly target: Target<"cuda">;
  readonly kernel: Kernel<"cuda">;
};

/** The kernel of one attention; none where there are problems.
 *  Problems: E0601 to E0604, E0606, E0607. */
export function compileCuda(declared: Declared, settings: Settings): Outcome<readonly CudaAttention[]> {
  const target = cudaTargetOf(declared.attention, settings.element);
  const { value, problems } = compileAttention(declared.attention, target, settings);
  return { value: value.map((kernel) => ({ ...declared, settings, target, kernel })), problems };
}
