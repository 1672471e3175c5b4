// Pipelines of a kernel on a device, kept as long as the device lives: the same text is compiled once, because drivers take
// up to seconds for it.

import { AttentionInputError } from "./errors.ts";
import type { ShaderDescription, WebgpuDescription } from "./webgpu-description.ts";

/** One of each per step. */
export type Pipelines = {
  readonly layouts: readonly GPUBindGroupLayout[];
  readonly pipelines: readonly GPUComputePipeline[];
};

type Pipeline = { readonly layout: GPUBindGroupLayout; readonly pipeline: GPUComputePipeline };

const known = new WeakMap<GPUDevice, Map<string, Promise<Pipeline>>>();

const COMPUTE = 0x4; // GPUShaderStage.COMPUTE

/** What a step binds: storage first, the uniform last. */
export function bindGroupLayoutOf({ bindings }: ShaderDescription): GPUBindGroupLayoutDescriptor {
  const storage = bindings.map(
    ({ access }, binding): GPUBindGroupLayoutEntry => ({
      ...{ binding, visibility: COMPUTE },
      buffer: { type: access === "read" ? "read-only-storage" : "storage" },
    }),
  );
  return { entries: [...storage, { binding: bindings.length, visibility: COMPUTE, buffer: { type: "uniform" } }] };
}

/** Throws AttentionInputError E0716 where the device lacks what the kernel needs, or refuses a shader. */
export async function pipelinesOf(
  device: GPUDevice,
  description: WebgpuDescription,
  shaders: Readonly<Record<string, string>>,
): Promise<Pipelines> {
  demandNeeds(device, description);
  const cache = known.get(device) ?? new Map<string, Promise<Pipeline>>();
  known.set(device, cache);
  const made = await Promise.all(
    description.steps.map((step) => {
      const text = shaders[step.file]!;
      const pipeline = cache.get(text) ?? compileStep(device, step, text);
      cache.set(text, pipeline);
      pipeline.catch(() => cache.delete(text)); // What failed once may have failed for want of memory.
      return pipeline;
    }),
  );
  return { layouts: made.map(({ layout }) => layout), pipelines: made.map(({ pipeline }) => pipeline) };
}

function demandNeeds(device: GPUDevice, { name, features, limits }: WebgpuDescription): void {
  const lacks = (what: string, request: string) =>
    new AttentionInputError("E0716", "device", `\`${name}\` needs ${what}; ask for it: requestDevice({ ${request} })`);
  for (const feature of features) {
    if (!device.features.has(feature)) throw lacks(`the feature ${feature}`, `requiredFeatures: ["${feature}"]`);
  }
  for (const [limit, needed] of Object.entries(limits)) {
    const offered = device.limits[limit as keyof typeof limits];
    if (offered >= needed) continue;
    throw lacks(
      `${limit} ${needed}, and this device was made with ${offered}`,
      `requiredLimits: { ${limit}: ${needed} }`,
    );
  }
}

async function compileStep(device: GPUDevice, step: ShaderDescription, code: string): Promise<Pipeline> {
  device.pushErrorScope("validation");
  const layout = device.createBindGroupLayout(bindGroupLayoutOf(step));
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: step.entryPoint },
  });
  const refused = device.popErrorScope();
  const [found, error] = await Promise.all([pipeline.catch((why: Error) => why), refused]);
  if (!(found instanceof Error) && !error) return { layout, pipeline: found };
  const { messages } = await module.getCompilationInfo();
  const [first] = messages.filter(({ type }) => type === "error");
  const why = first ? `line ${first.lineNum}: ${first.message}` : ((found as Error).message ?? error?.message);
  throw new AttentionInputError("E0716", "device", `this device refuses the shader ${step.file}: ${why}`);
}
