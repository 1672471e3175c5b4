// One attention compiled for CUDA.

import type { Target } from "../../targets/target.ts";
import { cudaTargetOf } from "../backend/cuda/choose-target.ts";
import { compileAttention, type Kernel, type Settings } from "../compile.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import type { Declared } from "./built.ts";

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
