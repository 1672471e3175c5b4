// Calls of few query rows: split over their keys and merged. Every feature over more than one stretch, every ratio of query
// heads to KV heads, and the way that a call really went.

import { afterAll, describe, expect, test } from "vitest";
import { compileFor } from "../../src/execute/kept-kernels.ts";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { attend } from "../../src/reference/attention.ts";
import { stepsOf } from "../../src/runtime/webgpu-call.ts";
import type { Case } from "../../src/spec/case.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";
import { features } from "../unit/execute/features.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";

afterAll(closeAdapter);

const lengthsOf = ({ shape: { axes, ...lengths } }: Case) => ({ ...lengths, ...axes });

const stepNames = (call: Case) =>
  stepsOf(compileFor(call, webgpu).emission.description, lengthsOf(call)).map(({ step }) => step.name);

async function expectAgreement(call: Case): Promise<void> {
  const result = await wgslRunner(device!, "a device").run(call);
  const { agrees, worst } = compare(result, attend(call), boundOf(call, webgpu.errorUlps), call.shape);
  expect(agrees, JSON.stringify(worst)).toBe(true);
}

describe.each(Object.entries(features))("%s", (_, text) => {
  const attention = attentionOf(text);

  onDevice("agrees on few rows over several stretches, with lengths and starts of each batch", async () => {
    for (const [queries, keys] of [
      [1, 300],
      [4, 513],
      [2, 1],
    ] as const) {
      await expectAgreement(callOf(attention, { shape: { queries, keys } }));
    }
    const shape = { batch: 4, queries: 2, keys: 530 };
    await expectAgreement(callOf(attention, { shape, keyLengths: [530, 200, 3, 0], queryStart: [480, 0, -2, 600] }));
  });
});

describe("heads that share keys", () => {
  const texts = {
    "a window": "attention t { mask q >= k and q - k < 100 output lse }",
    "a slope for each head": "attention t(m: f32[head]) { mask q >= k score s + m * (k - q) output lse }",
    "a mask for each head": "attention t { mask q - k < 64 * (h + 1) output lse }",
  };
  describe.each(Object.entries(texts))("%s", (_, text) => {
    const attention = attentionOf(text);
    onDevice.each([
      [1, 1, 1, 1000],
      [8, 1, 1, 1000],
      [8, 2, 4, 700],
      [6, 2, 3, 257],
      [9, 3, 1, 17],
      [16, 1, 4, 300],
    ])("%d query heads on %d, %d rows on %d keys", async (heads, kvHeads, queries, keys) => {
      const call = callOf(attention, { shape: { batch: 2, heads, kvHeads, queries, keys, dim: 72, valueDim: 96 } });
      expect(stepNames(call)).toEqual(["split", "merge"]);
      await expectAgreement(call);
    });
  });
});

test("many rows, and no keys, go the other way", () => {
  const attention = attentionOf("attention t { mask q >= k }");
  expect(stepNames(callOf(attention, { shape: { queries: 5, keys: 17 } }))).toEqual(["attend"]);
  expect(stepNames(callOf(attention, { shape: { queries: 1, keys: 0 } }))).toEqual(["attend"]);
});

onDevice("a row that sees nothing is an error where the attention says so", async () => {
  const call = callOf(attentionOf("attention t { empty error mask k < q - 400 }"), {
    shape: { queries: 2, keys: 300 },
  });
  expect(stepNames(call)).toEqual(["split", "merge"]);
  await expect(wgslRunner(device!, "a device").run(call)).rejects.toThrow("E0710");
});
