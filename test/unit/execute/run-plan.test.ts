import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planRunner, runProgram } from "../../../src/execute/run-plan.ts";
import { lowerAttention } from "../../../src/ir/lower.ts";
import { optimize } from "../../../src/passes/index.ts";
import { attend } from "../../../src/reference/attention.ts";
import { planProgram } from "../../../src/schedule/choose.ts";
import type { Tile } from "../../../src/schedule/plan.ts";
import { validateProgram } from "../../../src/schedule/validate.ts";
import type { Case, Result } from "../../../src/spec/case.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionOf, type CallOptions, callOf } from "./calls.ts";

const tiny: Tile = { queries: 4, keys: 3 };

function programOf(call: Case, tile: Tile) {
  const { attention, shape, params } = call;
  const ir = optimize(lowerAttention(attention, { consts: params }));
  const { value: program } = planProgram(ir, { ...wasmSimd128, tile }, { dim: shape.dim, valueDim: shape.valueDim });
  expect(validateProgram(program)).toEqual([]);
  return program;
}

function expectEqual(got: Result, wanted: Result): void {
  for (const name of ["out", "lse"] as const) {
    const [ours, theirs] = [got[name], wanted[name]];
    if (!ours) continue;
    expect(ours.length).toBe(theirs!.length);
    for (const [index, value] of theirs!.entries()) {
      const error = ours[index] === value ? 0 : Math.abs(ours[index]! - value) / Math.max(1, Math.abs(value));
      if (!(error < 1e-9)) throw new Error(`${name}[${index}] is ${ours[index]}, not ${value}`);
    }
  }
}

/** Runs the plan in tiny tiles and in the target's, and returns what it did in tiny ones. */
function expectReference(text: string, options: CallOptions = {}) {
  const call = callOf(attentionOf(text), options);
  const wanted = attend(call);
  expectEqual(runProgram(programOf(call, wasmSimd128.tile), call).result, wanted);
  const { result, trace } = runProgram(programOf(call, tiny), call);
  expectEqual(result, wanted);
  return trace;
}

/** One attention for every feature of a plan. */
const features: Readonly<Record<string, string>> = {
  "no mask": "attention t { output lse }",
  causal: "attention t { mask q >= k output lse }",
  "run-time window": "attention t(w: int = 4) { mask q >= k mask q - k < w output lse }",
  "parameters per head": "attention t(m: f32[head]) { mask q >= k score s + m * (k - q) output lse }",
  "documents per batch": "attention t(doc: i32[batch, token]) { mask doc[q] == doc[k] output lse }",
  "bias of rows and keys": "attention t(bias: f32[head, query, key]) { score s + bias[q, k] output lse }",
  "table per KV head": "attention t(t: f32[kv, n]) { score s + t[clamp(q - k, 0, n - 1)] output lse }",
  "a const parameter": "attention t(const size: int = 3) { mask k // size <= q // size output lse }",
  softcap: "attention t(cap: float = 1.5) { score cap * tanh(s / cap) output lse }",
  cosine: "attention t { scale 1.0 score cosine(Q, K) * 7.0 output lse }",
  "scale of the row": "attention t { scale 1.0 / (2 + abs(q)) output lse }",
  "scale of the pair": "attention t { scale 1.0 / (1 + abs(q - k)) score s * 2.0 output lse }",
  sink: "attention t(z: f32[head]) { mask q > k normalize softmax(sink = z) output lse }",
  "softmax plus one": "attention t { normalize softmax_plus_one output lse }",
  sum: "attention t { mask q >= k score exp(s) normalize sum output lse }",
  none: "attention t { mask q >= k normalize none output lse }",
  "relu without normalising": "attention t { normalize none weight relu(p) output lse }",
  "relu of sums": "attention t { score exp(s) normalize sum weight relu(p - 0.1) output lse }",
  dropout: "attention t(seed: int = 3) { weight if random(seed, b, h, q, k) < 0.3 then 0.0 else p / 0.7 output lse }",
  "identity blend":
    "attention t(u: float = 0.25) { mask q >= k weight if q == k then (1 - u) * p + u else (1 - u) * p output lse }",
  "square of p with a sink": "attention t(z: f32[head]) { normalize softmax(sink = z) weight p * p output lse }",
  "weight of lse": "attention t { mask q >= k weight p * lse output lse }",
  "weight of lse without normalising": "attention t { normalize none weight p * exp(-lse) output lse }",
  "a value's own norm": "attention t { weight p / (1.0 + norm(V)) output lse }",
  grid: "attention t { grid (y: 3, x: 3) mask abs(q.y - k.y) <= 1 and abs(q.x - k.x) <= 1 output lse }",
  "rows that see nothing": "attention t { mask q % 3 > 0 and q >= k output lse }",
  "rows that see nothing, averaged":
    "attention t { empty uniform mask q % 3 > 0 and q >= k weight p * 2.0 output lse }",
  "nothing is ever visible":
    "attention t(z: f32[head]) { empty uniform mask false normalize softmax(sink = z) output lse }",
  "scores of −inf": "attention t { score if k % 3 == q % 2 then log(0.0) else s output lse }",
  "scores of ±10000": "attention t { scale 10000.0 output lse }",
};

describe.each(Object.entries(features))("%s", (_, text) => {
  test.each([
    [0, 0],
    [1, 1],
    [17, 17],
    [5, 18],
    [18, 5],
    [3, 0],
    [0, 4],
    [65, 65],
  ])("%d queries on %d keys", (queries, keys) => {
    const shape = { queries, keys, ...(keys === 65 ? { batch: 1, heads: 3, kvHeads: 1 } : {}) };
    expectReference(text, { shape });
  });

  test("lengths and starts of each batch, with poison behind them", () => {
    const shape = { batch: 3, queries: 7, keys: 17 };
    expectReference(text, { shape, keyLengths: [17, 6, 0], queryStart: [-2, 0, 12] });
  });
});

describe("empty error", () => {
  const text = "attention t { empty error mask q > k }";
  test("refuses a row that sees no key", () => {
    const call = callOf(attentionOf(text));
    expect(() => runProgram(programOf(call, tiny), call)).toThrow(/no key is visible/);
  });

  test("accepts rows that all see one", () => {
    expectReference(text, { queryStart: [1, 4] });
  });
});

describe("the trace", () => {
  const shape = { batch: 1, heads: 2, kvHeads: 1, queries: 8, keys: 10 };
  test("without a mask, no tile is masked", () => {
    const [step] = expectReference(features["no mask"]!, { shape });
    expect(step).toEqual({ step: "attend", visited: 2 * 2 * 4, masked: 0, skipped: 0 });
  });

  test("with one, every tile is", () => {
    const [step] = expectReference(features.causal!, { shape });
    expect(step).toMatchObject({ visited: 16, masked: 16 });
  });

  test("only tiles of keys that are alive are visited", () => {
    const [step] = expectReference(features["no mask"]!, { shape, keyLengths: [4] });
    expect(step).toMatchObject({ visited: 2 * 2 * 2, skipped: 0 });
  });

  test("a second pass visits them again", () => {
    const trace = expectReference(features["identity blend"]!, { shape });
    expect(trace.map(({ step, visited }) => [step, visited])).toEqual([
      ["statistics", 16],
      ["replay", 16],
    ]);
  });
});

test("tiles of any size give the same answer", () => {
  const size = fc.integer({ min: 1, max: 20 });
  const calls = fc.record({
    text: fc.constantFrom(...Object.values(features)),
    tile: fc.record({ queries: size, keys: size }),
    shape: fc.record({
      ...{ batch: fc.constant(2), queries: fc.nat(20), keys: fc.nat(20) },
      ...{ dim: fc.integer({ min: 1, max: 5 }), valueDim: fc.integer({ min: 1, max: 5 }) },
    }),
    lengths: fc.option(fc.array(fc.nat(20), { minLength: 2, maxLength: 2 })),
    seed: fc.nat(1000),
  });
  fc.assert(
    fc.property(calls, ({ text, tile, shape, lengths, seed }) => {
      const keyLengths = lengths?.map((length) => Math.min(length, shape.keys));
      const call = callOf(attentionOf(text), { seed, shape, ...(keyLengths ? { keyLengths } : {}) });
      expectEqual(runProgram(programOf(call, tile), call).result, attend(call));
    }),
    { numRuns: 150 },
  );
});

test("the runner of this level runs a call from its Spec", async () => {
  const call = callOf(attentionOf(features.sink!));
  expect(planRunner.available()).toBe(true);
  expectEqual(await planRunner.run(call), attend(call));
});
