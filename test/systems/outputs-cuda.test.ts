// Outputs that attentions name as kernels for CUDA, on a device or emulated: of awkward calls, by threads and beside warps and
// warpgroups that multiply matrices, each element within its own bound.

import { describe, expect } from "vitest";
import { cudaRunner, cudaWgmmaRunner } from "../../src/cli/cuda/run-cuda.ts";
import { attend } from "../../src/reference/attention.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { available, devices } from "../device.ts";
import { AWKWARD, awkwardCall } from "./awkward-outputs.ts";

/** Emulated, one of a thousand keys takes a minute. */
const CALLS = AWKWARD.filter(([, , { keys }]) => keys < 1000);

describe.each([
  { element: "f32", runner: cudaRunner, calls: CALLS },
  { element: "f16", runner: cudaRunner, calls: CALLS.slice(2) },
  { element: "f16", runner: cudaWgmmaRunner, calls: CALLS.slice(0, 1) },
] as const)("rows of $element, $runner.level", ({ element, runner, calls }) => {
  const running = devices({ CUDA: available(runner) });
  for (const [name, text, sizes] of calls) {
    running(name, async () => {
      const call = awkwardCall(text, sizes, element);
      const wanted = attend(call);
      const result = await runner.run(call);
      expect(Object.keys(result.named!)).toEqual(Object.keys(wanted.named!));
      const verdict = compare(result, wanted, boundOf(call, runner.accuracy!(call)), call.shape);
      expect(verdict).toMatchObject({ agrees: true });
    });
  }
});
