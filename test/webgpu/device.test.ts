// What a kernel does to a device: pipelines are compiled once, a thousand calls leave nothing behind, what a device lacks is
// said by name before anything is encoded, and Node exits by itself.

import { execFileSync } from "node:child_process";
import { afterAll, expect, vi } from "vitest";
import { compileAttention } from "../../src/compile.ts";
import { inputsOf } from "../../src/execute/kernel-call.ts";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { attend } from "../../src/reference/attention.ts";
import { createKernel } from "../../src/runtime/webgpu.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";

afterAll(closeAdapter);

const attention = attentionOf("attention t { mask q - k < 5 and k <= q output lse }");
const { emission } = compileAttention(attention, webgpu, { dims: { dim: 3, valueDim: 5 }, consts: {} }).value[0]!;
const shaders = Object.fromEntries(emission.files.map(({ name, text }) => [name, text]));

onDevice("the same text is compiled once a device", async () => {
  const compiled = vi.spyOn(device!, "createComputePipelineAsync");
  await createKernel(device!, emission.description, shaders);
  const first = compiled.mock.calls.length;
  await createKernel(device!, emission.description, shaders);
  expect(first).toBe(1);
  expect(compiled.mock.calls.length).toBe(first);
  compiled.mockRestore();
});

onDevice("a thousand calls of changing shapes leave no buffer behind and stay right", async () => {
  const kernel = await createKernel(device!, emission.description, shaders);
  const alive = new Set<GPUBuffer>();
  const createBuffer = device!.createBuffer.bind(device!);
  const made = vi.spyOn(device!, "createBuffer").mockImplementation((descriptor) => {
    const buffer = createBuffer(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    alive.add(buffer);
    buffer.destroy = () => {
      alive.delete(buffer);
      return destroy();
    };
    return buffer;
  });
  for (let turn = 0; turn < 1000; turn++) {
    const shape = { batch: 1, heads: 1, kvHeads: 1, queries: 1 + (turn % 7), keys: 1 + (turn % 11) };
    const call = callOf(attention, { seed: turn, shape });
    const { out, lse } = await kernel.run(inputsOf(call));
    if (turn % 100 !== 99) continue;
    const result = { out: out.data as Float32Array, lse: lse!.data };
    expect(compare(result, attend(call), boundOf(call, webgpu.errorUlps), call.shape).agrees).toBe(true);
  }
  made.mockRestore();
  expect(alive.size).toBe(0);
});

onDevice("rows beyond ±65504, and far apart, are finite and right", async () => {
  const call = callOf(attention, { shape: { queries: 40, keys: 40 } });
  for (const { data } of [call.query, call.key, call.value]) {
    for (let at = 0; at < data.length; at++) (data as Float64Array)[at] = at % 3 === 0 ? 65504 : -65504;
  }
  const result = await wgslRunner(device!, "a device").run(call);
  const { agrees, worst } = compare(result, attend(call), boundOf(call, webgpu.errorUlps), call.shape);
  expect(agrees, JSON.stringify(worst)).toBe(true);
  expect(result.out.every(Number.isFinite)).toBe(true);
});

onDevice("a limit that the device lacks is named, with what to ask for", async () => {
  const limits = { ...emission.description.limits, maxStorageBuffersPerShaderStage: 1000 };
  const kernel = createKernel(device!, { ...emission.description, limits }, shaders);
  await expect(kernel).rejects.toThrow(/E0716.*maxStorageBuffersPerShaderStage 1000.*requiredLimits/);
});

onDevice("a shader that the device refuses is an error with its line, and no scope stays open", async () => {
  const broken = Object.fromEntries(Object.keys(shaders).map((name) => [name, "fn main() {\n  let x: f32 = true;\n}"]));
  await expect(createKernel(device!, emission.description, broken)).rejects.toThrow(/E0716.*line 2/);
  await expect(device!.popErrorScope()).rejects.toThrow();
});

onDevice("Node exits by itself once the adapter is closed", () => {
  const module = new URL("../../src/cli/webgpu/adapter.ts", import.meta.url).href;
  const script = `const a = await (await import(${JSON.stringify(module)})).openAdapter(); a.close(); console.log("closed");`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 60_000,
  });
  expect(out).toContain("closed");
});
