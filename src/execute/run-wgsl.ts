// Runs the compiled shaders of a call's attention on a device, exactly as a user's module does. Kernels are kept as long as
// their attention lives, and their pipelines as long as the device.

import type { Target } from "../../targets/target.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { createKernel, type WebgpuKernel } from "../runtime/webgpu.ts";
import type { WebgpuOutputs } from "../runtime/webgpu-run.ts";
import type { Case, Result } from "../spec/case.ts";
import { floats } from "../tensors/elements.ts";
import { compileFor, keptKernels } from "./kept-kernels.ts";
import { inputsOf } from "./kernel-call.ts";
import type { Runner } from "./runner.ts";

/** @param device opened by whoever may: the core does not know where devices come from
 *  @param where what the device is, in words */
export function wgslRunner(device: GPUDevice, where: string, target: Target<"wgsl"> = webgpu): Runner {
  const kernelFor = keptKernels((call: Case, target: Target<"wgsl">) => loadKernel(call, device, target));
  return {
    level: "wgsl",
    accuracy: () => target.errorUlps,
    available: () => true,
    where: () => `on ${where}`,
    async run(call) {
      const kernel = await kernelFor(call, target);
      return resultOf(await kernel.run(inputsOf(call, kernel.description.rows)));
    },
  };
}

async function loadKernel(call: Case, device: GPUDevice, target: Target<"wgsl">): Promise<WebgpuKernel> {
  const { files, description } = compileFor(call, target).emission;
  return createKernel(device, description, Object.fromEntries(files.map(({ name, text }) => [name, text])));
}

function resultOf({ out: { data, shape }, lse }: WebgpuOutputs): Result {
  const rows: Result =
    data instanceof Float32Array
      ? { out: data }
      : { out: floats({ dtype: "f16", shape, data }) as Float32Array, rounded: "f16" };
  return lse ? { ...rows, lse: lse.data } : rows;
}
