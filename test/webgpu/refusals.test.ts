// Whatever is wrong with a call on buffers is said by name before anything is encoded, and the device is as good as before;
// what only the device sees comes with the call's promise.

import { afterAll, describe, expect } from "vitest";
import { openAdapter } from "../../src/cli/webgpu/adapter.ts";
import { inputsOf } from "../../src/execute/kernel-call.ts";
import type { BufferInputs } from "../../src/runtime/webgpu-buffers.ts";
import { USAGE } from "../../src/runtime/webgpu-usage.ts";
import { callOf } from "../unit/execute/calls.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";
import { ALL, bufferOf, read } from "./buffers.ts";
import { attention, encodeAndSubmit, expectAgreement, inputsIn, loaded, loadedOn } from "./encoding.ts";

afterAll(closeAdapter);

describe("a call that is wrong is refused by name before anything is encoded", () => {
  const call = callOf(attention, { shape: { batch: 1, heads: 2, kvHeads: 1, queries: 70, keys: 70 } });
  const floats = (count: number, usage = ALL) => bufferOf(new Float32Array(count), usage);
  type Change = (good: BufferInputs) => Partial<Record<keyof BufferInputs, unknown>>;
  const cases: readonly (readonly [name: string, change: Change, refusal: RegExp])[] = [
    [
      "no usage STORAGE",
      ({ key }) => ({ key: { ...key, buffer: floats(210, USAGE.COPY_DST) } }),
      /E0717: `key`.*STORAGE/,
    ],
    [
      "too small",
      ({ value }) => ({ value: { ...value, buffer: floats(340) } }),
      /E0717: `value` needs a buffer of 1400 bytes, but its buffer has 1360/,
    ],
    [
      "too small behind an offset",
      ({ value }) => ({ value: { ...value, offset: 1 } }),
      /E0717: `value`.*1404 bytes.*1400/,
    ],
    [
      "too small with strides",
      ({ query }) => ({ query: { ...query, strides: [0, 210, 4, 1] } }),
      /E0717: `query`.*1956 bytes.*1680/,
    ],
    ["out too small", ({ out }) => ({ out: { ...out, buffer: floats(699) } }), /E0717: `out`.*2800 bytes.*2796/],
    [
      "out is an input",
      ({ out, query }) => ({ out: { ...out, buffer: query.buffer, shape: out.shape } }),
      /E0717: `out`/,
    ],
    [
      "out beside an input",
      ({ out, query }) => {
        const buffer = floats(2000);
        return { out: { ...out, buffer, offset: 1000 }, query: { ...query, buffer } };
      },
      /E0717: `out` lies in the buffer of `query`/,
    ],
    ["lse over out", ({ out, lse }) => ({ lse: { ...lse, buffer: out.buffer } }), /E0717: `lse` overlaps `out`/],
    ["lse missing", () => ({ lse: undefined }), /E0702: `lse`/],
    [
      "lse in another shape",
      ({ lse }) => ({ lse: { ...lse, shape: [1, 2, 69] } }),
      /E0704: `lse` is \[1, 2, 69\].*\[1, 2, 70\]/,
    ],
    ["out in another shape", ({ out }) => ({ out: { ...out, shape: [1, 2, 5, 70] } }), /E0704: `out`.*\[1, 2, 70, 5\]/],
    ["out over itself", ({ out }) => ({ out: { ...out, strides: [0, 350, 3, 1] } }), /E0704: `out`.*rows overlap/],
    ["heads that differ", ({ value }) => ({ value: { ...value, shape: [1, 2, 70, 5] } }), /E0704: `value`/],
    ["another dim", ({ query }) => ({ query: { ...query, shape: [1, 2, 70, 2] } }), /E0708: `query`/],
    ["a captured tensor missing", () => ({ tensors: {} }), /E0702.*`bias`/],
    [
      "a captured tensor off the grid",
      ({ tensors }) => ({ tensors: { bias: { ...tensors!.bias, buffer: floats(200), offset: 1 } } }),
      /E0717: `bias` begins at byte 4/,
    ],
    [
      "a captured tensor written",
      ({ tensors, out }) => ({
        out: { ...out, buffer: floats(700) },
        tensors: { bias: { ...tensors!.bias } },
        lse: { buffer: tensors!.bias!.buffer, shape: [1, 2, 70] },
      }),
      /E0717: `lse`/,
    ],
    [
      "a typed array",
      ({ query }) => ({ query: { data: new Float32Array(420), shape: query.shape } }),
      /E0703: `query` must be a GPUBuffer/,
    ],
    ["a fraction for an offset", ({ query }) => ({ query: { ...query, offset: 0.5 } }), /E0704: `query` begins/],
    [
      "a captured tensor with strides",
      ({ tensors }) => ({ tensors: { bias: { ...tensors!.bias, strides: [2] } } }),
      /E0704: `bias` has strides/,
    ],
    ["lse without a shape", ({ lse }) => ({ lse: { buffer: lse!.buffer } }), /E0704: `lse` has a shape/],
    ["a parameter out of range", () => ({ params: { window: 0 } }), /E0705: `window`/],
    ["lengths of no batch", () => ({ keyLengths: [1, 2] }), /E0704: `key_lengths`/],
  ];
  for (const [name, change, refusal] of cases) {
    onDevice(name, async () => {
      const kernel = await loaded();
      const good = inputsIn(call);
      const encoder = device!.createCommandEncoder();
      const pass = encoder.beginComputePass();
      expect(() => kernel.encode(pass, { ...good, ...change(good) } as BufferInputs)).toThrow(refusal);
      // The pass that the refused call was meant for takes the right one, and no scope is left open.
      const encoded = kernel.encode(pass, good);
      pass.end();
      device!.queue.submit([encoder.finish()]);
      await encoded.accepted;
      encoded.destroy();
      expectAgreement(call, await read(good.out.buffer), await read(good.lse!.buffer));
      await expect(device!.popErrorScope()).rejects.toThrow();
    });
  }
});

async function otherDevice() {
  const opened = await openAdapter();
  if (typeof opened === "string") throw new Error(opened);
  return opened;
}

onDevice("a buffer of another device rejects the call, and the next one runs", async () => {
  const other = await otherDevice();
  const call = callOf(attention);
  const good = inputsIn(call);
  const foreign = { ...good.query, buffer: bufferOf(new Float32Array(400), ALL, other.device) };
  const kernel = await loaded();
  const encoder = device!.createCommandEncoder();
  const encoded = kernel.encode(encoder.beginComputePass(), { ...good, query: foreign });
  await expect(encoded.accepted).rejects.toThrow(/E0717: the device refused a buffer of the call/);
  encoded.destroy();
  await encodeAndSubmit(kernel, good);
  expectAgreement(call, await read(good.out.buffer));
  await expect(device!.popErrorScope()).rejects.toThrow();
  other.close();
});

onDevice("a device that is lost is said by name, before a call and in the middle of one", async () => {
  const other = await otherDevice();
  const kernel = await loadedOn(other.device);
  const call = callOf(attention);
  const running = kernel.run(inputsOf(call));
  const wanted = expect(running).rejects.toThrow(/E0718: the device is lost; make a new one/);
  other.close();
  await wanted;
  await other.device.lost;
  await expect(kernel.run(inputsOf(call))).rejects.toThrow("E0718");
  expect(() => kernel.encode({} as GPUComputePassEncoder, inputsIn(call))).toThrow("E0718");
  await expect(loadedOn(other.device)).rejects.toThrow("E0718");
});

onDevice("a call that is more than the device binds at once is refused with what to ask for", async () => {
  const kernel = await loaded();
  const limits = { ...kernel.device.limits, minStorageBufferOffsetAlignment: 256, maxStorageBufferBindingSize: 1024 };
  const small = new Proxy(device!, { get: (of, name) => (name === "limits" ? limits : Reflect.get(of, name)) });
  const { checkBuffers } = await import("../../src/runtime/webgpu-buffers.ts");
  const call = inputsIn(callOf(attention));
  expect(() => checkBuffers(small, call, kernel.description)).toThrow(
    /E0709: `query` takes 1296 bytes.*binds 1024.*maxStorageBufferBindingSize 1296/,
  );
});
