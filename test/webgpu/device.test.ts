// What a kernel does to a device: pipelines are compiled once, a thousand calls leave nothing behind, Node exits by itself,
// and what a device lacks is said by name before anything is encoded.

import { execFileSync } from "node:child_process";
import { afterAll, expect, vi } from "vitest";
import { openWebgpu } from "../../src/cli/webgpu/target.ts";
import { compileAttention } from "../../src/compile.ts";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { attend } from "../../src/reference/attention.ts";
import { createKernel } from "../../src/runtime/webgpu.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { webgpuMatrices } from "../../targets/webgpu-matrices.ts";
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
  expect(first).toBe(emission.description.steps.length);
  expect(compiled.mock.calls.length).toBe(first);
  compiled.mockRestore();
});

onDevice("a runner compiles the steps that a call takes, and those of other calls when they come", async () => {
  const compiled = vi.spyOn(device!, "createComputePipelineAsync");
  const runner = wgslRunner(device!, "a device");
  const counts: number[] = [];
  const causal = attentionOf("attention t { mask q >= k }");
  for (const queries of [1, 2, 9, 10]) {
    await runner.run(callOf(causal, { shape: { queries, keys: 10, dim: 6, valueDim: 3 } }));
    counts.push(compiled.mock.calls.length);
  }
  expect(counts).toEqual([2, 2, 3, 3]);
  compiled.mockRestore();
});

onDevice(
  "memory stands still over a thousand calls of changing shapes, and Node exits by itself",
  () => {
    const script = new URL("thousand-calls.ts", import.meta.url).pathname;
    const out = execFileSync(process.execPath, ["--expose-gc", script], { encoding: "utf8", timeout: 290_000 });
    const { held, wrong } = JSON.parse(out);
    expect(wrong).toEqual([]);
    expect(held).toMatchObject([{ buffers: 0 }, { buffers: 0 }]);
    expect(held[1].resident - held[0].resident).toBeLessThan(24 * 2 ** 20);
  },
  300_000,
);

/** The largest half, numbers whose products vanish, and the least that is normal. */
const SIZES = [65504, 1e-30, 2 ** -126];
onDevice.each(SIZES)("rows of ±%d, far apart, are finite and right", async (size) => {
  const call = callOf(attention, { shape: { queries: 40, keys: 40 } });
  for (const { data } of [call.query, call.key, call.value]) {
    for (let at = 0; at < data.length; at++) (data as Float32Array)[at] = at % 3 === 0 ? size : -size;
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

onDevice("matrix units run where somebody asks for them and a device has them, and nowhere else", async () => {
  const unasked = await openWebgpu(false, webgpuMatrices);
  expect(unasked).toMatchObject({ why: expect.stringContaining("--targets wgsl-matrices") });
  const asked = await openWebgpu(true, webgpuMatrices);
  if (asked.runner) console.info(`matrix units are there ${asked.runner.where?.()}`);
  else expect(asked.why).toMatch(/has no (subgroups|chromium-experimental-subgroup-matrix)$/);
  asked.close();
});
