import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planRunner, runProgram } from "../../../src/execute/run-plan.ts";
import { lowerAttention } from "../../../src/ir/lower.ts";
import { optimize } from "../../../src/passes/index.ts";
import { attend } from "../../../src/reference/attention.ts";
import { planProgram } from "../../../src/schedule/choose.ts";
import type { Tile } from "../../../src/schedule/plan.ts";
import { attendSteps } from "../../../src/schedule/steps.ts";
import { validateProgram } from "../../../src/schedule/validate.ts";
import type { Case, Result } from "../../../src/spec/case.ts";
import type { Target } from "../../../targets/target.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionOf, type CallOptions, callOf } from "./calls.ts";
import { features } from "./features.ts";

const tiny: Tile = { queries: 4, keys: 3 };

/** In tiny tiles too, and calls of up to 64 rows split into stretches of two tiles. */
const splitting = {
  ...{ tile: tiny, decode: { queries: 0, cacheBytes: 0 } },
  split: { queries: 64, keys: 6, tile: { queries: 5, keys: 3 }, scratchBytes: 2 ** 20 },
};

function programOf(call: Case, changes: Partial<Target>) {
  const { attention, shape, params } = call;
  const ir = optimize(lowerAttention(attention, { consts: params }));
  const { value: program } = planProgram(
    ir,
    { ...wasmSimd128, ...changes },
    { dim: shape.dim, valueDim: shape.valueDim },
  );
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

/** Runs the plan in the target's tiles, split, and in tiny tiles, and returns what it did in tiny ones. */
function expectReference(text: string, options: CallOptions = {}) {
  const call = callOf(attentionOf(text), options);
  const wanted = attend(call);
  expectEqual(runProgram(programOf(call, {}), call).result, wanted);
  expectSplit(call, wanted);
  const { result, trace } = runProgram(programOf(call, { tile: tiny }), call);
  expectEqual(result, wanted);
  return trace;
}

/** What only a softmax in one pass can do is done, for calls of few rows. */
function expectSplit(call: Case, wanted: Result): void {
  const program = programOf(call, splitting);
  const canSplit = program.ir.normalize.kind === "softmax" && attendSteps(program).length === 1;
  expect(program.few !== undefined).toBe(canSplit);
  const { result, trace } = runProgram(program, call);
  expect(trace.some(({ step }) => step === "split")).toBe(canSplit && call.shape.queries <= 64 && call.shape.keys > 0);
  expectEqual(result, wanted);
}

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
    const shape = { queries, keys, ...(keys === 65 ? { batch: 1, heads: 1, kvHeads: 1 } : {}) };
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
    expect(() => runProgram(programOf(call, { tile: tiny }), call)).toThrow(/no key is visible/);
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

  test("with one that bounds the keys, only tiles on the bounds are, and those outside are skipped", () => {
    const [causal] = expectReference(features.causal!, { shape });
    expect(causal).toEqual({ step: "attend", visited: 12, masked: 6, skipped: 4 });
    const [window] = expectReference(features["run-time window"]!, { shape, params: { w: 2 } });
    expect(window).toMatchObject({ visited: 10, masked: 10, skipped: 6 });
  });

  test("with one of which nothing is known, every tile is", () => {
    const [step] = expectReference(features["documents per batch"]!, { shape });
    expect(step).toMatchObject({ visited: 16, masked: 16 });
  });

  test("only tiles of keys that are alive are visited", () => {
    const [step] = expectReference(features["no mask"]!, { shape, keyLengths: [4] });
    expect(step).toMatchObject({ visited: 2 * 2 * 2, skipped: 0 });
  });

  test("a second pass visits them again", () => {
    const trace = expectReference(features["identity blend"]!, { shape });
    expect(trace.map(({ step, visited }) => [step, visited])).toEqual([
      ["statistics", 12],
      ["replay", 12],
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
      expectEqual(runProgram(programOf(call, { tile }), call).result, attend(call));
    }),
    { numRuns: 100 },
  );
});

test("the runner of this level runs a call from its Spec", async () => {
  const call = callOf(attentionOf(features.sink!));
  expect(planRunner.available()).toBe(true);
  expectEqual(await planRunner.run(call), attend(call));
});
