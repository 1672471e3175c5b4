// The module that `attnc build` writes, as a user has it: a folder somewhere else, with nothing installed, on a device of
// the caller's.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, vi } from "vitest";
import { inputsOf } from "../../src/execute/kernel-call.ts";
import { check } from "../../src/index.ts";
import { buildFolder, PACKED } from "../unit/bindings/packed.ts";
import { callOf } from "../unit/execute/calls.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";
import { bufferOf, read } from "./buffers.ts";
import { expectAgreement } from "./encoding.ts";

const DIMS = { dim: 20, valueDim: 12 };
const [attention] = check(PACKED).attentions;
const shape = { batch: 1, heads: 4, kvHeads: 2, queries: 20, keys: 20, ...DIMS };
const call = callOf(attention!, { shape, params: { window: 9, cap: 30 } });
const inputs = inputsOf(call);

let built: Awaited<ReturnType<typeof buildFolder>>;
// biome-ignore lint/suspicious/noExplicitAny: what it exports is held by the tests of its types.
let module: any;

beforeAll(async () => {
  built = await buildFolder(PACKED, DIMS.dim, DIMS.valueDim, "f32", ["wgsl"]);
  module = await import(pathToFileURL(join(built.folder, "wgsl/packed.js")).href);
});
afterAll(() => {
  built.remove();
  closeAdapter();
});

onDevice("runs a call on typed arrays", async () => {
  const kernel = await module.load(device);
  const { out, lse } = await kernel.run(inputs);
  expect(out.shape).toEqual([1, 4, 20, 12]);
  expectAgreement(call, out.data, lse.data);
  await expect(kernel.run({ ...inputs, params: {} })).rejects.toThrow(module.AttentionInputError);
});

onDevice("encodes a call on buffers, and compiles no shader twice", async () => {
  await module.load(device);
  const compiled = vi.spyOn(device!, "createComputePipelineAsync");
  const kernel = await module.load(device);
  expect(compiled.mock.calls).toEqual([]);
  compiled.mockRestore();
  const buffered = ({ data, shape }: { data: object; shape: readonly number[] }) => {
    return { buffer: bufferOf(data as Float32Array), shape };
  };
  const out = { buffer: bufferOf(new Float32Array(4 * 20 * 12)), shape: [1, 4, 20, 12] };
  const lse = { buffer: bufferOf(new Float32Array(4 * 20)), shape: [1, 4, 20] };
  const encoder = device!.createCommandEncoder();
  const pass = encoder.beginComputePass();
  const encoded = kernel.encode(pass, {
    ...{ query: buffered(inputs.query), key: buffered(inputs.key), value: buffered(inputs.value), out, lse },
    tensors: { doc: buffered(inputs.tensors!.doc!) },
    params: inputs.params,
  });
  pass.end();
  device!.queue.submit([encoder.finish()]);
  encoded.destroy();
  await encoded.accepted;
  expectAgreement(call, await read(out.buffer), await read(lse.buffer));
});

onDevice("says what a device must offer, and how pipelines of one's own bind", () => {
  expect(module.requiredFeatures).toEqual([]);
  for (const [limit, needed] of Object.entries<number>(module.requiredLimits)) {
    expect(device!.limits[limit as keyof GPUSupportedLimits]).toBeGreaterThanOrEqual(needed);
  }
  for (const [step, layout] of module.bindGroupLayouts.entries()) {
    const types = layout.entries.map(({ buffer }: GPUBindGroupLayoutEntry) => buffer!.type);
    expect(types.at(-1)).toBe("uniform");
    expect(types).toHaveLength(module.description.steps[step].bindings.length + 1);
    expect(device!.createBindGroupLayout(layout)).toBeDefined();
  }
});
