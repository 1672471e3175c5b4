// One attention compiled for WebGPU.

import type { Target } from "../../targets/target.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { compileAttention, type Kernel, type Settings } from "../compile.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import type { Declared } from "./built.ts";

export type WgslAttention = Declared & {
  readonly settings: Settings;
  readonly target: Target<"wgsl">;
  readonly kernel: Kernel<"wgsl">;
};

/** The kernel of one attention; none where there are problems.
 *  Problems: E0601 to E0604, E0606, E0607. */
export function compileWgsl(declared: Declared, settings: Settings): Outcome<readonly WgslAttention[]> {
  const { value, problems } = compileAttention(declared.attention, webgpu, settings);
  return { value: value.map((kernel) => ({ ...declared, settings, target: webgpu, kernel })), problems };
}
