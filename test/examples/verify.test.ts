// Every example computes the same on every level: a slice of the quick sweep for each attention, another slice for each
// file, so that together the examples see all of it. And where a mask rules tiles out or proves them full, the plan does
// skip them and does leave the mask out.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { irRunner, optimizedRunner } from "../../src/execute/run-ir.ts";
import { planCase, planRunner, runProgram } from "../../src/execute/run-plan.ts";
import { wasmRelaxedRunner, wasmRunner } from "../../src/execute/run-wasm.ts";
import type { Case } from "../../src/spec/case.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import { makeCase } from "../../src/verify/cases.ts";
import { verifyAttention } from "../../src/verify/verify.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { attentionOf, expectClean } from "../check.ts";

const folder = new URL("../../examples/", import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));
const textOf = (file: string) => readFileSync(join(folder, file), "utf8");
const runners = [irRunner, optimizedRunner, planRunner, wasmRunner, wasmRelaxedRunner];

/** One setting in so many is run. */
const SLICES = 6;

describe.each(files.map((file, place) => [file, place] as const))("%s", (file, place) => {
  test.each(expectClean(textOf(file)).attentions.map((attention) => [attention.name.text, attention] as const))(
    "%s",
    async (_, attention) => {
      const only = (index: number) => index % SLICES === place % SLICES;
      const options = { sweep: "quick", seed: 1, params: {}, runners, accuracy: wasmSimd128.errorUlps, only } as const;
      let ran = 0;
      for await (const outcome of verifyAttention(attention, options)) {
        // No example has inputs without an answer.
        expect(outcome).toMatchObject({ kind: "ran" });
        if (outcome.kind !== "ran") continue;
        const { firstWrong, levels } = outcome.report;
        expect(firstWrong, JSON.stringify({ setting: outcome.setting, levels }, null, 1)).toBeUndefined();
        ran += 1;
      }
      expect(ran).toBeGreaterThan(5);
    },
  );
});

/** Tokens of the calls below: four tiles of 64 and a ragged one. */
const TOKENS = 300;

const traced: readonly (readonly [example: string, params: Case["params"], tensors: Case["tensors"]])[] = [
  ["01-causal.attn#gpt", {}, {}],
  ["03-sliding-window.attn#mistral", { window: 140 }, {}],
  [
    "05-documents.attn#packed",
    {},
    {
      doc: makeTensor(
        "i32",
        [1, TOKENS],
        Array.from({ length: TOKENS }, (_, at) => Math.floor(at / 150)),
      ),
    },
  ],
];

test.each(traced)("%s skips tiles and leaves the mask out", (example, params, tensors) => {
  const [file, name] = example.split("#") as [string, string];
  const attention = attentionOf(textOf(file), name);
  const shape = { batch: 1, heads: 1, kvHeads: 1, queries: TOKENS, keys: TOKENS, dim: 8, valueDim: 8, axes: {} };
  const setting = { shape, profile: "normal", keyLengths: false, queryStart: false, seed: 1 } as const;
  const call = { ...makeCase(attention, setting, params), tensors };
  const { trace } = runProgram(planCase(call), call);
  for (const { visited, masked, skipped } of trace) {
    expect(skipped).toBeGreaterThan(visited / 2);
    expect(masked).toBeLessThan(visited);
  }
});
