// Runs the compiled kernel of a call's attention: text, bytes, memory and all, exactly as a user's module does.

import type { Target } from "../../targets/target.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { assemble, encode } from "../backend/wasm/assemble.ts";
import { instantiate, type Kernel } from "../runtime/wasm.ts";
import type { Case } from "../spec/case.ts";
import { compileFor, keptKernels, refusalOf } from "./kept-kernels.ts";
import { inputsOf, resultOf } from "./kernel-call.ts";
import type { Runner } from "./runner.ts";

export const wasmRunner: Runner = runnerFor(wasmSimd128);
export const wasmRelaxedRunner: Runner = runnerFor(wasmRelaxed);

/** The kernel for a Wasm target. Not available where the engine lacks an instruction set that the target names. */
export function runnerFor(target: Target<"wasm">): Runner {
  const kernelFor = keptKernels(loadKernel);
  return {
    level: "wasm",
    accuracy: () => target.errorUlps,
    available: () => supports(target) || `this engine does not run ${target.description}`,
    unsuited: (call) => refusalOf(call, target),
    async run(call) {
      const { run, description } = await kernelFor(call, target);
      return resultOf(run(inputsOf(call, description.rows)));
    },
  };
}

const PROBES: Readonly<Partial<Record<Target["features"][number], string>>> = {
  simd128: "(module (func (result v128) (v128.const i32x4 0 0 0 0)))",
  "relaxed-simd":
    "(module (func (param v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))))",
  threads: "(module (memory 1 1 shared))",
};

const supports = ({ features }: Target) => features.every((feature) => WebAssembly.validate(encode(PROBES[feature]!)));

/** The kernel that the call asks for; one call at a time. */
export async function loadKernel(call: Case, target: Target<"wasm">): Promise<Kernel> {
  const { files, description } = compileFor(call, target).emission;
  return instantiate(assemble(files[0]!.text), description);
}
