// The shaders of every feature against the reference: ragged tiles of queries and keys, lengths and starts of batches with
// poison behind them, results and what lies between steps full of NaN beforehand, and guards behind every buffer that must
// come back untouched. One pipeline serves all shapes.

import { afterAll, describe, expect } from "vitest";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { attend } from "../../src/reference/attention.ts";
import type { Case } from "../../src/spec/case.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";
import { features } from "../unit/execute/features.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";
import { compute } from "./compute.ts";
import { guardBuffers } from "./guards.ts";

afterAll(closeAdapter);

const guards = device && guardBuffers(device);

async function expectAgreement(call: Case): Promise<void> {
  const result = await wgslRunner(device!, "a device").run(call);
  const { agrees, worst } = compare(result, attend(call), boundOf(call, webgpu.errorUlps), call.shape);
  expect(agrees, JSON.stringify(worst)).toBe(true);
  expect(await guards!.touched()).toEqual([]);
}

const SHAPES = [
  [0, 0],
  [1, 1],
  [17, 17],
  [33, 70],
  [70, 33],
  [3, 0],
  [0, 4],
] as const;

describe.each(Object.entries(features))("%s", (_, text) => {
  const attention = attentionOf(text);

  onDevice("agrees on ragged shapes, with lengths and starts of each batch", async () => {
    for (const [queries, keys] of SHAPES) await expectAgreement(callOf(attention, { shape: { queries, keys } }));
    const shape = { batch: 3, queries: 34, keys: 65 };
    await expectAgreement(callOf(attention, { shape, keyLengths: [65, 6, 0], queryStart: [-2, 0, 12] }));
  });
});

onDevice("a row that sees nothing is an error where the attention says so", async () => {
  const call = callOf(attentionOf("attention t { empty error mask q > k }"));
  await expect(wgslRunner(device!, "a device").run(call)).rejects.toThrow("E0710");
});

onDevice.each(["1000u", "~0u"])("a write to element %s of 64 is found behind them", async (index) => {
  await guards!.touched();
  const code = `
    @group(0) @binding(0) var<storage, read> given: array<u32>;
    @group(0) @binding(1) var<storage, read_write> results: array<u32>;
    @compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) {
      results[i] = given[i];
      if (i == 0u) { results[i + ${index}] = 7u; }
    }`;
  await compute(device!, code, new Uint32Array(64));
  expect(await guards!.touched()).toEqual([256]);
});
