// One attention compiled for CUDA.

import { cudaSimt } from "../../targets/cuda-simt.ts";
import { compileAttention, type Kernel, type Settings } from "../compile.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import type { Declared } from "./compile-wasm.ts";

export type CudaAttention = Declared & { readonly settings: Settings; readonly kernel: Kernel<"cuda"> };

/** The kernel of one attention; none where there are problems.
 *  Problems: E0601 to E0604, E0606, E0607. */
export function compileCuda(declared: Declared, settings: Settings): Outcome<readonly CudaAttention[]> {
  const { value, problems } = compileAttention(declared.attention, cudaSimt, settings);
  return { value: value.map((kernel) => ({ ...declared, settings, kernel })), problems };
}
