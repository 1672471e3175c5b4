// The kernel of every feature against the reference, in both builds, on shapes that leave ragged tiles everywhere.

import { describe, expect, test } from "vitest";
import { wasmRelaxedRunner, wasmRunner } from "../../../src/execute/run-wasm.ts";
import { attend } from "../../../src/reference/attention.ts";
import type { Result } from "../../../src/spec/case.ts";
import { attentionOf, callOf } from "./calls.ts";
import { features } from "./features.ts";

/** Largest error of a result in units of the largest number that the reference has in it. */
function worst(got: Result, wanted: Result): number {
  let most = 0;
  for (const name of ["out", "lse"] as const) {
    const [ours, theirs] = [got[name], wanted[name]];
    if (!ours) continue;
    expect(ours.length).toBe(theirs!.length);
    const sizes = Array.from(theirs!, Math.abs).filter(Number.isFinite);
    const size = sizes.reduce((high, value) => Math.max(high, value), 1);
    for (const [index, value] of theirs!.entries()) {
      const error = ours[index] === value ? 0 : Math.abs(ours[index]! - value) / size;
      if (!(error < Infinity)) return Infinity;
      most = Math.max(most, error);
    }
  }
  return most;
}

/** f32 all along, sums of a few dozen terms. Scores in the thousands are themselves only known to 1e-3. */
const TOLERANCE: Readonly<Record<string, number>> = { "scores of ±10000": 0.05 };

describe.each(Object.entries(features))("%s", (name, text) => {
  const attention = attentionOf(text);
  const tolerance = TOLERANCE[name] ?? 1e-5;
  const runners = { plain: wasmRunner, relaxed: wasmRelaxedRunner };

  test.each([
    [0, 0],
    [1, 1],
    [17, 17],
    [5, 70],
    [70, 5],
    [3, 0],
    [0, 4],
  ])("%d queries on %d keys", async (queries, keys) => {
    const call = callOf(attention, { shape: { queries, keys } });
    const wanted = attend(call);
    for (const runner of Object.values(runners)) expect(worst(await runner.run(call), wanted)).toBeLessThan(tolerance);
  });

  test.each([7, 18])("lengths and starts of each batch, with poison behind them, %d queries", async (queries) => {
    const shape = { batch: 3, queries, keys: 17 };
    const call = callOf(attention, { shape, keyLengths: [17, 6, 0], queryStart: [-2, 0, 12] });
    const wanted = attend(call);
    for (const runner of Object.values(runners)) expect(worst(await runner.run(call), wanted)).toBeLessThan(tolerance);
  });
});

test("a row that sees nothing is an error where the attention says so", async () => {
  const call = callOf(attentionOf("attention t { empty error mask q > k }"));
  await expect(wasmRunner.run(call)).rejects.toThrow("E0710");
});
