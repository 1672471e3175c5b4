// The systems as kernels for CUDA, on a device or emulated: sums of rows, scores of blocks, the choice, and the pass that reads
// it. Where a choice is not taken by the width of a rounding, f32 must take the same.

import { describe, expect, test } from "vitest";
import { cudaRunner } from "../../src/cli/cuda/run-cuda.ts";
import { runLevels } from "../../src/verify/levels.ts";
import { cudaSimt } from "../../targets/cuda-simt.ts";
import { available, devices } from "../device.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";
import { selections } from "../unit/execute/selections.ts";
import { compiledCalls } from "./compiled.ts";

const running = devices({ CUDA: available(cudaRunner) });

/** Of scores and masses, both sums of some dozen numbers below 100. */
const ROUNDING = 1e-5;

describe.each(["f32", "f16"] as const)("rows of %s", (element) => {
  const all = compiledCalls(element);
  const decided = all.filter(({ margin }) => margin > ROUNDING);

  test("hardly a choice is taken by the width of a rounding", () => {
    expect(decided.length).toBeGreaterThan(Math.max(20, all.length - 3));
  });

  for (const { name, given } of decided) {
    running(name, async () => {
      const { levels } = await runLevels(given, [cudaRunner], cudaSimt.errorUlps);
      expect(levels, JSON.stringify(levels)).toMatchObject([
        { kind: "compared", verdict: { agrees: true, undecided: [] } },
      ]);
    });
  }
});

describe.each(["choices of a group united", "choices of all heads intersected", "a share of a head, united"])(
  "%s",
  (name) => {
    running("f32", async () => {
      const call = callOf(attentionOf(selections[name]!), { shape: { queries: 40, keys: 40 }, keyLengths: [40, 23] });
      const { levels } = await runLevels(call, [cudaRunner], cudaSimt.errorUlps);
      expect(levels).toMatchObject([{ kind: "compared", verdict: { agrees: true } }]);
    });
  },
);
