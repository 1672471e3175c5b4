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

describe("warpgroups take turns", () => {
  test.each([
    [128, true, "beside products of this size a softmax counts"],
    [192, false, "scores are ahead, and a softmax is short"],
    [256, true, "products wait for a softmax of their own"],
  ])("at dim %d: %s, %s", (dim, turns) => expect(sharingOf(CAUSAL, dim)).toMatchObject({ turns }));
});

describe("tiles are dealt out in rounds", () => {
  test.each([
    ["where there is no mask", "attention t { }", undefined],
    ["where lengths of walks follow from places", "attention t(w: int) { mask q >= k mask q - k < w }", undefined],
    [
      "and taken by whoever is free where tensors tell them",
      "attention t(doc: i32[batch, token] sorted) { mask doc[q] == doc[k] }",
      "attend_tiles",
    ],
    ["or a list does", "attention t(doc: i32[batch, token]) { mask doc[q] == doc[k] }", "attend_tiles"],
    [
      "by a counter that no tensor of the call is",
      "attention t(attend_tiles: i32[batch, token]) { mask attend_tiles[q] == attend_tiles[k] }",
      "attend_tiles_",
    ],
  ])("%s", (_, text, counter) => {
    const program = programOf(attentionOf(text), 64);
    const [step] = attendSteps(program);
    expect(step!.plan.warpgroups?.counter).toBe(counter);
    expect(step!.writes.includes(counter ?? "attend_tiles")).toBe(counter !== undefined);
    expect(program.buffers.filter(({ cleared }) => cleared).map(({ name }) => name)).toEqual(counter ? [counter] : []);
  });
  test("each of two passes counts for itself", () => {
    const plans = plansOf(
      attentionOf("attention t(doc: i32[batch, token]) { mask doc[q] == doc[k] weight p * p }"),
      64,
    );
    expect(plans.map(({ warpgroups }) => warpgroups?.counter)).toEqual(["statistics_tiles", "replay_tiles"]);
  });
});

describe("rows of heads that share keys lie together", () => {
  const choice = "sparsity c { blocks 128 x 128 keep where i == j }\n";
  test.each([
    ["", "attention t { mask q >= k }", true],
    ["where a score differs from head to head", "attention t(m: f32[head]) { score s + m * (k - q) }", true],
    ["but not where a mask does", "attention t(w: i32[head]) { mask q - k < w }", false],
    ["nor where tiles are listed", "attention t(doc: i32[batch, token]) { mask doc[q] == doc[k] }", false],
    ["nor where a call chooses blocks for them", `${choice}attention t { sparsity c }`, false],
  ])("%s", (_, text, packs) => expect(sharingOf(attentionOf(text), 64)).toMatchObject({ packs }));
});

test("only targets with warpgroups have them", () =>
  expect(plansOf(CAUSAL, 64, cudaMma).map(({ warpgroups }) => warpgroups)).toEqual([undefined]));

test("the plan says it", () => {
  expect(printProgram(programOf(CAUSAL, 128))).toMatch(
    /warpgroups +scores are a tile ahead of values; by turns; tile after tile in rounds; rows of heads that share keys together; 40 registers to walk, 232 to multiply/,
  );
  const documents = attentionOf("attention t(doc: i32[batch, token] sorted) { mask doc[q] == doc[k] }");
  expect(printProgram(programOf(documents, 128))).toMatch(/warpgroups .*; tile after tile as blocks are free;/);
  expect(printProgram(programOf(CAUSAL, 256))).toMatch(/warpgroups +a tile is done with before the next one/);
});
