// Puts a call into a compute pass of the caller: makes what it needs beside the caller's buffers (the uniform, lengths of
// batches, what lies between steps), binds, and dispatches. Nothing is submitted.

import { AttentionInputError } from "./errors.ts";
import {
  type CallNumbers,
  inStoredOrder,
  lengthPairs,
  scratchOf,
  stepsOf,
  uniformOf,
  workgroupsOf,
} from "./webgpu-call.ts";
import type { WebgpuDescription } from "./webgpu-description.ts";
import type { Pipelines } from "./webgpu-pipelines.ts";
import { outOfMemory, watch } from "./webgpu-scopes.ts";
import { USAGE } from "./webgpu-usage.ts";

/** A kernel whose pipelines are made. */
export type LoadedKernel = {
  readonly device: GPUDevice;
  readonly description: WebgpuDescription;
  readonly pipelines: Pipelines;
};

/** A call that was checked, and where its tensors lie. */
export type BoundCall = CallNumbers & {
  /** What steps bind of the caller's, by the name that they know it by. */
  readonly bindings: Readonly<Record<string, GPUBufferBinding>>;
};

/** A call in a pass. It owns the buffers that the call needs beside those of the caller. */
export type EncodedCall = {
  /** Rejects with AttentionInputError E0709 or E0717 where the device refused what was made for the call, as it does a buffer of
   *  another device; the pass is of no use then. */
  readonly accepted: Promise<void>;
  /** Under `empty error`: one u32, how many query rows saw no key once the call has run. Usage COPY_SRC. */
  readonly emptyRows?: GPUBuffer;
  /** Lets go of the buffers. Call it when the pass has been submitted, or never will be. */
  destroy(): void;
};

/** Throws AttentionInputError E0709 where the call is more than the device takes. */
export function encodeCall(kernel: LoadedKernel, pass: GPUComputePassEncoder, call: BoundCall): EncodedCall {
  const { device, description } = kernel;
  const scratch = scratchOf(description, call.lengths);
  demandFits(kernel, call, scratch);
  const made: GPUBuffer[] = [];
  const destroy = () => {
    for (const buffer of made.splice(0)) buffer.destroy();
  };
  const make = (usage: number, bytes: number, content?: ArrayBufferView): GPUBuffer => {
    const buffer = makeBuffer(device, usage, bytes, content);
    made.push(buffer);
    return buffer;
  };
  const close = watch(device);
  let groups: BoundStep[];
  let emptyRows: GPUBuffer | undefined;
  try {
    const uniform = (of: CallNumbers) => ({ buffer: make(USAGE.UNIFORM, 0, uniformOf(description, of)) });
    const given = uniform(call);
    const stored = description.stored ? uniform(inStoredOrder(description, call)) : given;
    const inOrder = Object.entries(scratch.stored).map(([name, bytes]) => [
      name,
      { buffer: make(USAGE.STORAGE, bytes) },
    ]);
    emptyRows = description.empty === "error" ? make(USAGE.STORAGE | USAGE.COPY_SRC, 4) : undefined;
    const bindings: Readonly<Record<string, GPUBufferBinding | undefined>> = {
      lse: { buffer: make(USAGE.STORAGE, scratch.lse) },
      ...call.bindings,
      ...Object.fromEntries(inOrder),
      "own.lengths": { buffer: make(USAGE.STORAGE, 0, lengthPairs(call)) },
      "own.facts": { buffer: make(USAGE.STORAGE, scratch.facts) },
      "own.folds": { buffer: make(USAGE.STORAGE, scratch.folds) },
      "own.statistics": { buffer: make(USAGE.STORAGE, scratch.statistics) },
      "own.parts": { buffer: make(USAGE.STORAGE, scratch.parts) },
      "own.empty_rows": emptyRows && { buffer: emptyRows },
    };
    groups = bindSteps(kernel, call, bindings, { given, stored });
  } catch (error) {
    close().catch(() => {});
    destroy();
    throw outOfMemory((error as Error).message);
  }
  const accepted = close();
  accepted.catch(() => {}); // Whoever waits for it is told.
  dispatch(pass, groups);
  return { accepted, destroy, ...(emptyRows && { emptyRows }) };
}

/** A buffer of at least so many bytes, or with this content.
 *  Throws RangeError where there is no memory to write the content to. */
export function makeBuffer(device: GPUDevice, usage: number, bytes: number, content?: ArrayBufferView): GPUBuffer {
  const size = Math.max(16, Math.ceil((content?.byteLength ?? bytes) / 4) * 4);
  const buffer = device.createBuffer({ size, usage, mappedAtCreation: content !== undefined });
  if (!content) return buffer;
  const bytesOfContent = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  new Uint8Array(buffer.getMappedRange()).set(bytesOfContent);
  buffer.unmap();
  return buffer;
}

function demandFits(
  { device: { limits }, description }: LoadedKernel,
  { lengths }: BoundCall,
  scratch: ReturnType<typeof scratchOf>,
): void {
  const refuse = (
    what: string,
    needed: number,
    limit: "maxStorageBufferBindingSize" | "maxComputeWorkgroupsPerDimension",
  ) => {
    if (needed <= limits[limit]) return;
    throw new AttentionInputError(
      "E0709",
      "",
      `the call takes ${what}, and this device ${limits[limit]} at most: its ${limit}`,
    );
  };
  const { stored, ...others } = scratch;
  const bytes = Math.max(...Object.values(others), ...Object.values(stored));
  refuse(`${bytes} bytes between its steps`, bytes, "maxStorageBufferBindingSize");
  for (const { step, lengths: seen } of stepsOf(description, lengths)) {
    const most = Math.max(...workgroupsOf(step, seen));
    refuse(`${most} workgroups along an axis`, most, "maxComputeWorkgroupsPerDimension");
  }
}

/** A step of the call, ready to go. */
type BoundStep = {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
};

function bindSteps(
  { device, description, pipelines: { layouts, pipelines } }: LoadedKernel,
  { lengths }: BoundCall,
  bindings: Readonly<Record<string, GPUBufferBinding | undefined>>,
  uniforms: Readonly<Record<"given" | "stored", GPUBufferBinding>>,
): BoundStep[] {
  return stepsOf(description, lengths).map(({ step, index, lengths: seen }) => {
    const bound = [...step.bindings.map(({ of }) => bindings[of]!), step.stored ? uniforms.stored : uniforms.given];
    const entries = bound.map((resource, binding) => ({ binding, resource }));
    const group = device.createBindGroup({ layout: layouts[index]!, entries });
    return { pipeline: pipelines[index]!, group, workgroups: workgroupsOf(step, seen) };
  });
}

function dispatch(pass: GPUComputePassEncoder, steps: readonly BoundStep[]): void {
  for (const { pipeline, group, workgroups } of steps) {
    const [x, y, z] = workgroups;
    if (x * y * z === 0) continue;
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(x, y, z);
  }
}
