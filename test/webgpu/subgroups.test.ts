// Kernels for subgroups, on a device that has them. Sizes and orders of which no device here is: test/unit/execute/subgroups.test.ts.

import { afterAll, describe, expect, test } from "vitest";
import { openAdapter } from "../../src/cli/webgpu/adapter.ts";
import { compileAttention } from "../../src/compile.ts";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { attend } from "../../src/reference/attention.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpuSubgroups } from "../../targets/webgpu-subgroups.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";

const opened = await openAdapter({ features: ["subgroups"] });
const adapter = typeof opened === "string" || !opened.device.features.has("subgroups") ? undefined : opened;
if (!adapter) console.warn("subgroups are not tested here: no adapter offers them");
else {
  const { subgroupMinSize, subgroupMaxSize } = adapter.device.adapterInfo;
  console.info(`subgroups of ${subgroupMinSize} to ${subgroupMaxSize} threads are tested on ${adapter.name}`);
}

afterAll(() => (typeof opened === "string" ? undefined : opened.close()));

const TEXTS = {
  causal: "attention t { mask q >= k output lse }",
  "a sink and a score": "attention t { score s - abs(q - k) normalize softmax(sink = 0.5) output lse }",
  "two passes": "attention t { mask q - k < 9 weight p * p output lse }",
  "linear weights": "attention t { mask q >= k normalize sum score s * s + 1.0 output lse }",
};

describe.each(Object.entries(TEXTS))("%s", (_, text) => {
  test.skipIf(!adapter)("agrees, with many rows and with few", async () => {
    const attention = attentionOf(text);
    for (const queries of [1, 34]) {
      const shape = { batch: 3, queries, keys: 130 };
      const call = callOf(attention, { shape, keyLengths: [130, 6, 0], queryStart: [96, 0, 12] });
      const result = await wgslRunner(adapter!.device, adapter!.name, webgpuSubgroups).run(call);
      const { agrees, worst } = compare(result, attend(call), boundOf(call, webgpuSubgroups.errorUlps), call.shape);
      expect(agrees, JSON.stringify(worst)).toBe(true);
    }
  });
});

test("the kernel of a softmax exchanges by subgroups, and says what it needs", () => {
  const settings = { dims: { dim: 64, valueDim: 64 }, consts: {} };
  const { files, description } = compileAttention(attentionOf(TEXTS.causal), webgpuSubgroups, settings).value[0]!
    .emission;
  expect(files[0]!.text).toMatch(/^enable subgroups;$/m);
  expect(files[0]!.text).toContain("max(near, subgroupShuffleXor(near, step))");
  expect(description.features).toEqual(["subgroups"]);
});
