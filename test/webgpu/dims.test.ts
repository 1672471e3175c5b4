// Rows of every size up to the largest, of f32 and of f16, and tiles of a target that has less than WebGPU promises: ragged
// tiles, two row types, few rows and many.

import { afterAll, describe, expect } from "vitest";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { attend } from "../../src/reference/attention.ts";
import { floats, makeTensor } from "../../src/tensors/elements.ts";
import type { Tensor } from "../../src/tensors/tensor.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import type { Target } from "../../targets/target.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";

afterAll(closeAdapter);

const attention = attentionOf("attention t { mask q >= k output lse }");

async function expectAgreement(target: Target<"wgsl">, dims: Dims, element: "f32" | "f16", queries: number) {
  const shape = { batch: 1, heads: 3, kvHeads: 1, queries, keys: 70, ...dims };
  const call = callOf(attention, { shape });
  const stored = (tensor: Tensor) => makeTensor(element, tensor.shape, floats(tensor));
  const made = { ...call, query: stored(call.query), key: stored(call.key), value: stored(call.value) };
  const result = await wgslRunner(device!, "a device", target).run(made);
  expect(result.rounded).toBe(element === "f16" ? "f16" : undefined);
  const { agrees, worst } = compare(result, attend(made), boundOf(made, target.errorUlps), made.shape);
  expect(agrees, JSON.stringify({ dims, queries, worst })).toBe(true);
}

type Dims = { readonly dim: number; readonly valueDim: number };
const DIMS: readonly Dims[] = [
  { dim: 1, valueDim: 1 },
  { dim: 17, valueDim: 40 },
  { dim: 64, valueDim: 64 },
  { dim: 72, valueDim: 96 },
  { dim: 128, valueDim: 80 },
  { dim: 256, valueDim: 256 },
];

describe.each(["f32", "f16"] as const)("%s", (element) => {
  for (const dims of DIMS) {
    onDevice(`dim ${dims.dim}, value dim ${dims.valueDim}`, async () => {
      for (const queries of [1, 37, 70]) await expectAgreement(webgpu, dims, element, queries);
    });
  }

  onDevice("tiles of half the memory", async () => {
    const small = { ...webgpu, name: "small", workgroup: { ...webgpu.workgroup!, memoryBytes: 8192 } };
    for (const queries of [1, 37]) await expectAgreement(small, { dim: 128, valueDim: 9 }, element, queries);
  });
});
