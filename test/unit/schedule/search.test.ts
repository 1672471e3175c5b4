// Documents with sorted ids are found by binary search: the walk comes to the tiles of the document and to no other, also
// where a batch has fewer keys, ids are the largest and least there are, and nobody has the document that is asked for.

import { expect, test } from "vitest";
import { walks } from "../../../src/execute/walk.ts";
import { type Bindings, evaluator, startPoint } from "../../../src/ir/evaluate.ts";
import { extent, int, load, op, search } from "../../../src/ir/make.ts";
import type { Case } from "../../../src/spec/case.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { attentionOf } from "../../check.ts";
import { attention, captured, kernelOf } from "../backend/kernel.ts";
import { b, k, planned, q, tensor } from "./attention.ts";

const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);

test("a search counts the keys below a value", () => {
  const row = [-5, 2, 2, 2, 9, 1, 1];
  const bindings: Bindings = { extent: () => 5, param: () => 0, load: (_, [at]) => row[at!]! };
  const below = (value: number) =>
    evaluator(search("t", [], extent("keys"), int(value)), "decide", bindings)(startPoint());
  expect([INT_MIN, -5, -4, 2, 3, 9, 10, INT_MAX].map(below)).toEqual([0, 0, 1, 1, 4, 4, 5, 5]);
});

const ids = tensor("doc", "i32", extent("batch"), extent("keys"));
const sameDocument = op("eq", load("int", "doc", [b, q]), load("int", "doc", [b, k]));
const program = planned({ mask: sameDocument, tensors: [{ ...ids, sorted: true }] }, { dim: 1, valueDim: 1 });

function callWith(batches: readonly (readonly number[])[], keyLengths?: readonly number[]): Case {
  const [batch, keys] = [batches.length, batches[0]!.length];
  const nothing = makeTensor("f32", [0], []);
  return {
    attention: attentionOf("attention packed(doc: i32[batch, token] sorted) { mask doc[q] == doc[k] }"),
    shape: { batch, heads: 1, kvHeads: 1, queries: keys, keys, dim: 1, valueDim: 1, axes: {} },
    params: {},
    tensors: { doc: makeTensor("i32", [batch, keys], batches.flat()) },
    ...{ query: nothing, key: nothing, value: nothing },
    ...(keyLengths && { keyLengths }),
  };
}

const lettersOf = (call: Case) =>
  Array.from(walks(program, call), ({ claims }) => claims.map((claim) => claim[0]).join(""));

test("the walk jumps to the document and away behind it", () => {
  const keys = Array.from({ length: 512 }, (_, index) => (index < 128 ? INT_MIN : index < 192 ? 7 : INT_MAX));
  const [first, second, third] = ["ffjjjjjj", "jjfjjjjj", "jjjfffff"];
  expect(lettersOf(callWith([keys]))).toEqual([first, first, second, third, third, third, third, third]);
});

test("each batch is searched up to its own keys", () => {
  const keys = Array.from({ length: 256 }, (_, index) => index >> 7);
  const whole = ["ffjj", "ffjj", "jjff", "jjff"];
  expect(lettersOf(callWith([keys, keys], [256, 64]))).toEqual([...whole, "f", "f", "f", "f"]);
});

test.each(["plain", "relaxed"] as const)("the %s kernel finds the same keys", async (build) => {
  const doc = { ...captured("doc", "i32", [extent("batch"), extent("keys")]), sorted: true };
  const kernel = await kernelOf(attention({ mask: sameDocument, tensors: [doc] }), { dim: 1, valueDim: 1 }, build);
  const [batch, keys] = [2, 300];
  const rows = (data: Float32Array) => ({ data, shape: [batch, 1, keys, 1] });
  const zeros = new Float32Array(batch * keys);
  const value = zeros.map((_, index) => index % keys);
  const documents = [-1, 40, 41, 230, INT_MAX];
  const idOf = (token: number) => documents.find((end) => token < end) ?? INT_MAX;
  const doc0 = Array.from({ length: keys }, (_, token) => idOf(token));
  const { out } = kernel.run({
    ...{ query: rows(zeros), key: rows(zeros), value: rows(value) },
    tensors: { doc: { data: Int32Array.from([...doc0, ...doc0]), shape: [batch, keys] } },
    keyLengths: [keys, 100],
    queryStart: [0, 0],
  });
  // Scores are zero, so every row is the mean of the tokens of its document that are alive.
  for (const [at, alive] of [keys, 100].entries()) {
    for (let token = 0; token < keys; token++) {
      const own = doc0.slice(0, alive).flatMap((id, index) => (id === doc0[Math.min(token, alive - 1)] ? [index] : []));
      const mean = own.reduce((sum, index) => sum + index, 0) / own.length;
      expect(out.data[at * keys + token]).toBeCloseTo(mean, 3);
    }
  }
});
