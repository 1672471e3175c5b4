// Blocks that a call chooses, rule by rule: the plan, which ranks them, and WebAssembly beside the reference, which sorts.

import { describe, test } from "vitest";
import { planRunner } from "../../../src/execute/run-plan.ts";
import { wasmRunner } from "../../../src/execute/run-wasm.ts";
import type { Case } from "../../../src/spec/case.ts";
import { expectAgreement as expectAgreementOf, type Judged } from "./agreement.ts";
import { attentionOf, callOf } from "./calls.ts";
import { selections } from "./selections.ts";

describe.each(Object.entries(selections))("%s", (_, text) => {
  const attention = attentionOf(text);

  test.each([
    [33, 70],
    [40, 40],
    [0, 4],
    [4, 0],
  ] as const)("%i queries and %i keys", async (queries, keys) => {
    await expectAgreement(callOf(attention, { shape: { queries, keys } }));
  });

  test("lengths and starts of each batch", async () => {
    const shape = { batch: 3, queries: 34, keys: 65 };
    await expectAgreement(callOf(attention, { shape, keyLengths: [65, 6, 0], queryStart: [-2, 0, 12] }));
  });
});

/** Sums of at most 70 products of numbers below 3: in f64, and as test/webgpu/systems.test.ts has it in f32. */
const RUNNERS: readonly Judged[] = [
  { runner: planRunner, tolerance: 1e-12 },
  { runner: wasmRunner, tolerance: 5e-5 },
];

const expectAgreement = (call: Case) => expectAgreementOf(call, RUNNERS);
