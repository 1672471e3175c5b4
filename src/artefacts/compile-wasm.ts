// One attention compiled for WebAssembly, in its two forms: with relaxed SIMD, and for every engine with SIMD. One
// description serves both, because tiles and layouts are the same.

import type { Target } from "../../targets/target.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { encode } from "../backend/wasm/assemble.ts";
import { overSharedMemory } from "../backend/wasm/shared-memory.ts";
import { compileAttention, type Kernel, type Settings } from "../compile.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import type { Attention } from "../spec/spec.ts";
import type { Declared } from "./built.ts";

export type WasmKernel = Kernel<"wasm"> & {
  readonly target: Target<"wasm">;
  readonly text: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same over a memory that threads share. */
  readonly threadsBytes: Uint8Array<ArrayBuffer>;
};

export type WasmAttention = Declared & {
  readonly settings: Settings;
  readonly plain: WasmKernel;
  readonly relaxed: WasmKernel;
};

/** The kernels of one attention; none where there are problems.
 *  Problems: E0601 to E0604. */
export function compileWasm(declared: Declared, settings: Settings): Outcome<readonly WasmAttention[]> {
  const [plain, relaxed] = [wasmSimd128, wasmRelaxed].map((target) => kernelFor(declared.attention, target, settings));
  const value =
    plain!.value && relaxed!.value ? [{ ...declared, settings, plain: plain!.value, relaxed: relaxed!.value }] : [];
  // What does not fit one of the two does not fit the other, and is said once.
  return { value, problems: plain!.problems.length > 0 ? plain!.problems : relaxed!.problems };
}

function kernelFor(attention: Attention, target: Target<"wasm">, settings: Settings): Outcome<WasmKernel | undefined> {
  const { value, problems } = compileAttention(attention, target, settings);
  const [kernel] = value;
  if (!kernel) return { value: undefined, problems };
  const { text } = kernel.emission.files[0]!;
  // This engine may lack what the target has, so the text is assembled and not validated here.
  const bytes = encode(text);
  const threadsBytes = overSharedMemory(bytes, target.limits.memoryBytes);
  return { value: { ...kernel, target, text, bytes, threadsBytes }, problems };
}
