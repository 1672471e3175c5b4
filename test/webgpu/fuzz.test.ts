// What some level once got wrong, and random programs: a kernel for each, called with inputs of many shapes.

import { afterAll, describe, expect } from "vitest";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { judgeTrial } from "../../src/fuzz/judge.ts";
import { holdsNumbers } from "../../src/fuzz/kernel.ts";
import { runLevels } from "../../src/verify/levels.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { webgpuRolled } from "../../targets/webgpu-rolled.ts";
import { regressions } from "../corpus/regressions.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";

afterAll(closeAdapter);

/** Other seeds are for the command: `attnc fuzz --targets wgsl`. */
const SEED = 1;

describe("what some level once got wrong", () => {
  for (const { name, call } of regressions) {
    onDevice(name, async () => {
      const { levels } = await runLevels(call, [wgslRunner(device!, "a device")], webgpu.errorUlps);
      expect(levels).toMatchObject([{ kind: "compared", verdict: { agrees: true, undecided: [] } }]);
    });
  }
});

/** What ships, and what the command tries. Random programs have short rows, for which they differ in their tiles too. */
const KERNELS = { "as they ship": webgpu, "of rolled loops": webgpuRolled };

onDevice.each(Object.entries(KERNELS))(
  "random programs, kernels %s",
  async (_, wgsl) => {
    const runner = wgslRunner(device!, "a device", wgsl);
    const target = { name: "wgsl", every: 1, calls: 8, takes: holdsNumbers, runner: () => runner } as const;
    let calls = 0;
    for (let path = 0; path < 12; path++) {
      const { failure, statistics } = await judgeTrial(SEED, path, [target]);
      expect(failure?.file).toBeUndefined();
      calls += statistics.kernels.wgsl ?? 0;
    }
    expect(calls).toBeGreaterThan(50);
  },
  300_000,
);
