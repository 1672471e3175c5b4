// Orders by scores that hang on a rounding: judged unless a block may hold other tokens.

import { expect, test } from "vitest";
import type { Case } from "../../../src/spec/case.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { boundOf } from "../../../src/verify/bound.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionOf, callOf } from "../execute/calls.ts";

const ORDER = "permutation order { of key per head within 4 order by max[query: last 1] s descending }";

/** One row of ones and keys of one element, so that a score is the key. */
function callWith(keys: readonly number[], rest: string, heads = 1): Case {
  const attention = attentionOf(`${ORDER}\n${rest}`);
  const shape = { batch: 1, heads, kvHeads: heads, queries: 1, keys: keys.length / heads, dim: 1, valueDim: 1 };
  const call = callOf(attention, { shape });
  return {
    ...call,
    query: makeTensor("f32", [1, heads, 1, 1], Array(heads).fill(1)),
    key: makeTensor("f32", [1, heads, shape.keys, 1], keys),
  };
}

const blocksOf = (size: number, share = "") => `
sparsity first { blocks 1 x ${size} ${share} keep where j == 0 }
attention t { permute order sparsity first }`;

const undecided = (call: Case) => boundOf(call, wasmSimd128.errorUlps).undecided;

/** The second and the third differ by less than a product may be off. */
const NEAR = [3, 1, 1 + 2 ** -23, 0];

test("two keys that may change places in different blocks leave their head unjudged", () => {
  expect(undecided(callWith(NEAR, blocksOf(2)))).toMatchObject([
    { head: 0, row: 0, why: "the order in which its tokens are stored hangs on a rounding" },
  ]);
});

test("within a block they change nothing", () => {
  expect(undecided(callWith(NEAR, blocksOf(3)))).toEqual([]);
});

test("keys that are apart are judged, and so are those of different segments", () => {
  expect(undecided(callWith([3, 1, 2, 0], blocksOf(2)))).toEqual([]);
  expect(undecided(callWith([4, 3, 2, 1, 1, 0, -1, -2], blocksOf(2)))).toEqual([]);
});

test("keys with the same rows keep their order, unless something else of them is asked for", () => {
  expect(undecided(callWith([3, 1, 1, 0], blocksOf(2)))).toEqual([]);
  const byPlace = `
permutation places { of key per head order by max[query] (s + 0.0 * k) }
sparsity first { blocks 1 x 2 keep where j == 0 }
attention t { permute places sparsity first }`;
  expect(undecided(callWith([3, 1, 1, 0], byPlace))).toHaveLength(1);
});

test("an order without blocks is no matter of doubt", () => {
  expect(undecided(callWith(NEAR, "attention t { permute order }"))).toEqual([]);
});

test("heads that share scores share the doubt, and others do not", () => {
  const keys = [...NEAR, 3, 1, 2, 0];
  const shared = `
sparsity first { blocks 1 x 2 score dot(mean[query] Q, mean[key] K) share max heads keep top 1 }
attention t { permute order sparsity first }`;
  expect(undecided(callWith(keys, blocksOf(2), 2)).map(({ head }) => head)).toEqual([0]);
  expect(undecided(callWith(keys, shared, 2)).map(({ head }) => head)).toEqual([0, 1]);
});

test("what is sorted by ints before is certain", () => {
  const rest = `
permutation ints { of key per head order by k // 2, max[query] s }
sparsity first { blocks 1 x 2 keep where j == 0 }
attention t { permute ints sparsity first }`;
  expect(undecided(callWith([1, 1 + 2 ** -23, 1, 1 + 2 ** -23], rest))).toEqual([]);
});
