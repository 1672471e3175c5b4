// Tensors that live in the kernel's memory: read where they lie, kept while the memory grows, given back.

import { expect, test } from "vitest";
import { AttentionInputError, type ResidentTensor } from "../../../src/runtime/wasm.ts";
import { toHalf } from "../../../src/tensors/half.ts";
import { attention, kernelOf, randomInputs, type Shape } from "../backend/kernel.ts";

const shape: Shape = { batch: 2, heads: 6, kvHeads: 2, queries: 3, keys: 21, dim: 8, valueDim: 12 };
const large: Shape = { ...shape, queries: 4000, keys: 4000 };
const inputs = randomInputs(shape, 1);
const kernel = await kernelOf(attention({}), shape);

const refusal = (call: () => unknown) => {
  try {
    call();
  } catch (error) {
    if (error instanceof AttentionInputError) return error.code;
    throw error;
  }
  return "none";
};

/** The inputs with keys and values moved into the kernel's memory. */
function moved() {
  const [key, value] = [kernel.allocate(inputs.key.shape), kernel.allocate(inputs.value.shape)];
  key.data.set(inputs.key.data);
  value.data.set(inputs.value.data);
  return { ...inputs, key, value };
}

test("a resident tensor gives the same results as one that is copied, bit for bit", () => {
  const { key, value } = moved();
  expect(kernel.run({ ...inputs, key, value })).toEqual(kernel.run(inputs));
  key.free();
  value.free();
});

test("what is written to it is what the next call reads, and nothing is copied", () => {
  const { key, value } = moved();
  const before = kernel.run({ ...inputs, key, value }).out.data;
  value.data.fill(3);
  const after = kernel.run({ ...inputs, key, value }).out.data;
  expect(before.some((each) => Math.abs(each - 3) > 0.1)).toBe(true);
  for (const each of after) expect(each).toBeCloseTo(3, 5);
  key.free();
  value.free();
});

test("it stays while larger calls make the memory grow, which empties older views", () => {
  const { key, value } = moved();
  const old = key.data;
  const wanted = kernel.run(inputs);
  kernel.run(randomInputs(large, 2));
  expect(old.length).toBe(0);
  expect(key.data).toEqual(inputs.key.data);
  expect(kernel.run({ ...inputs, key, value })).toEqual(wanted);
  key.free();
  value.free();
});

test("a call that reads resident tensors may be the one that makes the memory grow", async () => {
  const fresh = await kernelOf(attention({}), shape);
  const [key, value] = [fresh.allocate(inputs.key.shape), fresh.allocate(inputs.value.shape)];
  key.data.set(inputs.key.data);
  value.data.set(inputs.value.data);
  const query = randomInputs(large, 3).query;
  const bytes = fresh.memory.buffer.byteLength;
  const { out } = fresh.run({ query, key, value });
  expect(fresh.memory.buffer.byteLength).toBeGreaterThan(bytes);
  expect(out).toEqual(kernel.run({ query, key: inputs.key, value: inputs.value }).out);
});

test("a cache has room for more keys than are there yet: strides skip what is not", () => {
  const capacity = 64;
  const cacheOf = ({ data, shape }: typeof inputs.key) => {
    const [batch, heads, keys, width] = shape as [number, number, number, number];
    const cache = kernel.allocate([batch, heads, capacity, width]);
    const elements = cache.data.fill(Number.NaN);
    for (let head = 0; head < batch * heads; head++) {
      elements.set(data.subarray(head * keys * width, (head + 1) * keys * width), head * capacity * width);
    }
    return { cache, strides: [heads * capacity * width, capacity * width, width, 1], shape };
  };
  const [key, value] = [cacheOf(inputs.key), cacheOf(inputs.value)];
  const view = ({ cache, strides, shape }: typeof key) => ({ data: cache.data, shape, strides });
  expect(kernel.run({ ...inputs, key: view(key), value: view(value) })).toEqual(kernel.run(inputs));
  key.cache.free();
  value.cache.free();
});

test("memory that was given back is used again", () => {
  const sizes = [[3, 5], [1000], [70000], []] as const;
  const round = () => {
    const all = sizes.map((each) => kernel.allocate(each));
    kernel.run(inputs);
    // The one in the middle goes first and leaves a gap.
    for (const index of [1, 0, 3, 2]) all[index]!.free();
    return kernel.memory.buffer.byteLength;
  };
  const first = round();
  for (let count = 0; count < 50; count++) expect(round()).toBe(first);
});

test("tensors that are allocated together do not overlap", () => {
  const all = [7, 1, 100, 33].map((length) => kernel.allocate([length]));
  all[1]!.free();
  const second = [kernel.allocate([500]), kernel.allocate([1])];
  const live = [all[0]!, all[2]!, all[3]!, ...second];
  for (const [index, { data }] of live.entries()) data.fill(index + 1);
  kernel.run(inputs);
  for (const [index, { data }] of live.entries()) expect(new Set(data)).toEqual(new Set([index + 1]));
  for (const each of live) each.free();
});

test("a tensor that was freed holds nothing, and a call with it is refused", () => {
  const { key, value } = moved();
  const { data } = key;
  key.free();
  key.free();
  expect(key.data.length).toBe(0);
  expect(refusal(() => kernel.run({ ...inputs, key, value }))).toBe("E0704");
  // An array that was taken before is memory like any other: it is copied in.
  expect(refusal(() => kernel.run({ ...inputs, key: { ...inputs.key, data }, value }))).toBe("none");
  value.free();
});

test("bad shapes, too much memory and a kernel that was disposed of are refused by name", async () => {
  expect(refusal(() => kernel.allocate([2, -1]))).toBe("E0704");
  expect(refusal(() => kernel.allocate([2 ** 20, 2 ** 20]))).toBe("E0709");
  expect(refusal(() => kernel.run(inputs))).toBe("none");
  const other = await kernelOf(attention({}), shape);
  other.dispose();
  expect(refusal(() => other.allocate([1]))).toBe("E0711");
});

test("halves live there too, at half the bytes", async () => {
  const halves = await kernelOf(attention({}), shape, "plain", "f16");
  const bitsOf = ({ data, shape }: typeof inputs.key) => ({ data: Uint16Array.from(data, toHalf), shape });
  const [key, value] = [bitsOf(inputs.key), bitsOf(inputs.value)];
  const caches = [key, value].map((each) => halves.allocate(each.shape, "f16")) as [Cache, Cache];
  caches[0].data.set(key.data);
  caches[1].data.set(value.data);
  expect(caches[0].data.byteLength).toBe(key.data.length * 2);
  const [kept, copied] = [
    { ...inputs, key: caches[0], value: caches[1] },
    { ...inputs, key, value },
  ];
  expect(halves.run(kept)).toEqual(halves.run(copied));
  caches[0].free();
  expect(caches[0].data.length).toBe(0);
});

type Cache = ResidentTensor<readonly number[], "f16">;
