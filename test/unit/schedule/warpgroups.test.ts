// How warpgroups share the work of a block is decided by what registers allow, and every program says it.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileAttention } from "../../../src/compile.ts";
import { printProgram } from "../../../src/schedule/print.ts";
import { attendSteps } from "../../../src/schedule/steps.ts";
import type { Attention } from "../../../src/spec/spec.ts";
import { cudaMma } from "../../../targets/cuda-mma.ts";
import { cudaWgmma } from "../../../targets/cuda-wgmma.ts";
import { expectClean } from "../../check.ts";
import { attentionOf } from "../execute/calls.ts";

const CAUSAL = attentionOf("attention t { mask q >= k }");
const example = (name: string) =>
  expectClean(readFileSync(new URL(`../../../examples/${name}.attn`, import.meta.url), "utf8")).attentions[0]!;

function programOf(attention: Attention, dim: number, target: typeof cudaMma = cudaWgmma) {
  const settings = { dims: { dim, valueDim: dim }, element: "bf16", consts: {} } as const;
  return compileAttention(attention, target, settings).value[0]!.program;
}
const plansOf = (...of: Parameters<typeof programOf>) => attendSteps(programOf(...of)).map(({ plan }) => plan);
const sharingOf = (attention: Attention, dim: number) => plansOf(attention, dim)[0]!.warpgroups;

describe("scores are a tile ahead of values", () => {
  test.each([64, 72, 96, 128, 192])("at dim %d", (dim) =>
    expect(sharingOf(CAUSAL, dim)).toMatchObject({ ahead: true }),
  );
  test("but not at dim 256, where sums take half of the registers", () =>
    expect(sharingOf(CAUSAL, 256)).toMatchObject({ ahead: false }));
  test("beside a walk of many parts up to dim 128", () => {
    expect(sharingOf(example("12-neighborhood-2d"), 128)).toMatchObject({ ahead: true, registers: { consumer: 200 } });
    expect(sharingOf(example("12-neighborhood-2d"), 192)).toMatchObject({ ahead: false, registers: { consumer: 200 } });
  });
  test("where there are values", () => {
    const plans = plansOf(attentionOf("attention t { weight p * p }"), 64);
    expect(plans.map(({ pass, warpgroups }) => [pass, warpgroups?.ahead])).toEqual([
      ["statistics", false],
      ["replay", true],
    ]);
  });
});

test("only targets with warpgroups have them", () =>
  expect(plansOf(CAUSAL, 64, cudaMma).map(({ warpgroups }) => warpgroups)).toEqual([undefined]));

test("the plan says it", () => {
  expect(printProgram(programOf(CAUSAL, 128))).toMatch(
    /warpgroups +scores are a tile ahead of values; 40 registers to walk, 232 to multiply/,
  );
  expect(printProgram(programOf(CAUSAL, 256))).toMatch(/warpgroups +a tile is done with before the next one/);
});
