// Scores, masks and weights of the distance q − k: kernels against the reference, and against the same kernel in which
// every pair computes them for itself, bit for bit.

import { describe, expect, test } from "vitest";
import { emitProgram } from "../../../src/backend/index.ts";
import { assemble } from "../../../src/backend/wasm/assemble.ts";
import { compileAttention } from "../../../src/compile.ts";
import { inputsOf } from "../../../src/execute/kernel-call.ts";
import { wasmRelaxedRunner, wasmRunner } from "../../../src/execute/run-wasm.ts";
import { attend } from "../../../src/reference/attention.ts";
import { instantiate } from "../../../src/runtime/wasm.ts";
import type { Program } from "../../../src/schedule/plan.ts";
import { attendSteps } from "../../../src/schedule/steps.ts";
import type { Case, Result } from "../../../src/spec/case.ts";
import type { Attention } from "../../../src/spec/spec.ts";
import { wasmRelaxed } from "../../../targets/wasm-relaxed.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionOf } from "../../check.ts";
import { inlineDiagonals } from "../../inline-diagonals.ts";
import { type CallOptions, callOf } from "./calls.ts";

const BUCKET = `fn bucket(d: int) = if d < 4 then d else min(11, 4 + floor(log(d / 4.0) / log(8.0) * 4.0))`;

const scores: Readonly<Record<string, string>> = {
  ALiBi: `import { alibi_slope, causal } from "std"
    attention t { mask causal score s + alibi_slope(h, len(head)) * (k - q) / 2.0 output lse }`,
  "relative bias": `import { relative_bias } from "std"
    attention t(table: f32[head, n]) { score relative_bias(table) output lse }`,
  "relative bias of KV heads, causal": "attention t(t: f32[kv, n]) { mask q >= k score s + t[(q - k) % n] output lse }",
  "T5 buckets": `${BUCKET} attention t(t: f32[head, n]) { score s + t[bucket(abs(q - k))] output lse }`,
  decay: "attention t(tau: float = 30.0) { mask q >= k score s * exp(-(q - k) / tau) output lse }",
  "distances with rows and keys": `attention t(t: f32[head, n], at: i32[batch, token]) {
    mask (q - k) % 3 < 2 or at[q] == at[k]
    score s + t[(2 * q + h - 2 * k) % 5] * at[k] + at[q]
    weight p * tanh((q + h - k) / 4.0)
    output lse }`,
  "a tensor of the keys by distance": "attention t(far: f32[batch, key]) { score s + far[abs(q - k)] output lse }",
  "chance by distance, in two passes": `attention t {
    mask random(3, q - k) < 0.7 weight p * p * random(4, k - q) output lse }`,
};

describe.each(Object.entries(scores))("%s", (_, text) => {
  const attention = attentionOf(text);

  test.each([1, 17, 65, 130])("%d tokens", async (length) => {
    await expectSame(attention, { shape: { batch: 1, heads: 4, kvHeads: 2, queries: length, keys: length } });
  });

  test.each([
    [5, 130],
    [130, 5],
    [1, 65],
  ])("%d queries on %d keys", async (queries, keys) => {
    await expectSame(attention, { shape: { batch: 1, heads: 2, kvHeads: 1, queries, keys } });
  });

  test("lengths and starts of each batch, with poison behind them", async () => {
    const shape = { batch: 3, queries: 70, keys: 90 };
    await expectSame(attention, { shape, keyLengths: [90, 65, 3], queryStart: [-40, 0, 25] });
  });
});

/** Their scores stay small however far apart positions are. */
const bounded = ["relative bias", "T5 buckets", "relative bias of KV heads, causal"];

test.each(bounded)("%s where positions wrap around", async (name) => {
  const shape = { batch: 4, heads: 2, kvHeads: 1, queries: 70, keys: 66 };
  const queryStart = [2 ** 31 - 1, 2 ** 31 - 30, -(2 ** 31), -(2 ** 31) + 64];
  await expectSame(attentionOf(scores[name]!), { shape, queryStart });
});

test("every one of them has a table", () => {
  const tables = Object.values(scores).map((text) => {
    const attention = attentionOf(text);
    return attendSteps(programOf(attention, callOf(attention))).map(({ plan }) => plan.diagonal.length);
  });
  expect(tables.flat().every((count) => count > 0)).toBe(true);
});

function programOf(attention: Attention, { shape, params }: Case, target = wasmSimd128): Program {
  return compileAttention(attention, target, { dims: shape, consts: params }).value[0]!.program;
}

async function expectSame(attention: Attention, options: CallOptions): Promise<void> {
  const call = callOf(attention, options);
  const wanted = attend(call);
  for (const [target, runner] of [
    [wasmSimd128, wasmRunner],
    [wasmRelaxed, wasmRelaxedRunner],
  ] as const) {
    const got = await runner.run(call);
    expectNear(got, wanted);
    const { files, description } = emitProgram(inlineDiagonals(programOf(attention, call, target)), target);
    const inlined = (await instantiate(assemble(files[0]!.text), description)).run(inputsOf(call));
    expect(Buffer.compare(bytesOf(got.out), bytesOf(inlined.out.data))).toBe(0);
    expect(Buffer.compare(bytesOf(got.lse!), bytesOf(inlined.lse!.data))).toBe(0);
  }
}

const bytesOf = (values: ArrayLike<number>) => Buffer.from(Float32Array.from(values).buffer);

/** Sums of f32 over at most 130 keys. */
function expectNear(got: Result, wanted: Result): void {
  for (const name of ["out", "lse"] as const) {
    for (const [index, value] of wanted[name]!.entries()) {
      const ours = got[name]![index]!;
      const error = ours === value ? 0 : Math.abs(ours - value) / Math.max(1, Math.abs(value));
      if (!(error < 2e-5)) throw new Error(`${name}[${index}] is ${ours}, not ${value}`);
    }
  }
}
