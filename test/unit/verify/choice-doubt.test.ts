// Scores of blocks that lie within a rounding of each other: a sum of rows rounds at every row, the largest and the least
// elements are exact, and a range counts the rows that it has.

import { expect, test } from "vitest";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { boundOf } from "../../../src/verify/bound.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionOf, callOf } from "../execute/calls.ts";

/** Whether a query of 1 may choose otherwise from two blocks of keys of one element, of which it takes the better one. */
function hangs(row: string, blocks: readonly [readonly number[], readonly number[]]): boolean {
  const keys = blocks.flat();
  const score = `dot(sum[query] Q, ${row} K)`;
  const attention = attentionOf(
    `sparsity best { blocks 1 x ${keys.length / 2} score ${score} keep top 1 } attention t { sparsity best }`,
  );
  const shape = { batch: 1, heads: 1, kvHeads: 1, queries: 1, keys: keys.length, dim: 1, valueDim: 1 };
  const call = {
    ...callOf(attention, { shape }),
    query: makeTensor("f32", [1, 1, 1, 1], [1]),
    key: makeTensor("f32", [1, 1, keys.length, 1], keys),
  };
  return boundOf(call, wasmSimd128.errorUlps).undecided.length > 0;
}

/** So many keys of which the last has an element. */
const last = (count: number, element: number) => [...Array<number>(count - 1).fill(0), element];

test.each(["sum[key]", "max[key]", "sum[key: last 1]", "max[key: last 1]"])("a step apart hangs: %s", (row) => {
  expect(hangs(row, [last(2, 1), last(2, 1 + 2 ** -23)])).toBe(true);
  expect(hangs(row, [last(2, 1), last(2, 2)])).toBe(false);
});

test("a sum of many rows may be off by more than their largest elements, and than the sum of some", () => {
  const blocks = [last(64, 1), last(64, 1 + 2 ** -18)] as const;
  expect(hangs("sum[key]", blocks)).toBe(true);
  expect(hangs("mean[key]", [last(64, 64), last(64, 64 + 2 ** -12)])).toBe(true);
  for (const row of ["max[key]", "sum[key: last 2]", "mean[key: last 1]"]) expect(hangs(row, blocks)).toBe(false);
});

test("the least element is as large as it is, whatever lies nearer to 0", () => {
  expect(
    hangs("min[key]", [
      [-1000, 0.001],
      [-1000 + 2 ** -14, 0.001],
    ]),
  ).toBe(true);
  expect(
    hangs("min[key]", [
      [-1000, 0.001],
      [-999, 0.001],
    ]),
  ).toBe(false);
});
