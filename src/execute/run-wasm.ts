// Runs the compiled kernel of a call's attention: text, bytes, memory and all, exactly as a user's module does. Kernels
// are kept as long as their attention lives, because a sweep runs one attention on many shapes.

import type { Target } from "../../targets/target.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { assemble, encode } from "../backend/wasm/assemble.ts";
import { compileAttention } from "../compile.ts";
import { instantiate, type Kernel, type KernelInputs, type TensorInput } from "../runtime/wasm.ts";
import type { Case, Result } from "../spec/case.ts";
import type { Attention } from "../spec/spec.ts";
import { floats } from "../tensors/elements.ts";
import type { Tensor } from "../tensors/tensor.ts";
import type { Runner } from "./runner.ts";
import { settingsOf } from "./settings.ts";

export const wasmRunner: Runner = runnerFor(wasmSimd128);
export const wasmRelaxedRunner: Runner = runnerFor(wasmRelaxed);

/** The kernel for a Wasm target. Not available where the engine lacks an instruction set that the target names. */
export function runnerFor(target: Target<"wasm">): Runner {
  const kernels = new WeakMap<Attention, Map<string, Promise<Kernel>>>();
  return {
    level: "wasm",
    available: () => supports(target) || `this engine does not run ${target.description}`,
    async run(call) {
      const known = kernels.get(call.attention) ?? new Map<string, Promise<Kernel>>();
      kernels.set(call.attention, known);
      const key = JSON.stringify(settingsOf(call, target));
      const kernel = known.get(key) ?? loadKernel(call, target);
      known.set(key, kernel);
      const { run, description } = await kernel;
      const { out, lse } = run(inputsOf(call, description.rows.stored));
      return resultOf(out.data, lse?.data);
    },
  };
}

const resultOf = (out: Float32Array, lse: Float32Array | undefined): Result => (lse ? { out, lse } : { out });

const PROBES: Readonly<Record<Target["features"][number], string>> = {
  simd128: "(module (func (result v128) (v128.const i32x4 0 0 0 0)))",
  "relaxed-simd":
    "(module (func (param v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))))",
  threads: "(module (memory 1 1 shared))",
};

const supports = ({ features }: Target) => features.every((feature) => WebAssembly.validate(encode(PROBES[feature])));

async function loadKernel(call: Case, target: Target<"wasm">): Promise<Kernel> {
  const { value, problems } = compileAttention(call.attention, target, settingsOf(call, target));
  const [kernel] = value;
  if (!kernel) throw new Error(`${target.name} cannot run ${call.attention.name.text}: ${problems[0]?.kind}`);
  const { files, description } = kernel.emission;
  return instantiate(assemble(files[0]!.text), description);
}

/** What a kernel that stores keys and values so is given. */
export function inputsOf(call: Case, stored: "f32" | "f16" = "f32"): KernelInputs {
  const { attention, shape, params, tensors, query, key, value, keyLengths, queryStart } = call;
  const scalars = attention.params.filter((param) => !param.const).map(({ name }) => [name, params[name]!] as const);
  const captured = attention.tensors.map(({ name }) => [name, tensorInput(tensors[name]!)] as const);
  return {
    query: rowsInput(query),
    key: stored === "f16" ? halvesInput(key) : rowsInput(key),
    value: stored === "f16" ? halvesInput(value) : rowsInput(value),
    params: Object.fromEntries(scalars),
    tensors: Object.fromEntries(captured),
    axes: shape.axes,
    ...(keyLengths ? { keyLengths } : {}),
    ...(queryStart ? { queryStart } : {}),
  };
}

const rowsInput = (tensor: Tensor) => ({ data: Float32Array.from(floats(tensor)), shape: tensor.shape });
const halvesInput = ({ data, shape }: Tensor) => ({ data: data as Uint16Array, shape });

/** As it is stored; only f64 and bf16 become f32. */
function tensorInput(tensor: Tensor): TensorInput {
  const { data, shape } = tensor;
  if (data instanceof Int32Array || data instanceof Uint8Array) return { data, shape };
  if (tensor.dtype === "f16") return halvesInput(tensor);
  return { data: Float32Array.from(floats(tensor)), shape };
}
