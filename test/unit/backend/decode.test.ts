// Up to 16 query rows go another way: keys and values stay where the caller has them. That this way was taken shows in
// the kernel's memory, because nothing stands where packed keys would.

import { describe, expect, test } from "vitest";
import { coord, op } from "../../../src/ir/make.ts";
import {
  attention,
  BUILDS,
  type Build,
  dense,
  kernelOf,
  poison,
  randomInputs,
  type Shape,
  worstError,
} from "./kernel.ts";

const causal = attention({ mask: op("ge", coord("query"), coord("key")) });
const seesPast = { visible: ({ q, k }: { q: number; k: number }) => q >= k };
const base: Shape = { batch: 2, heads: 6, kvHeads: 2, queries: 1, keys: 300, dim: 64, valueDim: 64 };

/** Whether the call packed its keys: did anything change behind the fixed part of the scratch? */
async function packs(shape: Shape, build: Build = "plain"): Promise<boolean> {
  const kernel = await kernelOf(causal, shape, build);
  const inputs = randomInputs(shape, 1);
  kernel.run(inputs);
  poison(kernel);
  kernel.run(inputs);
  const { words, scratch, firstByte } = kernel.description.memory;
  // The parameter block is the first thing that a call lays down.
  const view = new DataView(kernel.memory.buffer);
  const start = view.getInt32(firstByte + words.scratch!, true) + scratch.fixedBytes;
  const packed = new Float32Array(kernel.memory.buffer, start, shape.keys * shape.dim);
  return !packed.every(Number.isNaN);
}

describe.each(Object.keys(BUILDS) as Build[])("%s", (build) => {
  test.each([1, 2, 15, 16])("%d query rows are computed without packing", async (queries) => {
    expect(await packs({ ...base, queries }, build)).toBe(false);
  });

  test("17 rows are worth packing for", async () => {
    expect(await packs({ ...base, queries: 17 }, build)).toBe(true);
  });
});

test.each([
  [1, 40, 1],
  [16, 9, 1],
  [5, 26, 2],
])("%d rows of %d heads on %d KV heads, more than a tile has room for", async (queries, heads, kvHeads) => {
  const shape = { ...base, queries, heads, kvHeads, dim: 12, valueDim: 9 };
  const inputs = randomInputs(shape, queries, [300, 129]);
  const kernel = await kernelOf(causal, shape);
  poison(kernel);
  const { out, lse } = kernel.run(inputs);
  const wanted = dense(shape, inputs, seesPast);
  expect(worstError(out.data, wanted.out)).toBeLessThan(5e-6);
  expect(worstError(lse!.data, wanted.lse)).toBeLessThan(5e-6);
});

test("a cache of many more keys than the heads go over together", async () => {
  const shape = { ...base, batch: 1, queries: 3, keys: 5000, dim: 128, valueDim: 128 };
  const inputs = randomInputs(shape, 8);
  const { out } = (await kernelOf(causal, shape, "relaxed")).run(inputs);
  expect(worstError(out.data, dense(shape, inputs, seesPast).out)).toBeLessThan(5e-6);
});
