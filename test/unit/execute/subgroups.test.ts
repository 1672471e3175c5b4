// Plans whose threads exchange by subgroups, run for every size of a subgroup that there is, and for threads that do not stand
// in order: what a kernel does on devices of which there is none here.

import { describe, expect, test } from "vitest";
import { planCase, runProgram } from "../../../src/execute/run-plan.ts";
import { highestOfStrips, reachOf, type Subgroups } from "../../../src/execute/subgroups.ts";
import { attend } from "../../../src/reference/attention.ts";
import { attendSteps, splitSteps } from "../../../src/schedule/steps.ts";
import { validateProgram } from "../../../src/schedule/validate.ts";
import type { Case, Result } from "../../../src/spec/case.ts";
import { webgpu } from "../../../targets/webgpu.ts";
import { webgpuSubgroups } from "../../../targets/webgpu-subgroups.ts";
import { attentionOf, callOf } from "./calls.ts";

/** Nothing in the language says that threads stand in order. */
const ORDERS: Readonly<Record<string, (thread: number) => number>> = {
  "in order": (thread) => thread,
  backwards: (thread) => 63 - thread,
  "every eighth": (thread) => (thread % 8) * 8 + Math.floor(thread / 8),
  "two by two swapped": (thread) => thread ^ 2,
  "the first half in order": (thread) => (thread < 32 ? thread : 95 - thread),
};
const SIZES = [4, 8, 16, 32, 64, 128];

const TEXTS = {
  causal: "attention t { mask q >= k output lse }",
  "a sink and a score": "attention t { score s - abs(q - k) normalize softmax(sink = 0.5) output lse }",
  "two passes": "attention t { mask q - k < 9 weight p * p output lse }",
};

/** A prompt in whole and ragged tiles, and a token that is split over its keys. */
const callsOf = (text: string) =>
  [70, 1].map((queries) => {
    const shape = { batch: 2, heads: 2, kvHeads: 1, queries, keys: 70 };
    return callOf(attentionOf(text), { shape, keyLengths: [70, 37], queryStart: [12, 0] });
  });

function run(call: Case, subgroups: Subgroups): Result {
  const program = planCase(call, webgpuSubgroups);
  expect(validateProgram(program)).toEqual([]);
  return runProgram(program, call, subgroups).result;
}

function worstError(got: Result, wanted: Result): number {
  const errors = (["out", "lse"] as const).flatMap((name) =>
    Array.from(wanted[name] ?? [], (value, index) => (got[name]![index] === value ? 0 : got[name]![index]! - value)),
  );
  return Math.max(...errors.map(Math.abs));
}

describe.each(Object.entries(ORDERS))("threads %s", (_, placeOf) => {
  test.each(SIZES)("in subgroups of %i", (size) => {
    for (const call of Object.values(TEXTS).flatMap(callsOf)) {
      expect(worstError(run(call, { size, placeOf }), attend(call))).toBeLessThan(1e-9);
    }
  });

  test.each([1, 2, ...SIZES])("in subgroups of %i: the highest of a row is that of all strips", (size) => {
    for (const strips of [2, 4, 8, 16]) {
      const subgroups = { size, placeOf };
      const scores = Float64Array.from({ length: 64 }, (_, thread) => Math.sin(thread * 7.3 + size) * 100);
      const wanted = scores.map((_, thread) => {
        const first = thread - (thread % strips);
        return Math.max(...scores.subarray(first, first + strips));
      });
      expect(highestOfStrips(scores, strips, reachOf(64, strips, subgroups), subgroups)).toEqual(wanted);
    }
  });
});

test("where threads stand in order, whole subgroups take part", () => {
  const inOrder = (thread: number) => thread;
  expect([1, 2, ...SIZES].map((size) => reachOf(64, 16, { size, placeOf: inOrder }))).toEqual([
    1, 2, 4, 8, 16, 16, 16, 16,
  ]);
  expect(reachOf(64, 16, { size: 32, placeOf: ORDERS["every eighth"]! })).toBe(1);
});

test("threads that stand elsewhere once they were asked are found out", () => {
  const [call] = callsOf(TEXTS.causal);
  // Each of 64 is looked up twice for each of the two distances between four strips.
  let asked = 2 * 64 * 2;
  const placeOf = (thread: number) => (asked-- > 0 ? thread : ORDERS["every eighth"]!(thread));
  expect(() => run(call!, { size: 8, placeOf })).toThrow("for the highest score of a row, which is");
});

test("only a target with subgroups plans an exchange, and only for passes that look for a highest score", () => {
  const exchanges = (text: string, target: typeof webgpu) => {
    const program = planCase(callsOf(text)[0]!, target);
    return [...attendSteps(program), ...splitSteps(program)].map(({ plan }) => plan.exchange);
  };
  const many = { rows: 4, strips: 4 };
  expect(exchanges(TEXTS.causal, webgpuSubgroups)).toEqual([many, { rows: 4, strips: 16 }]);
  expect(exchanges(TEXTS["two passes"], webgpuSubgroups)).toEqual([many, undefined]);
  expect(exchanges(TEXTS.causal, webgpu)).toEqual([undefined, undefined]);
});
