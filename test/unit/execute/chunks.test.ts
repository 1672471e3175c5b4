// Chunks that begin where a tensor says, on the expressions, the plan and WebAssembly beside the reference: lists of bounds of
// every kind, and what a walk learns of tiles that meet several chunks.

import { describe, expect, test } from "vitest";
import { optimizedRunner } from "../../../src/execute/run-ir.ts";
import { planCase, planRunner, runProgram } from "../../../src/execute/run-plan.ts";
import { wasmRunner } from "../../../src/execute/run-wasm.ts";
import type { Case } from "../../../src/spec/case.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { expectAgreement as expectAgreementOf, type Judged } from "./agreement.ts";
import { attentionOf, type CallOptions, callOf } from "./calls.ts";

const ROOTED = "score dot(sum[query] Q / sqrt(count[query] true), sum[key] K / sqrt(count[key] true))";

const ATTENTIONS = {
  "chunks of keys": `
sparsity best(bounds: i32[c], n: int in 0..) { blocks 8 x by bounds ${ROOTED} share group keep top n }
attention t(bounds: i32[c], n: int in 0.. = 2) { mask k <= q sparsity best(bounds, n) output lse }`,
  "chunks of rows and keys": `
sparsity mass(bounds: i32[c]) { blocks by bounds ${ROOTED} keep mass 0.5 of softmax always within diagonal, last 1, contains 5 }
attention t(bounds: i32[c]) { mask abs(q - k) < 50 sparsity mass(bounds) empty uniform }`,
  "chunks of rows, of all heads": `
sparsity share(bounds: i32[c]) { blocks by bounds x 6 score dot(mean[query] Q, mean[key] K) share any heads keep ratio 0.2 ceil over all }
attention t(bounds: i32[c]) { sparsity share(bounds) output lse }`,
  "some rows of chunks, and their largest and least elements": `
sparsity best(bounds: i32[c]) {
  blocks by bounds x by bounds
  score dot(max[query: last 3] Q, min[key] K) + dot(mean[query: first 5] Q, sum[key: last 20] K / sqrt(count[key: last 20] true))
  keep top 2
}
attention t(bounds: i32[c]) { mask k <= q sparsity best(bounds) output lse }`,
} as const;

const LISTS = {
  "of many lengths": [0, 1, 4, 4, 9, 30, 31, 50, 64, 70],
  "one chunk": [0],
  "no chunk at all": [],
  "bounds behind the end": [0, 20, 100, 200],
  "a first bound that is not 0": [5, 20, 40],
  "no chunk but the last holds a token": [0, 0, 0],
  "bounds below 0": [-7, -3, 12],
} as const;

/** Sums of at most 1000 products of numbers below 3, as in choices.test.ts: in f64, and in f32. */
const RUNNERS: readonly Judged[] = [
  { runner: optimizedRunner, tolerance: 1e-12 },
  { runner: planRunner, tolerance: 1e-12 },
  { runner: wasmRunner, tolerance: 5e-5 },
];

const expectAgreement = (call: Case) => expectAgreementOf(call, RUNNERS);

const callWith = (text: string, bounds: readonly number[], options: CallOptions): Case => ({
  ...callOf(attentionOf(text), options),
  tensors: { bounds: makeTensor("i32", [bounds.length], [...bounds]) },
});

describe.each(Object.entries(ATTENTIONS))("%s", (_, text) => {
  test.each(Object.entries(LISTS))("%s", async (_, bounds) => {
    for (const [queries, keys] of [
      ...([
        [33, 70],
        [1, 17],
        [1, 1],
        [0, 4],
        [4, 0],
      ] as const),
    ]) {
      await expectAgreement(callWith(text, bounds, { shape: { queries, keys } }));
    }
  });

  test("lengths and starts of each batch", async () => {
    const options = { shape: { batch: 3, queries: 34, keys: 65 }, keyLengths: [65, 6, 0], queryStart: [-2, 0, 12] };
    await expectAgreement(callWith(text, LISTS["of many lengths"], options));
  });

  test("positions that wrap around within a tile", async () => {
    const options = { shape: { batch: 1, queries: 30, keys: 40 }, queryStart: [2147483641] };
    await expectAgreement(callWith(text, LISTS["of many lengths"], options));
  });

  test("many keys", async () => {
    const bounds = Array.from({ length: 40 }, (_, chunk) => Math.floor((chunk * chunk * 1000) / 1600));
    await expectAgreement(callWith(text, bounds, { shape: { batch: 1, queries: 17, keys: 1000 } }));
  });
});

test("each batch has bounds of its own", async () => {
  const text = `
sparsity best(bounds: i32[batch, c]) { blocks 8 x by bounds ${ROOTED} keep top 2 }
attention t(bounds: i32[batch, c]) { sparsity best(bounds) }`;
  const call = callOf(attentionOf(text), { shape: { queries: 20, keys: 40 }, keyLengths: [40, 23] });
  const bounds = makeTensor("i32", [2, 4], [0, 3, 20, 30, 0, 10, 11, 40]);
  await expectAgreement({ ...call, tensors: { bounds } });
});

describe("a tile of several chunks", () => {
  /** Chunks of ten keys in tiles of 64. */
  const text = (chosen: string) => `
sparsity pattern(bounds: i32[c]) { blocks 16 x by bounds keep where ${chosen} }
attention t(bounds: i32[c]) { sparsity pattern(bounds) }`;
  const bounds = Array.from({ length: 64 }, (_, chunk) => 10 * chunk);
  const traceOf = (chosen: string) => {
    const call = callWith(text(chosen), bounds, { shape: { batch: 1, queries: 64, keys: 640 } });
    return { call, trace: runProgram(planCase(call), call).trace.at(-1)! };
  };

  test("is skipped where none of them is chosen", async () => {
    const { call, trace } = traceOf("j >= 20 and j < 26");
    // Keys 200 to 259 lie in the tiles from 192 and from 256; six heads.
    expect(trace).toMatchObject({ visited: 6 * 2 });
    await expectAgreement(call);
  });

  test("is seen without its mask where all of them are", async () => {
    const { call, trace } = traceOf("j < 30");
    // Keys 0 to 299: four whole tiles, and one that is cut.
    expect(trace).toMatchObject({ visited: 6 * 5, masked: 6 });
    await expectAgreement(call);
  });

  test("keeps its mask where some rows choose otherwise", async () => {
    const { call, trace } = traceOf("j < 30 or i == 3");
    expect(trace).toMatchObject({ visited: 6 * 10, masked: 6 * 6 });
    await expectAgreement(call);
  });
});
