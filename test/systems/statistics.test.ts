// Named outputs of awkward calls at every level that needs no device, each element within its own bound; and what their
// passes skip.

import { expect, test } from "vitest";
import { optimizedRunner } from "../../src/execute/run-ir.ts";
import { planCase, planRunner, runProgram } from "../../src/execute/run-plan.ts";
import { wasmRelaxedRunner, wasmRunner } from "../../src/execute/run-wasm.ts";
import { attend } from "../../src/reference/attention.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { webgpuMatrices } from "../../targets/webgpu-matrices.ts";
import { AWKWARD, awkwardCall, CAUSAL } from "./awkward-outputs.ts";

test.each(AWKWARD)("%s", async (_, text, sizes) => {
  const call = awkwardCall(text, sizes);
  const wanted = attend(call);
  const bound = boundOf(call, wasmSimd128.errorUlps);
  for (const runner of [optimizedRunner, planRunner, wasmRunner, wasmRelaxedRunner]) {
    const result = await runner.run(call);
    expect(Object.keys(result.named!)).toEqual(Object.keys(wanted.named!));
    expect(compare(result, wanted, bound, call.shape), runner.level).toMatchObject({ agrees: true });
  }
});

test("an element that is off by more than its bound is found", async () => {
  const call = awkwardCall(CAUSAL, { queries: 20, keys: 20, dim: 8 });
  const result = await wasmRunner.run(call);
  const { mass, ...others } = result.named!;
  const moved = { ...mass!, data: mass!.data.map((value, at) => (at === 3 ? value * 1.0001 : value)) };
  const verdict = compare(
    { ...result, named: { mass: moved, ...others } },
    attend(call),
    boundOf(call, {}),
    call.shape,
  );
  expect(verdict.agrees).toBe(false);
  expect(verdict.worst!.column).toEqual({ output: "mass", index: 3 });
});

test("the pass skips the tiles that the forward skips, and rows that no output takes", () => {
  const traceOf = (text: string) => {
    const call = awkwardCall(text, { queries: 300, keys: 300, dim: 8 });
    return runProgram(planCase(call), call).trace;
  };
  const [forward, pass] = traceOf("attention t { mask q >= k output mass = sum[query] p }");
  expect(pass).toEqual({ ...forward, step: "reduce" });
  expect(pass!.skipped).toBeGreaterThan(pass!.visited / 2);
  const [, last] = traceOf("attention t { mask q >= k output recent = sum[query: last 32] p }");
  expect(last!.visited).toBeLessThan(forward!.visited / 2);
});

test("from key tile to key tile the pass visits what it visits from row to row", () => {
  const text =
    "attention t { mask 0 <= q - k < 40 and k % 50 < 30 output mass = sum[query] p output sharp = max[key] p }";
  const call = awkwardCall(text, { queries: 300, keys: 300, dim: 8, alive: 211 });
  const { trace } = runProgram(planCase(call, webgpu), call);
  const [rows, keys] = trace.filter(({ step }) => step.startsWith("reduce"));
  expect(keys).toMatchObject({ step: "reduce.keys", visited: rows!.visited, masked: rows!.masked });
  expect(rows!.skipped).toBeGreaterThan(rows!.visited);
});

test("folds multiply pair by pair, whatever multiplies matrices", () => {
  const { steps } = planCase(awkwardCall(CAUSAL, { queries: 9, keys: 9, dim: 8 }), webgpuMatrices);
  const passes = steps.flatMap(({ name, plan }) => (plan.kind === "attend" ? [[name, plan.matrix !== undefined]] : []));
  expect(Object.fromEntries(passes)).toEqual({ attend: true, split: false, reduce: false, "reduce.keys": false });
});
