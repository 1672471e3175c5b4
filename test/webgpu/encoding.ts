// An attention with a captured tensor, a parameter and two outputs, its calls on buffers of the tests' device, and what must come of them.

import { expect } from "vitest";
import { compileAttention } from "../../src/compile.ts";
import { inputsOf } from "../../src/execute/kernel-call.ts";
import { attend } from "../../src/reference/attention.ts";
import { createKernel, type WebgpuKernel } from "../../src/runtime/webgpu.ts";
import type { BufferInputs } from "../../src/runtime/webgpu-buffers.ts";
import type { Case } from "../../src/spec/case.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { attentionOf } from "../unit/execute/calls.ts";
import { device } from "./adapter.ts";
import { bufferOf } from "./buffers.ts";

export const DIMS = { dim: 3, valueDim: 5 };
export const attention = attentionOf(`attention t(bias: f32[key], window: int in 1.. = 20) {
  mask k <= q
  mask q - k < window
  score s + bias[k]
  output lse
}`);
const kernels = new Map<string, Promise<WebgpuKernel>>();

export function loadedOn(device: GPUDevice, of = attention, element: "f32" | "f16" = "f32"): Promise<WebgpuKernel> {
  const settings = { dims: DIMS, element, consts: {} };
  const { files, description } = compileAttention(of, webgpu, settings).value[0]!.emission;
  return createKernel(device, description, Object.fromEntries(files.map(({ name, text }) => [name, text])));
}

/** The kernel of an attention on the tests' device, loaded once. */
export function loaded(of = attention): Promise<WebgpuKernel> {
  const kernel = kernels.get(of.name.text) ?? loadedOn(device!, of);
  kernels.set(of.name.text, kernel);
  return kernel;
}

/** Contiguous tensors in buffers of their own. */
export function inputsIn(call: Case): BufferInputs {
  const { query, key, value, tensors, params } = inputsOf(call);
  const { batch, heads, queries } = call.shape;
  const shapes = { out: [batch, heads, queries, DIMS.valueDim], lse: [batch, heads, queries] };
  const result = (shape: readonly number[]) => {
    const count = shape.reduce((product, extent) => product * extent, 1);
    return { buffer: bufferOf(new Float32Array(count).fill(Number.NaN)), shape };
  };
  const captured = Object.entries(tensors!).map(([name, { data, shape }]) => [
    name,
    { buffer: bufferOf(data as Float32Array), shape },
  ]);
  return {
    query: { buffer: bufferOf(query.data), shape: query.shape },
    key: { buffer: bufferOf(key.data as Float32Array), shape: key.shape },
    value: { buffer: bufferOf(value.data as Float32Array), shape: value.shape },
    out: result(shapes.out),
    ...(call.attention.outputs.lse ? { lse: result(shapes.lse) } : {}),
    tensors: Object.fromEntries(captured),
    ...(params && { params }),
    ...(call.keyLengths && { keyLengths: call.keyLengths }),
    ...(call.queryStart && { queryStart: call.queryStart }),
  };
}

/** Encodes and submits, as a caller does. */
export async function encodeAndSubmit(kernel: WebgpuKernel, ...calls: readonly BufferInputs[]) {
  const encoder = device!.createCommandEncoder();
  const pass = encoder.beginComputePass();
  const encoded = calls.map((call) => kernel.encode(pass, call));
  pass.end();
  device!.queue.submit([encoder.finish()]);
  await Promise.all(encoded.map(({ accepted }) => accepted));
  return encoded;
}

export function expectAgreement(call: Case, out: Float32Array, lse?: Float32Array, rounded?: "f16"): void {
  const result = { out, ...(lse && { lse }), ...(rounded && { rounded }) };
  const { agrees, worst } = compare(result, attend(call), boundOf(call, webgpu.errorUlps), call.shape);
  expect(agrees, JSON.stringify(worst)).toBe(true);
}
