// The published systems on a device, beside what code of their own computes in f64: f32 and halves.

import { afterAll, describe, expect, test } from "vitest";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { uncompiledPart } from "../../src/ir/lower-selection.ts";
import { uncompiledOrder } from "../../src/ir/uncompiled-order.ts";
import type { Case } from "../../src/spec/case.ts";
import { floats, makeTensor } from "../../src/tensors/elements.ts";
import { fromHalf, toHalf } from "../../src/tensors/half.ts";
import type { Tensor } from "../../src/tensors/tensor.ts";
import { REORDERED, SPARSE } from "../systems/all.ts";
import { caseOf } from "../systems/case.ts";
import { draw, type Inputs, type Result } from "../systems/dense.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";

afterAll(closeAdapter);

/** Errors of f32 as they may add up at dim 8, up to 100 keys and elements below 2, γ(n) ≈ n · 2⁻²⁴. A score is a sum of 8
 *  products below 4, times 1/√8: γ(12) · 12 = 9e-6; so much relative error has a weight before it is normalised, and after
 *  that twice; then 100 values below 2 are summed: 2 · (2 · 9e-6 + γ(100)) = 5e-5. Where a wrong block is chosen, results
 *  are off by tenths. */
const TOLERANCE = 5e-5;
/** By how much the nearest choice must be decided, so that f32 decides the same: scores of blocks are as exact as those of
 *  pairs, and masses are sums of fewer of them. */
const MARGIN = 2e-5;

const rounded = (values: ArrayLike<number>) => Array.from(values, (value) => fromHalf(toHalf(value)));

const cases = [...SPARSE, ...REORDERED]
  .flatMap((system) =>
    system.calls.map((call, place) => {
      const inputs = draw(call, place + 1);
      const [query, key, value] = [rounded(inputs.query), rounded(inputs.key), rounded(inputs.value)];
      return { name: `${system.name}, call ${place}`, system, inputs, halves: { ...inputs, query, key, value } };
    }),
  )
  .filter(({ system, inputs }) => {
    const { attention } = caseOf(system.attn, inputs);
    const { sparsities = [] } = attention;
    if (uncompiledOrder(attention) !== undefined) return false;
    return sparsities.every((sparsity) => uncompiledPart(sparsity, attention) === undefined);
  });

test("a good part of the systems is compiled", () => expect(cases.length).toBeGreaterThan(60));

const asHalves = (tensor: Tensor) => makeTensor("f16", tensor.shape, floats(tensor));

describe.for(cases)("$name", ({ system, inputs, halves }) => {
  onDevice("f32", async () => {
    expectClose(await run(caseOf(system.attn, inputs)), wantedOf(inputs), 0);
  });

  onDevice("halves", async () => {
    const given = caseOf(system.attn, halves);
    const { query, key, value } = given;
    const call = { ...given, query: asHalves(query), key: asHalves(key), value: asHalves(value) };
    expectClose(await run(call), wantedOf(halves), 2 ** -11);
  });

  function wantedOf(given: Inputs): Result {
    const wanted = system.run(given);
    expect(wanted.margin ?? Number.POSITIVE_INFINITY).toBeGreaterThan(MARGIN);
    return wanted;
  }
});

async function run(call: Case): Promise<ArrayLike<number>> {
  return (await wgslRunner(device!, "a device").run(call)).out;
}

/** @param unit relative error of what a result is rounded to */
function expectClose(found: ArrayLike<number>, { out }: Result, unit: number): void {
  expect(found.length).toBe(out.length);
  const ratios = Array.from(found, (value, at) => Math.abs(value - out[at]!) / (TOLERANCE + unit * Math.abs(out[at]!)));
  expect(Math.max(...ratios)).toBeLessThan(1);
}
