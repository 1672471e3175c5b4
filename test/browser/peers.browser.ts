// The examples of attention on devices of others: between buffers of TypeGPU, and between two sessions of onnxruntime-web.

import wasm from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import * as ort from "onnxruntime-web/webgpu";
import { expect, test } from "vitest";
import text from "../../examples/06-gemma2.attn?raw";
import { check } from "../../src/index.ts";
import { attend } from "../../src/reference/attention.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { onnxModel } from "../bench/onnx.ts";
import { callOf } from "../unit/execute/calls.ts";

const TOKENS = 40;
const WINDOW = 16;
const attention = check({ path: "06-gemma2.attn", text }).attentions.find(({ name }) => name.text === "gemma2_local")!;
const shape = { batch: 1, heads: 4, kvHeads: 2, queries: TOKENS, keys: TOKENS, dim: 64, valueDim: 64 };
const call = callOf(attention, { shape, params: { window: WINDOW } });

function expectAgreement(out: Float32Array): void {
  const { agrees, worst } = compare({ out }, attend(call), boundOf(call, webgpu.errorUlps), call.shape);
  expect(agrees, JSON.stringify(worst)).toBe(true);
}

/** An example by its path: what it imports is built before the tests, but after types are checked. */
const example = (path: string) => import(/* @vite-ignore */ `../../examples/browser/${path}`);

test("between buffers of TypeGPU", async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  const { attend: attendOn } = await example("typegpu.ts");
  const rows = [call.query, call.key, call.value].map(({ data }) => [...(data as Float32Array)]);
  const out = await attendOn(device, TOKENS, rows);
  expectAgreement(Float32Array.from(await out.read()));
});

/** [1, heads, tokens, 64] as [1, tokens, heads · 64], and back. */
function swapped(data: Float32Array, outer: number, inner: number): Float32Array {
  const moved = new Float32Array(data.length);
  for (let row = 0; row < outer * inner; row++) {
    const [first, second] = [Math.floor(row / inner), row % inner];
    moved.set(data.subarray(64 * row, 64 * (row + 1)), 64 * (second * outer + first));
  }
  return moved;
}

test("between two sessions of onnxruntime-web, on its device", async () => {
  Object.assign(ort.env.wasm, { numThreads: 1, wasmBinary: await (await fetch(wasm)).arrayBuffer() });
  const sizes = { query: 256, key: 128, value: 128 };
  const names = Object.keys(sizes) as (keyof typeof sizes)[];
  const matrices = names.map((name) => ({ name, dims: [1, TOKENS, sizes[name]] }));
  // Each projection adds what the other takes away: the session computes, and rows come out as they are.
  const before = onnxModel(
    names.map((name) => ({ op: "Add", inputs: [`${name}_less`, "one"], outputs: [name] })),
    [...matrices.map(({ name, dims }) => ({ name: `${name}_less`, dims })), { name: "one", dims: [1] }],
    matrices,
  );
  const after = onnxModel(
    [{ op: "Mul", inputs: ["attended", "two"], outputs: ["doubled"] }],
    [
      { name: "attended", dims: [1, TOKENS, 256] },
      { name: "two", dims: [1] },
    ],
    [{ name: "doubled", dims: [1, TOKENS, 256] }],
  );
  const { makeLayer } = await example("onnxruntime.ts");
  const layer = await makeLayer(before, after);
  const less = names.map((name) => {
    const rows = swapped(Float32Array.from(call[name].data as Float32Array), sizes[name] / 64, TOKENS);
    return [
      `${name}_less`,
      new ort.Tensor(
        "float32",
        rows.map((x) => x - 1),
        [1, TOKENS, sizes[name]],
      ),
    ] as const;
  });
  const scalar = (value: number) => new ort.Tensor("float32", Float32Array.of(value), [1]);
  for (const window of [3, WINDOW]) {
    const { doubled } = await layer({ ...Object.fromEntries(less), one: scalar(1) }, { two: scalar(2) }, window);
    const out = (doubled.data as Float32Array).map((x) => x / 2);
    if (window === WINDOW) expectAgreement(swapped(out, TOKENS, 4));
  }
});
