// A call on buffers of the caller: views with offsets and strides in buffers that hold other things as well, encoded into a
// pass of the caller's.

import { afterAll, expect, vi } from "vitest";
import type { BufferTensor } from "../../src/runtime/webgpu-buffers.ts";
import type { Case } from "../../src/spec/case.ts";
import { floats, makeTensor } from "../../src/tensors/elements.ts";
import type { Tensor } from "../../src/tensors/tensor.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";
import { bufferOf, eachRow, type Placement, read } from "./buffers.ts";
import { attention, encodeAndSubmit, expectAgreement, inputsIn, loaded, loadedOn } from "./encoding.ts";

afterAll(closeAdapter);

type Four<Each> = [Each, Each, Each, Each];

/** Rows between NaN, so that a read beyond them shows. */
function placed(call: Case, name: "query" | "key" | "value", into: Float32Array, placement: Placement): void {
  const { data, shape } = call[name];
  const width = shape[3]!;
  eachRow(shape, placement, (row, at) => into.set((data as Float32Array).subarray(row * width, (row + 1) * width), at));
}

onDevice("views with offsets and strides are read and written where they lie, and nothing else is", async () => {
  const shape = { batch: 2, heads: 6, kvHeads: 2, queries: 17, keys: 40 };
  const call = callOf(attention, { shape, keyLengths: [40, 23], queryStart: [23, 6] });
  // Rows of a query go by head within a row, as projections give them; keys and values share a cache, further down than a
  // binding's alignment; rows of out lie apart.
  const queries: Placement = { offset: 5, strides: [17 * 6 * 3 + 11, 3, 6 * 3, 1] };
  const keys: Placement = { offset: 301, strides: [2 * 64 * 8, 64 * 8, 8, 1] };
  const values: Placement = { offset: 304, strides: [2 * 64 * 8, 64 * 8, 8, 1] };
  const results: Placement = { offset: 777, strides: [6 * 20 * 7, 20 * 7, 7, 1] };
  const query = new Float32Array(800).fill(Number.NaN);
  const cache = new Float32Array(301 + 4 * 64 * 8).fill(Number.NaN);
  const before = Float32Array.from({ length: 777 + 2 * 6 * 20 * 7 + 100 }, (_, index) => -index);
  placed(call, "query", query, queries);
  placed(call, "key", cache, keys);
  placed(call, "value", cache, values);
  const own = inputsIn(call);
  const [stored, out] = [bufferOf(cache), bufferOf(before)];
  const [encoded] = await encodeAndSubmit(await loaded(), {
    ...own,
    query: { ...own.query, buffer: bufferOf(query), ...queries },
    key: { ...own.key, buffer: stored, ...keys },
    value: { ...own.value, buffer: stored, ...values },
    out: { ...own.out, buffer: out, ...results },
  });
  encoded!.destroy();
  const after = await read(out);
  const gathered = new Float32Array(2 * 6 * 17 * 5);
  eachRow(own.out.shape, results, (row, at) => {
    gathered.set(after.subarray(at, at + 5), 5 * row);
    after.set(before.subarray(at, at + 5), at);
  });
  expect(after).toEqual(before);
  expectAgreement(call, gathered, await read(own.lse!.buffer));
});

onDevice("axes in the order batch, rows, heads", async () => {
  const call = callOf(attention, { shape: { queries: 9, keys: 9 } });
  const own = inputsIn(call);
  const swapped = ({ buffer, shape }: BufferTensor): BufferTensor => {
    const [batch, heads, rows, width] = shape as [number, number, number, number];
    return { buffer, shape: [batch, rows, heads, width], strides: [heads * rows * width, width, rows * width, 1] };
  };
  const [query, key, value, out] = [own.query, own.key, own.value, own.out].map(swapped) as Four<BufferTensor>;
  await encodeAndSubmit(await loaded(), { ...own, query, key, value, out, layout: "bnhd" });
  expectAgreement(call, await read(own.out.buffer));
});

onDevice("halves may begin in the middle of a word, and whoever shares the word keeps his", async () => {
  const { query, key, value, ...rest } = callOf(attention, { shape: { queries: 7, keys: 11 } });
  const halves = (tensor: Tensor) => makeTensor("f16", tensor.shape, floats(tensor));
  const call = { ...rest, query: halves(query), key: halves(key), value: halves(value) };
  const own = inputsIn({ ...rest, query, key, value });
  const buffers = [call.query, call.key, call.value].map(({ data, shape }) => {
    const spread = new Uint16Array(2 * Math.ceil((data.length + 3) / 2)).fill(0x7e00);
    spread.set(data as Uint16Array, 3);
    return { buffer: bufferOf(spread), shape, offset: 3 };
  }) as [BufferTensor, BufferTensor, BufferTensor];
  const count = 2 * 6 * 7 * 5;
  const out = bufferOf(new Uint16Array(count + 4).fill(0x1234));
  const calls = {
    ...own,
    query: buffers[0],
    key: buffers[1],
    value: buffers[2],
    out: { ...own.out, buffer: out, offset: 1 },
  };
  await encodeAndSubmit(await loadedOn(device!, attention, "f16"), calls);
  const found = new Uint16Array((await read(out)).buffer);
  expect([found[0], ...found.subarray(count + 1)]).toEqual([0x1234, 0x1234, 0x1234, 0x1234]);
  const rows = { dtype: "f16", shape: own.out.shape, data: found.slice(1, count + 1) } as const;
  expectAgreement(call, Float32Array.from(floats(rows)), await read(own.lse!.buffer), "f16");
});

onDevice("several calls in a pass, one reading what another wrote", async () => {
  const kernel = await loaded();
  const shape = { heads: 2, kvHeads: 2, queries: 12, keys: 12 };
  const [first, second] = [callOf(attention, { seed: 1, shape }), callOf(attention, { seed: 2, shape })];
  const [one, two] = [inputsIn(first), inputsIn(second)];
  const chained = { ...two, value: { ...one.out } };
  const encoded = await encodeAndSubmit(kernel, one, chained);
  for (const each of encoded) each.destroy();
  expectAgreement(first, await read(one.out.buffer), await read(one.lse!.buffer));
  const value = { ...second.value, data: await read(one.out.buffer) };
  expectAgreement({ ...second, value }, await read(two.out.buffer));
});

onDevice("rows that see nothing are counted where that is an error", async () => {
  const failing = attentionOf("attention failing { empty error mask k < q }");
  const call = callOf(failing, { shape: { batch: 1, heads: 2, kvHeads: 1, queries: 4, keys: 4 } });
  const [encoded] = await encodeAndSubmit(await loaded(failing), inputsIn(call));
  const [count] = new Uint32Array((await read(encoded!.emptyRows!)).buffer);
  expect(count).toBe(2);
  expect((await encodeAndSubmit(await loaded(), inputsIn(callOf(attention))))[0]!.emptyRows).toBeUndefined();
});

onDevice("what a call owns is gone when it is destroyed, and what the caller owns is not", async () => {
  const kernel = await loaded();
  const call = callOf(attention);
  const own = inputsIn(call);
  const made: GPUBuffer[] = [];
  const createBuffer = device!.createBuffer.bind(device!);
  const spy = vi.spyOn(device!, "createBuffer").mockImplementation((descriptor) => {
    const buffer = createBuffer(descriptor);
    made.push(buffer);
    vi.spyOn(buffer, "destroy");
    return buffer;
  });
  const [encoded] = await encodeAndSubmit(kernel, own);
  spy.mockRestore();
  encoded!.destroy();
  encoded!.destroy();
  expect(made.length).toBeGreaterThan(1);
  for (const { destroy } of made) expect(destroy).toHaveBeenCalledTimes(1);
  expectAgreement(call, await read(own.out.buffer), await read(own.lse!.buffer));
});
