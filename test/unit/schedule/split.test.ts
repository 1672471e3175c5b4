import { describe, expect, test } from "vitest";
import type * as ir from "../../../src/ir/expr.ts";
import { extent, float, load, op } from "../../../src/ir/make.ts";
import { planProgram } from "../../../src/schedule/choose.ts";
import { stepsFor } from "../../../src/schedule/few.ts";
import type { AttendPlan, Program } from "../../../src/schedule/plan.ts";
import { printProgram } from "../../../src/schedule/print.ts";
import { printLoops } from "../../../src/schedule/print-loops.ts";
import { mergeSteps, splitSteps } from "../../../src/schedule/steps.ts";
import { validateProgram } from "../../../src/schedule/validate.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionIr, b, causal, h, k, p, q, s, tensor, toFloat } from "./attention.ts";

const target = {
  ...wasmSimd128,
  split: { queries: 4, keys: 256, tile: { queries: 16, keys: 64 }, scratchBytes: 2 ** 20 },
};

function splitOf(changes: Partial<ir.AttentionIr>): Program {
  const { value } = planProgram(attentionIr(changes), target, { dim: 64, valueDim: 64 });
  expect(validateProgram(value)).toEqual([]);
  return value;
}

const names = (program: Program, queries: number, keys = 4096) =>
  stepsFor(program, { batch: 1, heads: 8, queries, keys }).map(({ name }) => name);

describe("which way a call goes", () => {
  const program = splitOf({ mask: causal });
  test("few rows are split and merged, many are not", () => {
    expect(names(program, 1)).toEqual(["split", "merge"]);
    expect(names(program, 4)).toEqual(["split", "merge"]);
    expect(names(program, 5)).toEqual(["attend"]);
  });
  test("without keys there is nothing to split", () => expect(names(program, 1, 0)).toEqual(["attend"]));
  test("parts that take too much room are not written", () => {
    // 8 heads · 4 rows · (64 + 3) floats a stretch: 122 stretches fit 1 MiB.
    expect(names(program, 4, 122 * 256)).toEqual(["split", "merge"]);
    expect(names(program, 4, 122 * 256 + 1)).toEqual(["attend"]);
  });
  test("a list of blocks is written for many rows only, and summaries for both", () => {
    const doc = tensor("doc", "i32", extent("batch"), extent("keys"));
    const at = (position: ir.Expr) => load("int", "doc", [b, position]);
    const listed = splitOf({ mask: op("eq", at(q), at(k)), tensors: [doc] });
    expect(names(listed, 1)).toEqual(["summary.doc", "split", "merge"]);
    expect(names(listed, 100)).toEqual(["summary.doc", "blocks", "attend"]);
  });
  test("weights that a merge cannot join are not split", () => {
    expect(splitOf({ weight: op("mul", p, p) }).few).toBeUndefined();
    expect(splitOf({ normalize: { kind: "none" } }).few).toBeUndefined();
  });
});

describe("heads that share keys", () => {
  const slopes = tensor("slope", "f32", extent("heads"));
  const slope = load("float", "slope", [h]);
  const score = op("add", s, op("mul", op("exp", slope), toFloat(op("sub", k, q))));

  test("go together, and what varies with the head is a row value", () => {
    const { plan } = splitSteps(splitOf({ score, tensors: [slopes] }))[0]!;
    expect(plan.split?.packs).toBe(true);
    expect(plan.head).toEqual([]);
    expect(plan.row.map(({ value }) => value)).toContain(op("exp", slope));
    expect(plan.diagonal).toEqual([]);
  });
  test("go alone where the mask asks for the head", () => {
    const { plan } = splitSteps(splitOf({ mask: op("gt", toFloat(k), slope), score, tensors: [slopes] }))[0]!;
    expect(plan.split?.packs).toBe(false);
    expect(plan.head.map(({ value }) => value.kind)).toContain("load");
    expect(plan.row).toEqual([]);
  });
});

test("a sink is summed up by the split and nowhere else", () => {
  const program = splitOf({ normalize: { kind: "softmax", sink: float(0.5) }, empty: "uniform" });
  expect(splitSteps(program)[0]!.plan.sink).toBe(float(0.5));
  expect(mergeSteps(program)[0]!.reads).toEqual(["value", "key_lengths", "parts"]);
});

test("both ways are printed", () => {
  const program = splitOf({ mask: causal });
  expect(printProgram(program)).toContain("step split, for few rows");
  expect(printProgram(program)).toContain("stretches of 256 keys, all heads that share them");
  expect(printLoops(program)).toContain("KV head kv and stretch of 256 keys");
  expect(printLoops(program)).toContain("the highest max of parts[b, h, q]");
});

describe("a breach is found", () => {
  const program = splitOf({ mask: causal });
  const changed = (changes: Partial<AttendPlan>): readonly string[] =>
    validateProgram({
      ...program,
      steps: program.steps.map((step) =>
        step.name === "split" ? { ...step, plan: { ...(step.plan as AttendPlan), ...changes } } : step,
      ) as Program["steps"],
    });
  const { split } = splitSteps(program)[0]!.plan as { split: NonNullable<AttendPlan["split"]> };
  test.each<[string, Partial<AttendPlan>]>([
    ["splits what a merge cannot join", { normalize: "sum" }],
    ["writes other things than parts", { writes: { out: true, lse: false } }],
    ["splits into stretches of 100 keys", { split: { ...split, keys: 100 } }],
    ["keeps distances of rows", { diagonal: [{ name: "d", value: op("sub", k, q) }] }],
    ["head head0 changes with every row", { head: [{ name: "head0", value: op("add", h, h) }] }],
  ])("%s", (breach, changes) => expect(changed(changes).join("\n")).toContain(breach));
});
