// A process of its own that calls a kernel a thousand times with changing shapes and closes its device. Prints the bytes of
// memory and the buffers of the device that it holds before and after them, and which calls went wrong. Nothing tells Node
// to exit.

import { openAdapter } from "../../src/cli/webgpu/adapter.ts";
import { compileAttention } from "../../src/compile.ts";
import { inputsOf } from "../../src/execute/kernel-call.ts";
import { attend } from "../../src/reference/attention.ts";
import { createKernel } from "../../src/runtime/webgpu.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";

const adapter = await openAdapter();
if (typeof adapter === "string") throw new Error(adapter);
const attention = attentionOf(
  "attention t(bias: f32[key]) { mask q - k < 50 and k <= q score s + bias[k] output lse }",
);
const { emission } = compileAttention(attention, webgpu, { dims: { dim: 3, valueDim: 5 }, consts: {} }).value[0]!;
const shaders = Object.fromEntries(emission.files.map(({ name, text }) => [name, text]));
const kernel = await createKernel(adapter.device, emission.description, shaders);
const calls = Array.from({ length: 20 }, (_, index) =>
  callOf(attention, { seed: index, shape: { batch: 1, queries: 1 + 2 * index, keys: 1 + 5 * index } }),
);
const alive = countBuffers(adapter.device);
/** Until the engine has optimised what runs, and pools have their size. */
const WARM_UP = 1500;
const held: { resident: number; buffers: number }[] = [];
for (let turn = 1; turn <= WARM_UP + 1000; turn++) {
  await kernel.run(inputsOf(calls[turn % calls.length]!));
  if (turn !== WARM_UP && turn !== WARM_UP + 1000) continue;
  globalThis.gc!();
  held.push({ resident: process.memoryUsage.rss(), buffers: alive.size });
}
const wrong: number[] = [];
for (const [index, call] of calls.entries()) {
  const { out, lse } = await kernel.run(inputsOf(call));
  const result = { out: out.data as Float32Array, lse: lse!.data };
  if (!compare(result, attend(call), boundOf(call, webgpu.errorUlps), call.shape).agrees) wrong.push(index);
}
adapter.close();
console.log(JSON.stringify({ held, wrong }));

/** Buffers of the device that are made from now on and not destroyed. */
function countBuffers(device: GPUDevice): ReadonlySet<GPUBuffer> {
  const alive = new Set<GPUBuffer>();
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    alive.add(buffer);
    Object.assign(buffer, {
      destroy() {
        alive.delete(buffer);
        destroy();
      },
    });
    return buffer;
  };
  return alive;
}
