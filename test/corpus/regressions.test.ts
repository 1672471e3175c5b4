// Every file of test/corpus/regressions is a program that some level once got wrong, with the call that showed it and the
// cause in its first lines. It runs on every level, and nothing that is claimed of its blocks is wrong; a kernel that hangs
// runs into the test's time limit. CUDA and WebGPU run them among the tests of their devices.

import { expect, test } from "vitest";
import { irRunner, optimizedRunner } from "../../src/execute/run-ir.ts";
import { planRunner } from "../../src/execute/run-plan.ts";
import { wasmRelaxedRunner, wasmRunner } from "../../src/execute/run-wasm.ts";
import { checkFacts } from "../../src/fuzz/facts.ts";
import { truthOf } from "../../src/fuzz/truth.ts";
import { runLevels } from "../../src/verify/levels.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { headerOf } from "./header.ts";
import { regressions } from "./regressions.ts";

const runners = [irRunner, optimizedRunner, planRunner, wasmRunner, wasmRelaxedRunner];

test.each(regressions)("$name", async ({ call }) => {
  const { levels } = await runLevels(call, runners, wasmSimd128.errorUlps);
  // A row that is not judged proves nothing, so there must be none.
  const agreed = { kind: "compared", verdict: { agrees: true, undecided: [] } };
  expect(levels).toMatchObject(runners.map(({ level }) => ({ level, ...agreed })));
});

test.each(regressions)("the blocks of $name", ({ text, call }) => {
  const [queries, keys] = (headerOf(text).get("tile") ?? "64x64").split("x").map(Number) as [number, number];
  expect(checkFacts(call, { queries, keys }, truthOf(call, { queries, keys })).wrong).toEqual([]);
});
