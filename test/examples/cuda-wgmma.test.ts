// Some of the examples as kernels of warpgroups, on a device of compute capability 9.0 or emulated: a slice of the quick sweep
// of rows of f16 for each attention, another slice for each file. Dims are whole 16 bytes, and no stretches of 64 columns.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { cudaWgmmaRunner } from "../../src/cli/cuda/run-cuda.ts";
import { verifyAttention } from "../../src/verify/verify.ts";
import { cudaWgmma } from "../../targets/cuda-wgmma.ts";
import { expectClean } from "../check.ts";
import { available, devices } from "../device.ts";

const running = devices({ "cuda-wgmma": available(cudaWgmmaRunner) });
const folder = new URL("../../examples/", import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));

/** One file in so many, and one setting. */
const [STRIDE, SLICES] = [4, 8];

const chosen = files.filter((_, place) => place % STRIDE === 1).map((file, place) => [file, place] as const);
describe.each(chosen)("%s", (file, place) => {
  for (const attention of expectClean(readFileSync(join(folder, file), "utf8")).attentions) {
    running(attention.name.text, async () => {
      const only = (index: number) => index % SLICES === place % SLICES;
      const extents = { dim: 72, value_dim: 40 };
      const sweep = {
        sweep: "quick",
        seed: 3,
        params: {},
        extents,
        stored: "f16",
        accuracy: cudaWgmma.errorUlps,
      } as const;
      let compared = 0;
      for await (const outcome of verifyAttention(attention, { ...sweep, runners: [cudaWgmmaRunner], only })) {
        expect(outcome).toMatchObject({ kind: "ran" });
        if (outcome.kind !== "ran") continue;
        const { firstWrong, levels } = outcome.report;
        expect(firstWrong, JSON.stringify({ setting: outcome.setting, levels }, null, 1)).toBeUndefined();
        // Tokens in another order, and choices of small blocks, go another way.
        const [level] = levels;
        if (level!.kind === "unavailable") return expect(level!.why).toMatch(/another order|smaller than tiles/);
        // More rows than those that are split over their keys.
        if (outcome.call.shape.queries > cudaWgmma.split!.queries && level!.kind === "compared") compared += 1;
      }
      expect(compared).toBeGreaterThan(0);
    });
  }
});
