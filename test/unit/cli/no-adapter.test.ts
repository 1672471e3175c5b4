// A machine without any adapter: every command that is asked for WebGPU says so by name.

import { expect, test, vi } from "vitest";
import { openFuzzTargets } from "../../../src/cli/fuzz-targets.ts";
import { chooseTargets } from "../../../src/cli/verification.ts";
import { openAdapter } from "../../../src/cli/webgpu/adapter.ts";

vi.mock("webgpu", () => ({ create: () => ({ requestAdapter: async () => null }) }));

test("an adapter that is not there is a reason in words", async () => {
  expect(await openAdapter()).toMatch(/^there is no GPU with a driver, no lavapipe, and no package/);
});

test("verify lists the target as missing, with the reason", async () => {
  const { runners, missing } = await chooseTargets(["wgsl"]);
  expect(runners.map(({ name }) => name)).toEqual(["ir", "optimized", "plan"]);
  expect(missing).toEqual([{ name: "wgsl", why: expect.stringContaining("there is no GPU") }]);
});

test("the fuzz refuses to run without it", async () => {
  await expect(openFuzzTargets("wasm,wgsl")).rejects.toMatchObject({ code: "E0806" });
});
