// Outputs that attentions name, on a device: of awkward calls, of f32 and of halves, each element within its own bound; and of
// published systems, beside what code of their own computes in f64.

import { afterAll, describe, expect } from "vitest";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { attend } from "../../src/reference/attention.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { WITH_OUTPUTS } from "../systems/all.ts";
import { AWKWARD, awkwardCall } from "../systems/awkward-outputs.ts";
import { caseOf } from "../systems/case.ts";
import { draw } from "../systems/dense.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";

afterAll(closeAdapter);

describe.each(["f32", "f16"] as const)("rows of %s", (element) => {
  for (const [name, text, sizes] of AWKWARD) {
    onDevice(name, async () => {
      const call = awkwardCall(text, sizes, element);
      const wanted = attend(call);
      const result = await wgslRunner(device!, "a device").run(call);
      expect(Object.keys(result.named!)).toEqual(Object.keys(wanted.named!));
      const verdict = compare(result, wanted, boundOf(call, webgpu.errorUlps), call.shape);
      expect(verdict).toMatchObject({ agrees: true });
    });
  }
});

describe.each(WITH_OUTPUTS)("$name", (system) => {
  for (const [place, sizes] of system.calls.entries()) {
    onDevice(`call ${place}`, async () => {
      const inputs = draw(sizes, place + 1);
      const { named } = await wgslRunner(device!, "a device").run(caseOf(system.attn, inputs));
      const { outputs } = system.run(inputs);
      for (const [name, wanted] of Object.entries(outputs!)) {
        // Sums of at most a hundred numbers below 1, in f32.
        for (const [at, value] of named![name]!.data.entries()) expect(value, name).toBeCloseTo(wanted[at]!, 4);
      }
    });
  }
});
