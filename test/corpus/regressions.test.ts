// Every file of test/corpus/regressions is a program that some level once got wrong, with the call that showed it and the
// cause in its first lines. It runs on every level; a kernel that hangs runs into the test's time limit.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { irRunner, optimizedRunner } from "../../src/execute/run-ir.ts";
import { planRunner } from "../../src/execute/run-plan.ts";
import { wasmRelaxedRunner, wasmRunner } from "../../src/execute/run-wasm.ts";
import { runLevels } from "../../src/verify/levels.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { callOf } from "./header.ts";

const folder = new URL("regressions", import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));
const runners = [irRunner, optimizedRunner, planRunner, wasmRunner, wasmRelaxedRunner];

test.each(files)("%s", async (name) => {
  const call = callOf(readFileSync(join(folder, name), "utf8"));
  const { levels } = await runLevels(call, runners, wasmSimd128.errorUlps);
  // A row that is not judged proves nothing, so there must be none.
  const agreed = { kind: "compared", verdict: { agrees: true, undecided: [] } };
  expect(levels).toMatchObject(runners.map(({ level }) => ({ level, ...agreed })));
});
