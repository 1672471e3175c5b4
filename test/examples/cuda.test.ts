// Every example as a kernel for CUDA, on a device or emulated: a slice of the quick sweep for each attention, another slice
// for each file. Dims are those of one kernel an attention, no multiples of anything.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { cudaRunner } from "../../src/cli/cuda/run-cuda.ts";
import { verifyAttention } from "../../src/verify/verify.ts";
import { cudaSimt } from "../../targets/cuda-simt.ts";
import { expectClean } from "../check.ts";
import { available, devices } from "../device.ts";

const running = devices({ CUDA: available(cudaRunner) });
const folder = new URL("../../examples/", import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));

/** One setting in so many is run. */
const SLICES = 8;

describe.each(files.map((file, place) => [file, place] as const))("%s", (file, place) => {
  for (const attention of expectClean(readFileSync(join(folder, file), "utf8")).attentions) {
    running(attention.name.text, async () => {
      const only = (index: number) => index % SLICES === place % SLICES;
      const extents = { dim: 40, value_dim: 24 };
      const sweep = { sweep: "quick", seed: 1, params: {}, extents, accuracy: cudaSimt.errorUlps } as const;
      let ran = 0;
      for await (const outcome of verifyAttention(attention, { ...sweep, runners: [cudaRunner], only })) {
        expect(outcome).toMatchObject({ kind: "ran" });
        if (outcome.kind !== "ran") continue;
        const { firstWrong, levels } = outcome.report;
        expect(firstWrong, JSON.stringify({ setting: outcome.setting, levels }, null, 1)).toBeUndefined();
        ran += 1;
      }
      expect(ran).toBeGreaterThan(3);
    });
  }
});
