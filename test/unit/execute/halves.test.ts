// Halves through every level: keys, values and captured tensors of f16 over a sweep of shapes, against the bound of f32.

import { expect, test } from "vitest";
import { irRunner } from "../../../src/execute/run-ir.ts";
import { planRunner } from "../../../src/execute/run-plan.ts";
import { wasmRelaxedRunner, wasmRunner } from "../../../src/execute/run-wasm.ts";
import { settingsOf } from "../../../src/execute/settings.ts";
import { floats, makeTensor } from "../../../src/tensors/elements.ts";
import type { Tensor } from "../../../src/tensors/tensor.ts";
import { verifyAttention } from "../../../src/verify/verify.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionOf } from "./calls.ts";

const runners = [irRunner, planRunner, wasmRunner, wasmRelaxedRunner];
const options = { sweep: "quick", seed: 11, params: {}, runners, accuracy: wasmSimd128.errorUlps } as const;

const ATTENTIONS: Readonly<Record<string, string>> = {
  "a bias of every pair": "attention a(bias: f16[head, query, key]) { score s + bias[q, k] }",
  "a table read from anywhere": "attention a(t: f16[n]) { score s + t[(q * 3 + k * k) % len(n)] output lse }",
  "a mask of stretches": "attention a(gate: f16[batch, token] in 0.0..1.0) { mask gate[k] < 0.3 }",
  "norms, two passes and a mean": "attention a { empty uniform mask k < q score s - dot(K, K) weight p * p }",
};

test.each(Object.entries(ATTENTIONS))("every level agrees: %s", { timeout: 120_000 }, async (_, text) => {
  const stored = { f32: 0, f16: 0 };
  // Each third case: the pairs of a sweep are for the shapes, which others cover.
  for await (const outcome of verifyAttention(attentionOf(text), { ...options, only: (index) => index % 3 === 0 })) {
    if (outcome.kind === "skipped") continue;
    const { call, report } = outcome;
    stored[settingsOf(call, wasmSimd128).element as "f32" | "f16"]++;
    expect(report.firstWrong, JSON.stringify([call.shape, report.levels])).toBeUndefined();
    expect(report.levels.map(({ kind }) => kind)).toEqual(runners.map(() => "compared"));
  }
  // Both kinds of kernels really ran.
  expect(Math.min(stored.f32, stored.f16)).toBeGreaterThan(3);
});

const widened = (tensor: Tensor) => makeTensor("f32", tensor.shape, floats(tensor));

test("keys and values of two types are given to a kernel that holds both", async () => {
  for await (const { call } of verifyAttention(attentionOf("attention a {}"), { ...options, runners: [] })) {
    if (call.key.dtype !== "f16") continue;
    expect(settingsOf(call, wasmSimd128).element).toBe("f16");
    expect(settingsOf({ ...call, value: widened(call.value) }, wasmSimd128).element).toBe("f32");
    return;
  }
  expect.unreachable();
});
