// Runs the compiled shaders of a call's attention on a device, exactly as a user's module does. Kernels are kept as long as
// their attention lives, and their pipelines as long as the device.

import type { Target } from "../../targets/target.ts";
import { webgpu } from "../../targets/webgpu.ts";
import type { Kernel } from "../compile.ts";
import { createKernel, type WebgpuKernel } from "../runtime/webgpu.ts";
import type { WebgpuOutputs } from "../runtime/webgpu-run.ts";
import { stepsFor } from "../schedule/few.ts";
import type { Case, Result } from "../spec/case.ts";
import { floats } from "../tensors/elements.ts";
import { compileFor, keptKernels, refusalOf } from "./kept-kernels.ts";
import { inputsOf, namedResults } from "./kernel-call.ts";
import type { Runner } from "./runner.ts";

/** @param device opened by whoever may: the core does not know where devices come from
 *  @param where what the device is, in words */
export function wgslRunner(device: GPUDevice, where: string, target: Target<"wgsl"> = webgpu): Runner {
  const compiledFor = keptKernels(
    async (call: Case, target: Target<"wgsl">): Promise<Compiled> => ({
      ...compileFor(call, target),
      kernels: new Map(),
    }),
  );
  return {
    level: "wgsl",
    accuracy: () => target.errorUlps,
    available: () => true,
    unsuited: (call) => refusalOf(call, target),
    where: () => `on ${where}`,
    async run(call) {
      const kernel = await loaded(await compiledFor(call, target), call, device);
      return resultOf(await kernel.run(inputsOf(call, kernel.description.rows)));
    },
  };
}

/** The kernel with the steps that the call takes. A sweep calls most kernels once, and a driver in software takes a second
 *  for each pipeline: those of the other way would be compiled for nothing. */
function loaded({ program, emission, kernels }: Compiled, call: Case, device: GPUDevice): Promise<WebgpuKernel> {
  const ways = new Set(stepsFor(program, call.shape).map(({ calls }) => calls));
  const way = [...ways].join();
  const { files, description } = emission;
  const steps = description.steps.filter(({ calls }) => ways.has(calls));
  const shaders = Object.fromEntries(files.map(({ name, text }) => [name, text]));
  const kernel = kernels.get(way) ?? createKernel(device, { ...description, steps }, shaders);
  kernels.set(way, kernel);
  return kernel;
}

type Compiled = Kernel<"wgsl"> & { readonly kernels: Map<string, Promise<WebgpuKernel>> };

function resultOf({ out: { data, shape }, lse, named }: WebgpuOutputs): Result {
  const rows: Result =
    data instanceof Float32Array
      ? { out: data }
      : { out: floats({ dtype: "f16", shape, data }) as Float32Array, rounded: "f16" };
  return { ...rows, ...(lse && { lse: lse.data }), ...(named && { named: namedResults(named) }) };
}
