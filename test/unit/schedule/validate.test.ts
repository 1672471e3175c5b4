import { describe, expect, test } from "vitest";
import { bool, extent, float, int, load, local, op, quantity } from "../../../src/ir/make.ts";
import { planProgram } from "../../../src/schedule/choose.ts";
import type { AttendPlan, BlockListPlan, Program, StepOf } from "../../../src/schedule/plan.ts";
import { attendSteps, blockListSteps, isAttend } from "../../../src/schedule/steps.ts";
import { validateProgram } from "../../../src/schedule/validate.ts";
import { webgpu } from "../../../targets/webgpu.ts";
import { attentionIr, k, p, planned, q, s, tensor } from "./attention.ts";

const mask = op("eq", op("floorMod", k, int(3)), q);
const masked = planned({ mask, outputs: { lse: true } });
const twoPasses = planned({ mask, weight: op("mul", p, p), outputs: { lse: true } });

type Pass = StepOf<AttendPlan>;
const changeStep = (program: Program, index: number, change: (step: Pass) => Partial<Pass>): Program => ({
  ...program,
  steps: program.steps.map((step) =>
    isAttend(step) && step === attendSteps(program)[index] ? { ...step, ...change(step) } : step,
  ),
});
const changePlan = (changes: Partial<AttendPlan>, program = masked, index = 0): Program =>
  changeStep(program, index, ({ plan }) => ({ plan: { ...plan, ...changes } }));
const region = (value: AttendPlan["scale"]["value"]) => ({ lets: [], value });
const { traversal } = attendSteps(masked)[0]!.plan;

test("the programs that the tests break are sound", () => {
  expect(validateProgram(masked)).toEqual([]);
  expect(validateProgram(twoPasses)).toEqual([]);
});

test("a list of blocks keeps the laws of a walk", () => {
  const [step] = blockListSteps(masked);
  const withList = (changes: Partial<BlockListPlan>, reads = step!.reads): Program => ({
    ...masked,
    steps: masked.steps.map((each) => (each === step ? { ...step, reads, plan: { ...step.plan, ...changes } } : each)),
  });
  const may = (value: AttendPlan["scale"]["value"]) => ({ traversal: { ...step!.plan.traversal, may: region(value) } });
  expect(validateProgram(withList({}))).toEqual([]);
  expect(validateProgram(withList(may(int(1))))).toEqual(["blocks: may yields a int"]);
  expect(validateProgram(withList(may(local("bool", "ghost"))))).toEqual([
    "blocks: may reads ghost before it is defined",
  ]);
  expect(validateProgram(withList(may(load("bool", "ghosts", []))))).toEqual(["blocks: loads what it does not list"]);
  expect(validateProgram(withList({ queryTile: [{ name: "tile9", value: k }] }))[0]).toContain(
    "tile9 changes with every",
  );
});

describe("passes for statistics", () => {
  const fold = (name: string, along: "query" | "key") => {
    const extents = [extent("batch"), extent("heads"), extent(along === "query" ? "keys" : "queries")];
    return { tensor: tensor(name, "f32", ...extents), along, op: "sum", value: p } as const;
  };
  const ofMap = [fold("mass", "query"), fold("square", "key")];
  const folded = planProgram(
    attentionIr({ mask, statistics: { ofMap, ofTensors: [], outputs: ["mass", "square"] } }),
    webgpu,
    { dim: 64, valueDim: 64 },
  ).value;
  const changed = (
    name: string,
    changes: Partial<NonNullable<AttendPlan["reduce"]>>,
    own: Partial<Pass> = {},
  ): Program => ({
    ...folded,
    steps: folded.steps.map((step) =>
      isAttend(step) && step.name === name
        ? { ...step, ...own, plan: { ...step.plan, reduce: { ...step.plan.reduce!, ...changes } } }
        : step,
    ),
  });

  test("are sound, one by rows and one by keys", () => {
    expect(validateProgram(folded)).toEqual([]);
    const passes = folded.steps.flatMap(({ plan }) => (plan.kind === "attend" && plan.reduce ? [plan.reduce] : []));
    expect(passes.map(({ walks, folds }) => [walks, folds.map(({ along }) => along)])).toEqual([
      ["rows", ["key"]],
      ["keys", ["query"]],
    ]);
  });

  test.each<[string, Program]>([
    ["reduce: folds rows from key tile to key tile", changed("reduce", { walks: "keys" })],
    ["reduce.keys: pass reduce folds 0 times", changed("reduce.keys", { folds: [] })],
    [
      "reduce.keys: does not read lse",
      changed("reduce.keys", {}, { reads: ["query", "key", "key_lengths", "query_start"] }),
    ],
    ["no step writes mass", changed("reduce.keys", {}, { writes: ["square"] })],
  ])("%s", (breach, program) => {
    expect(validateProgram(program)).toContain(breach);
  });
});

describe("a breach is found", () => {
  test.each<[string, Program]>([
    ["two buffers have the same name", { ...masked, buffers: [...masked.buffers, masked.buffers[0]!] }],
    ["attend reads ghost, which is no buffer", changeStep(masked, 0, () => ({ reads: ["ghost"] }))],
    ["replay reads statistics too early", { ...twoPasses, steps: twoPasses.steps.toReversed() }],
    ["attend must not write key", changeStep(masked, 0, () => ({ writes: ["out", "lse", "key"] }))],
    ["replay writes lse a second time", changeStep(twoPasses, 1, () => ({ writes: ["out", "lse"] }))],
    ["no step writes out", { ...twoPasses, steps: twoPasses.steps.slice(0, 1) }],
    ["pass replay with statistics undefined", changePlan({ pass: "replay" })],
    ["does not list other", changePlan({ statistics: "other" }, twoPasses, 1)],
    ["lists outputs wrong", changePlan({ writes: { out: true, lse: false } })],
    ["computes outputs in statistics", changePlan({ writes: { out: true, lse: true } }, twoPasses)],
    ["weighs p before it is final", changePlan({ weight: { form: "general", region: region(p) } })],
    ["lists a list that it does not read", changeStep(masked, 0, ({ reads }) => ({ reads: reads.slice(0, -1) }))],
    ["skips keys without a mask", changePlan({ traversal: { ...traversal, may: region(bool(true)) } }, planned())],
    ["mask reads row0 before it is defined", changePlan({ mask: region(local("bool", "row0")) })],
    ["head0 is defined twice", changePlan({ head: [0, 1].map(() => ({ name: "head0", value: int(1) })) })],
    ["head head0 changes with every row", changePlan({ head: [{ name: "head0", value: q }] })],
    ["row row0 changes with every key", changePlan({ row: [{ name: "row0", value: k }] })],
    [
      "diagonal diagonal0 is no function of q - k",
      changePlan({ diagonal: [{ name: "diagonal0", value: op("lt", q, k) }] }),
    ],
    ["diagonal reads score, which is not known there", changePlan({ diagonal: [{ name: "diagonal0", value: s }] })],
    ["scale value changes with every pair", changePlan({ scale: { at: "query", value: s } })],
    ["mask yields a int", changePlan({ mask: region(q) })],
    ["score yields a bool", changePlan({ score: region(bool(true)) })],
    ["score reads dot, which is not known there", changePlan({ score: region(quantity("dot")) })],
    ["score reads weight, which is not known there", changePlan({ score: region(p) })],
    ["mask reads score, which is not known there", changePlan({ mask: region(op("gt", s, float(0))) })],
    ["row reads lse, which is not known there", changePlan({ row: [{ name: "row0", value: quantity("lse") }] })],
    ["tile tile0 changes with every key", changePlan({ queryTile: [{ name: "tile0", value: k }] })],
    ["next yields a float", changePlan({ traversal: { ...traversal, next: region(float(1)) } })],
    ["an extent of a dim is left", changePlan({ head: [{ name: "head0", value: extent("dim") }] })],
  ])("%s", (breach, program) => {
    expect(validateProgram(program).map((each) => each.replace(/^\w+: /, ""))).toContain(breach);
  });

  test("a local is out of sight of other regions", () => {
    const lets = [{ name: "score0", value: op("mul", s, s) }];
    const score = { lets, value: local("float", "score0") };
    const weight = { form: "factor", region: region(local("float", "score0")) } as const;
    expect(validateProgram(changePlan({ score, weight }))).toEqual(["attend: weight cannot see score0"]);
  });
});
