// Runs the compiled shaders of a call's attention on a device, exactly as a user's module does. Kernels are kept as long as
// their attention lives, and their pipelines as long as the device.

import type { Target } from "../../targets/target.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { compileAttention } from "../compile.ts";
import { createKernel, type WebgpuKernel } from "../runtime/webgpu.ts";
import type { Case } from "../spec/case.ts";
import type { Attention } from "../spec/spec.ts";
import { inputsOf, resultOf } from "./kernel-call.ts";
import type { Runner } from "./runner.ts";
import { settingsOf } from "./settings.ts";

/** @param device opened by whoever may: the core does not know where devices come from
 *  @param where what the device is, in words */
export function wgslRunner(device: GPUDevice, where: string, target: Target<"wgsl"> = webgpu): Runner {
  const kernels = new WeakMap<Attention, Map<string, Promise<WebgpuKernel>>>();
  return {
    level: "wgsl",
    accuracy: () => target.errorUlps,
    available: () => true,
    where: () => `on ${where}`,
    async run(call) {
      const known = kernels.get(call.attention) ?? new Map<string, Promise<WebgpuKernel>>();
      kernels.set(call.attention, known);
      const key = JSON.stringify(settingsOf(call, target));
      const kernel = known.get(key) ?? loadKernel(call, device, target);
      known.set(key, kernel);
      const { out, lse } = await (await kernel).run(inputsOf(call));
      return resultOf(out.data, lse?.data);
    },
  };
}

async function loadKernel(call: Case, device: GPUDevice, target: Target<"wgsl">): Promise<WebgpuKernel> {
  const { value, problems } = compileAttention(call.attention, target, settingsOf(call, target));
  const [kernel] = value;
  if (!kernel) throw new Error(`${target.name} cannot run ${call.attention.name.text}: ${problems[0]?.kind}`);
  const { files, description } = kernel.emission;
  return createKernel(device, description, Object.fromEntries(files.map(({ name, text }) => [name, text])));
}
