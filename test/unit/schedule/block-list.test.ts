// The list of blocks: which programs write one, what stands in it, and that a pass without room for it walks instead.

import { expect, test } from "vitest";
import { assemble } from "../../../src/backend/wasm/assemble.ts";
import { runProgram } from "../../../src/execute/run-plan.ts";
import type { Expr, Tensor } from "../../../src/ir/expr.ts";
import { coord, extent, int, load, op, param } from "../../../src/ir/make.ts";
import { instantiate, type KernelInputs } from "../../../src/runtime/wasm.ts";
import { blockListSteps } from "../../../src/schedule/steps.ts";
import { type TileValues, visits } from "../../../src/schedule/traversal.ts";
import type { Case } from "../../../src/spec/case.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { attentionOf } from "../../check.ts";
import { attention, type Build, captured, random, textOf } from "../backend/kernel.ts";
import { b, h, k, planned, q, tensor } from "./attention.ts";

const doc = tensor("doc", "i32", extent("batch"), extent("keys"));
const sameDocument = op("eq", load("int", "doc", [b, q]), load("int", "doc", [b, k]));
const listOf = (mask: Expr, tensors: readonly Tensor[] = []) =>
  blockListSteps(planned({ mask, tensors, params: [{ name: "n", type: "int", range: {} }] }))[0];

test("a mask that cannot be solved for the key is written down as a list, once for all heads", () => {
  expect(listOf(sameDocument, [doc])).toMatchObject({
    name: "blocks",
    reads: ["doc.least", "doc.most", "key_lengths", "query_start"],
    writes: ["blocks.counts", "blocks.tiles"],
    plan: { group: 1 },
  });
  // Columns of a grid are a remainder of the key. No summary is read, so groups of tiles can be asked about.
  const column = (of: Expr) => op("floorMod", of, param("int", "n"));
  expect(listOf(op("eq", column(k), column(q)))).toMatchObject({ plan: { group: 8 } });
});

test("what is solved, and what each head sees for itself, has no list", () => {
  expect(listOf(op("ge", q, k))).toBeUndefined();
  expect(listOf(sameDocument, [{ ...doc, sorted: true }])).toBeUndefined();
  const ofHead = op("or", sameDocument, op("eq", op("floorMod", k, int(7)), h));
  expect(listOf(ofHead, [doc])).toBeUndefined();
});

test("asked in groups or one by one, the walk comes to the same tiles", () => {
  const draw = random(3);
  const tile = { queries: 64, keys: 64 };
  for (let round = 0; round < 300; round++) {
    const keys = Math.floor(draw() * 3000);
    // Classes of stretches of tiles, so that whole groups are alike now and then.
    const long = 1 + Math.floor(draw() * 16);
    const classes = Array.from({ length: 48 }, () => Math.floor(draw() * 3));
    const within = (first: number, last: number) =>
      classes.slice(Math.floor(first / 64 / long), Math.floor(last / 64 / long) + 1);
    const values: TileValues = {
      may: (first, last) => within(first, last).some((each) => each > 0),
      must: (first, last) => within(first, last).every((each) => each > 1),
      ...(draw() < 0.5 ? { next: (from) => Math.max(from, 640) } : {}),
    };
    expect([...visits(true, { first: 0, end: keys }, tile, values, 8)]).toEqual([
      ...visits(true, { first: 0, end: keys }, tile, values),
    ]);
  }
});

test("the pass visits what is listed and nothing else", () => {
  const keys = 520;
  const rows = makeTensor("f32", [1, 2, keys, 1], new Float32Array(2 * keys));
  const call: Case = {
    attention: attentionOf("attention packed(doc: i32[batch, token]) { mask doc[q] == doc[k] }"),
    shape: { batch: 1, heads: 2, kvHeads: 2, queries: keys, keys, dim: 1, valueDim: 1, axes: {} },
    params: {},
    tensors: {
      doc: makeTensor(
        "i32",
        [1, keys],
        Int32Array.from({ length: keys }, (_, token) => 9 - (token >> 8)),
      ),
    },
    ...{ query: rows, key: rows, value: rows },
  };
  const program = planned({ mask: sameDocument, tensors: [doc] }, { dim: 1, valueDim: 1 });
  expect(runProgram(program, call).trace).toEqual([{ step: "attend", visited: 66, masked: 0, skipped: 96 }]);
});

test.each<Build>(["plain", "relaxed"])("the %s kernel gives the same bits with the list and without", async (build) => {
  const column = (of: Expr) => op("floorDiv", op("floorMod", of, int(320)), int(64));
  const mask = op(
    "and",
    op("eq", column(coord("key")), column(coord("query"))),
    op("or", sameDocument, op("gt", q, k)),
  );
  const tensors = [captured("doc", "i32", [extent("batch"), extent("keys")])];
  const { files, description } = textOf(attention({ mask, tensors }), { dim: 3, valueDim: 2 }, build);
  expect(description.steps).toContain("blocks");
  const bytes = assemble(files[0]!.text);
  const without = description.buffers.map((buffer) => (buffer.mostBytes ? { ...buffer, mostBytes: 0 } : buffer));
  const [batch, keys] = [2, 700];
  const draw = random(8);
  const rows = (heads: number, dim: number) => ({
    data: Float32Array.from({ length: batch * heads * keys * dim }, () => draw() - 0.5),
    shape: [batch, heads, keys, dim],
  });
  const ids = Int32Array.from({ length: batch * keys }, (_, index) => Math.floor((index % keys) / 150) % 3);
  const inputs: KernelInputs = {
    ...{ query: rows(4, 3), key: rows(2, 3), value: rows(2, 2) },
    tensors: { doc: { data: ids, shape: [batch, keys] } },
    keyLengths: [keys, 333],
    queryStart: [0, -3],
  };
  const listedOut = (await instantiate(bytes, description)).run(inputs);
  const walkedOut = (await instantiate(bytes, { ...description, buffers: without })).run(inputs);
  expect(listedOut.out.data).toEqual(walkedOut.out.data);
  expect(listedOut.lse!.data).toEqual(walkedOut.lse!.data);
});
