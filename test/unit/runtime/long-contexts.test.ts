// Long contexts: 32 768 tokens in memory that grows with the tokens and not with their square, tensors beyond 2 GiB, where
// an address taken for a signed number would be negative, and beyond 4 GiB, where there are no addresses.

import { describe, expect, test } from "vitest";
import { emitProgram } from "../../../src/backend/index.ts";
import { assemble } from "../../../src/backend/wasm/assemble.ts";
import { compileAttention } from "../../../src/compile.ts";
import { inputsOf } from "../../../src/execute/kernel-call.ts";
import { contiguous } from "../../../src/runtime/check-inputs.ts";
import { type AttentionTensor, instantiate, type KernelInputs } from "../../../src/runtime/wasm.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { dense, random, worstError } from "../backend/kernel.ts";
import { attentionOf, callOf } from "../execute/calls.ts";

const GIB = 2 ** 30;

function emitted(text: string, dims: { dim: number; valueDim: number }) {
  const { value } = compileAttention(attentionOf(text), wasmSimd128, { dims, consts: {} });
  const { files, description } = emitProgram(value[0]!.program, wasmSimd128);
  return { bytes: assemble(files[0]!.text), description };
}

describe("32768 tokens", () => {
  const TOKENS = 32768;
  const dims = { dim: 16, valueDim: 16 };
  const next = random(5);
  const tensor = (): AttentionTensor & { readonly data: Float32Array } => ({
    data: Float32Array.from({ length: TOKENS * dims.dim }, () => 4 * next() - 2),
    shape: [1, 1, TOKENS, dims.dim],
  });
  const call = { query: tensor(), key: tensor(), value: tensor() };
  /** The rows from `first` on, alone. */
  const rows = ({ data }: AttentionTensor, first: number, count: number): AttentionTensor => ({
    data: data.subarray(first * dims.dim, (first + count) * dims.dim),
    shape: [1, 1, count, dims.dim],
  });
  const documents = {
    data: Int32Array.from({ length: TOKENS }, (_, token) => Math.floor(token / 700)),
    shape: [1, TOKENS],
  };

  test.each([
    ["causal", "attention t { mask q >= k output lse }", (q: number, k: number) => q >= k, {}],
    [
      "window",
      "attention t { mask q >= k mask q - k < 256 output lse }",
      (q: number, k: number) => q >= k && q - k < 256,
      {},
    ],
    [
      "documents, by a list of blocks",
      "attention t(doc: i32[batch, token]) { mask q >= k mask doc[q] == doc[k] output lse }",
      (q: number, k: number) => q >= k && Math.floor(q / 700) === Math.floor(k / 700),
      { tensors: { doc: documents } },
    ],
    [
      "causal, two passes",
      "attention t { mask q >= k mask q - k < 256 weight p * p output lse }",
      (q: number, k: number) => q >= k && q - k < 256,
      {},
    ],
  ])("%s: rows from everywhere are right, memory is linear", async (name, text, sees, captured) => {
    const { bytes, description } = emitted(text, dims);
    const kernel = await instantiate(bytes, description);
    const { out, lse } = kernel.run({ ...call, ...captured });
    // Query, key, value, out and the packed keys and values; a byte for each pair would be 1 GiB.
    expect(kernel.memory.buffer.byteLength).toBeLessThan(8 * TOKENS * dims.dim * 4 + 4 * 2 ** 20);
    for (const first of [0, 63, 700, 16383, TOKENS - 2]) {
      const keys = first + 2;
      const few = { query: rows(call.query, first, 2), key: rows(call.key, 0, keys), value: rows(call.value, 0, keys) };
      const shape = { batch: 1, heads: 1, kvHeads: 1, queries: 2, keys, ...dims };
      const squared = (p: number) => p * p;
      const formula = { visible: ({ q, k }: { q: number; k: number }) => sees(q, k) };
      const wanted = dense(shape, few, name.endsWith("passes") ? { ...formula, weight: squared } : formula);
      const width = dims.valueDim;
      expect(worstError(out.data.subarray(first * width, (first + 2) * width), wanted.out)).toBeLessThan(2e-5);
      expect(worstError(lse!.data.subarray(first, first + 2), wanted.lse)).toBeLessThan(2e-5);
    }
  });
});

describe("addresses are unsigned", () => {
  const dims = { dim: 5, valueDim: 3 };
  const shapes = { "many rows": { queries: 70, keys: 150 }, "few rows": { queries: 3, keys: 150 } };
  const documents = Int32Array.from({ length: 300 }, (_, at) => Math.floor((at % 150) / 40));

  test.each([
    ["a mask of distances", "attention t { mask q >= k mask q - k < 20 output lse }", 1],
    [
      "a list of blocks, summaries, bytes",
      "attention t(doc: i32[batch, token], n: u8[key]) { mask doc[q] == doc[k] mask k % 2 == n[k] % 2 output lse }",
      4,
    ],
    ["binary search", "attention t(doc: i32[batch, token] sorted) { mask doc[q] == doc[k] output lse }", 1],
    [
      "tables, gathered",
      "attention t(t: f32[head, n], on: bool[query, key]) { mask on[q, (k * 7) % 150] score s + t[(q - k) % n] }",
      3,
    ],
    ["two passes", "attention t { mask q >= k weight p * p output lse }", 2],
    ["two passes, linear", "attention t { mask q >= k score exp(s) normalize sum weight p * lse output lse }", 2],
  ])("%s", async (name, text, steps) => {
    const { bytes, description } = emitted(text, dims);
    expect(description.steps.length).toBe(steps);
    const { memory } = description;
    /** With so many bytes taken ahead of the tensors. Nobody touches them, so that they cost nothing. */
    const kernelAbove = (before: number) =>
      instantiate(bytes, { ...description, memory: { ...memory, blockBytes: memory.blockBytes + before } });
    const low = await kernelAbove(0);
    for (const shape of Object.values(shapes)) {
      const call = inputsOf(callOf(attentionOf(text), { shape: { ...shape, ...dims } }));
      const sorted = { tensors: { doc: { data: documents, shape: [2, 150] } } };
      const inputs = name === "binary search" ? { ...call, ...sorted } : call;
      const wanted = low.run(inputs);
      const { byteLength } = low.memory.buffer;
      // All of it beyond 2 GiB; 2 GiB in the middle of tensors or scratch; all of it as high as it goes.
      for (const before of [2 * GIB, 2 * GIB - byteLength / 2, memory.limitBytes - byteLength]) {
        const high = await kernelAbove(before);
        expect(high.run(inputs)).toEqual(wanted);
        expect(high.memory.buffer.byteLength).toBeGreaterThan(before);
      }
    }
  });
});

describe("more than there are addresses for", () => {
  const { bytes, description } = emitted("attention t { output lse }", { dim: 4, valueDim: 4 });
  /** A tensor of any size over one row: every axis but the last has the stride 0. */
  const endless = (...shape: readonly number[]): AttentionTensor => ({
    ...{ data: new Float32Array(4), shape, strides: contiguous(shape).map((_, axis) => (axis === 3 ? 1 : 0)) },
  });
  const call = (batch: number, heads: number, queries: number, keys: number): KernelInputs => ({
    query: endless(batch, heads, queries, 4),
    key: endless(batch, heads, keys, 4),
    value: endless(batch, heads, keys, 4),
  });

  test.each([
    ["out", call(1, 1, 2 ** 28, 1)],
    ["out, of many heads", call(2 ** 14, 2 ** 14, 1, 1)],
    ["scratch", call(1, 1, 1, 2 ** 27)],
  ])("%s beyond 4 GiB is refused before anything is allocated, and the next call runs", async (_, large) => {
    const kernel = await instantiate(bytes, description);
    const before = kernel.memory.buffer.byteLength;
    expect(() => kernel.run(large)).toThrow(
      /E0709: the call needs \d{10} bytes of memory, but a kernel can use 4294901760/,
    );
    expect(kernel.memory.buffer.byteLength).toBe(before);
    expect(kernel.run(call(1, 1, 2, 3)).lse!.data).toEqual(Float32Array.of(Math.log(3), Math.log(3)));
  });

  test("a length that is no int of 32 bits is refused by name", async () => {
    const kernel = await instantiate(bytes, description);
    expect(() => kernel.run(call(0, 0, 1, 2 ** 31))).toThrow(/E0704: `key` .* from 0 to 2147483647/);
  });
});
