// The folders that `attnc build` writes, loaded by a page in a real browser: on WebGPU and in WebAssembly they give what the
// reference gives. The compiler and the reference run in the same page.

import { describe, expect, test } from "vitest";
import { inputsOf } from "../../src/execute/kernel-call.ts";
import { check } from "../../src/index.ts";
import { attend } from "../../src/reference/attention.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { callOf } from "../unit/execute/calls.ts";
import text from "./packed.attn?raw";

const shape = { batch: 1, heads: 6, kvHeads: 2, queries: 20, keys: 20, dim: 20, valueDim: 12 };
const params = { window: 9, cap: 30 };
const call = callOf(check(text).attentions[0]!, { shape, params });
const inputs = inputsOf(call);

type Outputs = Readonly<Record<"out" | "lse", { readonly data: Float32Array }>>;

function expectAgreement({ out, lse }: Outputs): void {
  const bound = boundOf(call, webgpu.errorUlps);
  const { agrees, worst } = compare({ out: out.data, lse: lse.data }, attend(call), bound, call.shape);
  expect(agrees, JSON.stringify(worst)).toBe(true);
}

/** A module of the folder, by its address: it is not there when types are checked. */
const built = (path: string) => import(/* @vite-ignore */ `../../out/browser-tests/${path}`);

async function openDevice(needs: GPUDeviceDescriptor): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  return adapter!.requestDevice(needs);
}

describe("on WebGPU", () => {
  test("typed arrays give what the reference gives", async () => {
    const { load, requiredFeatures, requiredLimits } = await built("wgsl/packed.js");
    const device = await openDevice({ requiredFeatures, requiredLimits });
    const attention = await load(device);
    expectAgreement(await attention.run(inputs));
    await expect(attention.run({ ...inputs, params: {} })).rejects.toThrow("E0702");
    device.destroy();
  });

  test("buffers of the page give what the reference gives", async () => {
    const { load } = await built("wgsl/packed.js");
    const device = await openDevice({});
    const attention = await load(device);
    const filled = ({ data, shape }: { data: ArrayBufferView; shape: readonly number[] }) => {
      const buffer = device.createBuffer({
        size: data.byteLength,
        usage: GPUBufferUsage.STORAGE,
        mappedAtCreation: true,
      });
      new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      buffer.unmap();
      return { buffer, shape };
    };
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    const empty = (shape: readonly number[]) => {
      const count = shape.reduce((product, extent) => product * extent, 1);
      return { buffer: device.createBuffer({ size: 4 * count, usage }), shape };
    };
    const [out, lse] = [empty([1, 6, 20, 12]), empty([1, 6, 20])];
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const rows = {
      query: filled(inputs.query),
      key: filled(inputs.key as never),
      value: filled(inputs.value as never),
    };
    const encoded = attention.encode(pass, {
      ...rows,
      out,
      lse,
      tensors: { doc: filled(inputs.tensors!.doc as never) },
      params,
    });
    pass.end();
    const reads = [out, lse].map(({ buffer }) => {
      const read = device.createBuffer({ size: buffer.size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
      encoder.copyBufferToBuffer(buffer, 0, read, 0, buffer.size);
      return read;
    });
    device.queue.submit([encoder.finish()]);
    encoded.destroy();
    await encoded.accepted;
    await Promise.all(reads.map((read) => read.mapAsync(GPUMapMode.READ)));
    const [first, second] = reads.map((read) => ({ data: new Float32Array(read.getMappedRange()) }));
    expectAgreement({ out: first!, lse: second! });
    device.destroy();
  });
});

test("in WebAssembly, the same call gives what the reference gives", async () => {
  const { load } = await built("wasm/packed.js");
  expectAgreement((await load()).run(inputs));
});
