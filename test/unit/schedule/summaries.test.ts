import { expect, test } from "vitest";
import { runProgram } from "../../../src/execute/run-plan.ts";
import { runSummary } from "../../../src/execute/run-summary.ts";
import { checkFacts } from "../../../src/fuzz/facts.ts";
import { truthOf } from "../../../src/fuzz/truth.ts";
import { extent, float, int, load, op } from "../../../src/ir/make.ts";
import { planProgram } from "../../../src/schedule/choose.ts";
import { attendSteps, summarySteps } from "../../../src/schedule/steps.ts";
import type { Case } from "../../../src/spec/case.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionOf } from "../../check.ts";
import { callOf } from "../std/calls.ts";
import { attentionIr, b, causal, k, planned, q, tensor } from "./attention.ts";

const doc = tensor("doc", "i32", extent("batch"), extent("keys"));
const sameDocument = op("eq", load("int", "doc", [b, q]), load("int", "doc", [b, k]));

test("a tensor that is read along a tile is summarised once, ahead of the pass", () => {
  const program = planned({ mask: sameDocument, tensors: [doc] });
  expect(program.steps.map(({ name, writes }) => [name, writes])).toEqual([
    ["summary.doc", ["doc.least", "doc.most"]],
    ["blocks", ["blocks.counts", "blocks.tiles"]],
    ["attend", ["out"]],
  ]);
});

test("what only a head decides, or one index of several, has no summary", () => {
  const perHead = tensor("limit", "i32", extent("heads"));
  const pairs = tensor("allowed", "bool", extent("queries"), extent("keys"));
  const limited = op("lt", k, load("int", "limit", [b]));
  expect(summarySteps(planned({ mask: limited, tensors: [perHead] }))).toEqual([]);
  const allowed = load("bool", "allowed", [op("sub", q, extent("queryStart")), b]);
  expect(summarySteps(planned({ mask: allowed, tensors: [pairs] }))).toEqual([]);
  expect(summarySteps(planned({ mask: causal, tensors: [doc] }))).toEqual([]);
});

test("a tensor of pairs is summarised in tiles, the last of them ragged both ways", () => {
  const pairs = tensor("allowed", "i32", extent("batch"), extent("queries"), extent("keys"));
  const allowed = op("gt", load("int", "allowed", [b, op("sub", q, extent("queryStart")), k]), int(0));
  const [step] = summarySteps(planned({ mask: allowed, tensors: [pairs] }));
  expect(step).toMatchObject({ name: "summary.allowed.tiles", writes: ["allowed.tiles.least", "allowed.tiles.most"] });
  const shape = [2, 70, 130];
  const values = Array.from({ length: 2 * 70 * 130 }, (_, index) => index);
  const summary = runSummary(step!.plan, { tensors: { allowed: makeTensor("i32", shape, values) } } as never);
  expect(summary.shape).toEqual([2, 2, 3]);
  const at = (matrix: number, row: number, column: number) => (matrix * 70 + row) * 130 + column;
  expect([...summary.least].slice(0, 7)).toEqual([
    at(0, 0, 0),
    at(0, 0, 64),
    at(0, 0, 128),
    at(0, 64, 0),
    at(0, 64, 64),
    at(0, 64, 128),
    at(1, 0, 0),
  ]);
  expect([...summary.most].slice(0, 6)).toEqual([
    at(0, 63, 63),
    at(0, 63, 127),
    at(0, 63, 129),
    at(0, 69, 63),
    at(0, 69, 127),
    at(0, 69, 129),
  ]);
});

test("the last stretch is short, and a NaN makes its stretch unknown", () => {
  const gains = tensor("gains", "f32", extent("keys"));
  const { plan } = summarySteps(
    planned({ mask: op("lt", load("float", "gains", [k]), load("float", "gains", [q])), tensors: [gains] }),
  )[0]!;
  const values = Array.from({ length: 130 }, (_, index) => (index === 70 ? Number.NaN : index));
  const { shape, least, most } = runSummary(plan, { tensors: { gains: makeTensor("f32", [130], values) } } as never);
  expect(shape).toEqual([3]);
  expect([...least]).toEqual([0, Number.NaN, 128]);
  expect([...most]).toEqual([63, Number.NaN, 129]);
});

test("tiles of other documents are skipped, tiles inside of one do without the mask", () => {
  const attention = attentionOf(`attention packed(doc: i32[batch, token]) { mask doc[q] == doc[k] }`);
  const keys = 512;
  const rows = makeTensor("f32", [1, 1, keys, 1], new Float32Array(keys));
  const shape = { batch: 1, heads: 1, kvHeads: 1, queries: keys, keys, dim: 1, valueDim: 1, axes: {} };
  const ids = makeTensor(
    "i32",
    [1, keys],
    Int32Array.from({ length: keys }, (_, index) => index >> 8),
  );
  const call: Case = { attention, shape, params: {}, tensors: { doc: ids }, query: rows, key: rows, value: rows };
  const program = planned({ mask: sameDocument, tensors: [doc] }, { dim: 1, valueDim: 1 });
  expect(attendSteps(program)).toHaveLength(1);
  expect(runProgram(program, call).trace).toEqual([{ step: "attend", visited: 32, masked: 0, skipped: 32 }]);
});

test("stretches of one element have bounds too", () => {
  const gains = tensor("gains", "f32", extent("keys"));
  const mask = op("lt", load("float", "gains", [k]), float(0.5));
  const target = { ...wasmSimd128, tile: { queries: 1, keys: 1 } };
  const { value } = planProgram(attentionIr({ mask, tensors: [gains] }), target, { dim: 4, valueDim: 4 });
  expect(summarySteps(value)).toMatchObject([{ plan: { stretch: 1, rows: 1 } }]);
});

test.each([
  ["k // size", 7],
  ["k // size", 64],
  ["k // size", 100],
  // An index far outside wraps, and is clamped.
  ["k // size + 2147483640", 30],
])("an element of a table at %s with a size of %i is decided where a tile meets two of them at most", (index, size) => {
  const text = `attention a(limit: i32[batch, parts], size: int in 1..) { mask q < limit[${index}] }`;
  const parts = Math.ceil(300 / size);
  const limits = Array.from({ length: parts }, (_, part) => (part * 131) % 300);
  const call = callOf(text, {
    shape: { keys: 300 },
    params: { size },
    tensors: { limit: makeTensor("i32", [1, parts], limits) },
  });
  const tile = { queries: 32, keys: 64 };
  const truth = truthOf(call, tile);
  const { found, wrong } = checkFacts(call, tile, truth);
  expect(wrong).toEqual([]);
  expect(truth.counts.empty + truth.counts.full).toBeGreaterThan(0);
  if (size >= tile.keys) expect(truth.counts).toMatchObject(found.walk);
});
