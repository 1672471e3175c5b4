// Runs compiled attention on a caller's GPUDevice: makes its pipelines, checks a call, encodes it into the caller's pass, or
// runs it on typed arrays. Works in a browser and wherever WebGPU does: no Node API, no imports from the compiler.

import { lseShape, outShape, outStrides, sizeOf } from "./call-shapes.ts";
import { type CheckedCall, checkInputs } from "./check-inputs.ts";
import { emptyRows } from "./errors.ts";
import type { AnyInputs, KernelOutputs } from "./inputs.ts";
import { type CallNumbers, scratchOf, uniformOf, type Views, workgroupsOf } from "./webgpu-call.ts";
import type { WebgpuDescription } from "./webgpu-description.ts";
import { type Pipelines, pipelinesOf } from "./webgpu-pipelines.ts";

/** Buffers of a call under the names that steps bind: `query key value out lse lengths`, and captured tensors. */
export type CallBuffers = Readonly<Record<string, GPUBuffer>>;

/** What a call gives: `out` is made of what query is. */
export type WebgpuOutputs = KernelOutputs<Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>;

/** A kernel on one device. */
export type WebgpuKernel = {
  readonly description: WebgpuDescription;
  readonly device: GPUDevice;
  /** Runs one call on typed arrays; results are copies. Throws AttentionInputError. */
  run(inputs: AnyInputs): Promise<WebgpuOutputs>;
};

/** @param shaders texts of the steps, by file
 *  Throws AttentionInputError E0716 where the device cannot run the kernel. */
export async function createKernel(
  device: GPUDevice,
  description: WebgpuDescription,
  shaders: Readonly<Record<string, string>>,
): Promise<WebgpuKernel> {
  const pipelines = await pipelinesOf(device, description, shaders);
  return {
    description,
    device,
    run: (inputs) => runCall(device, description, pipelines, checkInputs(inputs, description)),
  };
}

const STORAGE = 0x80; // GPUBufferUsage, whose names a module must not need to load.
const UNIFORM = 0x40;
const COPY_SRC = 0x04;
const COPY_DST = 0x08;
const MAP_READ = 0x01;

const padded = (bytes: number) => Math.max(16, Math.ceil(bytes / 4) * 4);

async function runCall(
  device: GPUDevice,
  description: WebgpuDescription,
  pipelines: Pipelines,
  call: CheckedCall,
): Promise<WebgpuOutputs> {
  const made: GPUBuffer[] = [];
  const create = (bytes: number, usage: number, data?: ArrayBufferView): GPUBuffer => {
    const size = padded(data?.byteLength ?? bytes);
    const buffer = device.createBuffer({ size, usage, mappedAtCreation: data !== undefined });
    made.push(buffer);
    if (!data) return buffer;
    new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    buffer.unmap();
    return buffer;
  };
  try {
    const { lengths } = call;
    const outBytes = (description.rows.query === "f16" ? 2 : 4) * sizeOf(outShape(call));
    const lseBytes = 4 * sizeOf(lseShape(call));
    const scratch = scratchOf(description, lengths);
    const numbers: CallNumbers = {
      ...{ lengths, params: call.params, views: viewsOf(call) },
      hasKeyLengths: call.keyLengths !== undefined,
      hasQueryStart: call.queryStart !== undefined,
    };
    const buffers: CallBuffers = {
      query: create(0, STORAGE, call.query.data),
      key: create(0, STORAGE, call.key.data),
      value: create(0, STORAGE, call.value.data),
      lengths: create(0, STORAGE, lengthPairs(call)),
      facts: create(scratch.facts, STORAGE),
      statistics: create(scratch.statistics, STORAGE),
      out: create(outBytes, STORAGE | COPY_SRC),
      lse: create(lseBytes, STORAGE | COPY_SRC),
      empty_rows: create(4, STORAGE | COPY_SRC),
      ...Object.fromEntries(Object.entries(call.tensors).map(([name, { data }]) => [name, create(0, STORAGE, data)])),
    };
    const uniform = create(0, UNIFORM, new Uint8Array(uniformOf(description, numbers)));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeSteps(device, description, pipelines, pass, { lengths, buffers, uniform });
    pass.end();
    const reads = [
      { from: buffers.out!, bytes: outBytes },
      ...(description.outputs.lse ? [{ from: buffers.lse!, bytes: lseBytes }] : []),
      ...(description.empty === "error" ? [{ from: buffers.empty_rows!, bytes: 4 }] : []),
    ].map(({ from, bytes }) => {
      const to = create(bytes, MAP_READ | COPY_DST);
      if (bytes > 0) encoder.copyBufferToBuffer(from, 0, to, 0, Math.ceil(bytes / 4) * 4);
      return { to, bytes };
    });
    device.queue.submit([encoder.finish()]);
    const results = await Promise.all(reads.map(({ to, bytes }) => readBack(to, bytes)));
    return outputsOf(call, description, results);
  } finally {
    for (const buffer of made) buffer.destroy();
  }
}

async function readBack(buffer: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
  await buffer.mapAsync(MAP_READ);
  return buffer.getMappedRange().slice(0, bytes);
}

function outputsOf(call: CheckedCall, description: WebgpuDescription, results: readonly ArrayBuffer[]): WebgpuOutputs {
  const [out, ...rest] = results;
  if (description.empty === "error") {
    const [count] = new Uint32Array(rest.at(-1)!);
    if (count! > 0) throw emptyRows(count!);
  }
  return {
    out: { data: new (description.rows.query === "f16" ? Uint16Array : Float32Array)(out!), shape: outShape(call) },
    ...(description.outputs.lse && { lse: { data: new Float32Array(rest[0]!), shape: lseShape(call) } }),
  };
}

function viewsOf(call: CheckedCall): Views {
  const at = (strides: readonly [number, number, number]) => ({ offset: 0, strides });
  return {
    query: at(call.query.strides),
    key: at(call.key.strides),
    value: at(call.value.strides),
    out: at(outStrides(call)),
  };
}

/** Keys alive and position of query row 0, batch after batch; what is not given is not read. */
function lengthPairs({ lengths, keyLengths, queryStart }: CheckedCall): Int32Array {
  const pairs = new Int32Array(2 * lengths.batch!);
  for (let batch = 0; batch < lengths.batch!; batch++) {
    pairs[2 * batch] = keyLengths?.[batch] ?? lengths.keys!;
    pairs[2 * batch + 1] = queryStart?.[batch] ?? 0;
  }
  return pairs;
}

type Encoding = {
  readonly lengths: CheckedCall["lengths"];
  readonly buffers: CallBuffers;
  readonly uniform: GPUBuffer;
};

function encodeSteps(
  device: GPUDevice,
  { steps }: WebgpuDescription,
  { layouts, pipelines }: Pipelines,
  pass: GPUComputePassEncoder,
  { lengths, buffers, uniform }: Encoding,
): void {
  for (const [index, step] of steps.entries()) {
    const [x, y, z] = workgroupsOf(step, lengths);
    if (x * y * z === 0) continue;
    const bound = [...step.bindings.map(({ of }) => buffers[of]!), uniform];
    pass.setPipeline(pipelines[index]!);
    pass.setBindGroup(
      0,
      device.createBindGroup({
        layout: layouts[index]!,
        entries: bound.map((buffer, binding) => ({ binding, resource: { buffer } })),
      }),
    );
    pass.dispatchWorkgroups(x, y, z);
  }
}
