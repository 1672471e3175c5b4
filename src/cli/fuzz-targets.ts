// The targets whose kernels a fuzz tries, and how often: a kernel of Wasm is assembled in milliseconds, a pipeline takes a
// software adapter a second, an emulated CUDA kernel some seconds of a C++ compiler.

import { webgpuRolled } from "../../targets/webgpu-rolled.ts";
import { holdsNumbers, type KernelTarget, wasmKernels } from "../fuzz/kernel.ts";
import { suggestion } from "./assignments.ts";
import { failure, wrongUsage } from "./command-error.ts";
import { cudaRunner } from "./cuda/run-cuda.ts";
import { openWebgpu } from "./webgpu/target.ts";

export type FuzzTargets = {
  readonly kernels: readonly KernelTarget[];
  /** Where kernels run that could run in several places, in words. */
  readonly places: readonly string[];
  close(): void;
};

type Opened = { readonly kernels: KernelTarget; close(): void };

const TARGETS: Readonly<Record<string, () => Opened | Promise<Opened>>> = {
  wasm: () => ({ kernels: wasmKernels, close() {} }),
  wgsl: async () => {
    const { runner, close, ...none } = await openWebgpu(true, webgpuRolled);
    if (!runner) throw missing("wgsl", (none as { why: string }).why);
    return { kernels: { name: "wgsl", every: 100, calls: 8, takes: holdsNumbers, runner: () => runner }, close };
  },
  cuda: () => {
    const available = cudaRunner.available();
    if (available !== true) throw missing("cuda", available);
    return { kernels: { name: "cuda", every: 500, calls: 8, runner: () => cudaRunner }, close() {} };
  },
};

const missing = (name: string, why: string) =>
  failure("E0806", `target \`${name}\` is to be tried and not there: ${why}`);

/** Opens what `--targets` names. */
export async function openFuzzTargets(text = "wasm"): Promise<FuzzTargets> {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const known = Object.keys(TARGETS);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw wrongUsage(`--targets names no target \`${unknown}\` of the fuzz`, suggestion(unknown, known));
  }
  const opened: Opened[] = [];
  const close = () => {
    for (const each of opened) each.close();
  };
  try {
    for (const name of names) opened.push(await TARGETS[name]!());
  } catch (error) {
    close();
    throw error;
  }
  const kernels = opened.map((each) => each.kernels);
  const places = kernels.flatMap(({ name, runner }) => {
    const where = runner({ queries: 1, keys: 1 }).where?.();
    return where === undefined ? [] : [`${name} runs ${where}`];
  });
  return { kernels, places, close };
}
