// Orders of storage on a device, each told from others by blocks of stored places; that nothing is written out of bounds, and
// that tiles are skipped.

import { afterAll, describe, expect } from "vitest";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { attend } from "../../src/reference/attention.ts";
import type { Case } from "../../src/spec/case.ts";
import { floats, makeTensor } from "../../src/tensors/elements.ts";
import type { Tensor } from "../../src/tensors/tensor.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";
import { orderCalls } from "../unit/execute/order-calls.ts";
import { changedElements, movedElements } from "../unit/execute/order-laws.ts";
import { orders } from "../unit/execute/orders.ts";
import { tilesAreSkipped } from "../unit/execute/skipping.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";
import { bufferOf, eachRow, type Placement, read } from "./buffers.ts";
import { encodeAndSubmit, inputsIn, loadedOn } from "./encoding.ts";
import { guardBuffers } from "./guards.ts";

afterAll(closeAdapter);

/** See systems.test.ts. */
const TOLERANCE = 5e-5;

const run = (call: Case) => wgslRunner(device!, "a device").run(call);

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, unit = 0): void {
  expect(found.length).toBe(wanted.length);
  for (let at = 0; at < wanted.length; at++) {
    const [got, exact] = [found[at]!, wanted[at]!];
    const isClose = got === exact || Math.abs(got - exact) < TOLERANCE + unit * Math.abs(exact);
    if (!isClose) expect(got, `element ${at}`).toBe(exact);
  }
}

const asHalves = (tensor: Tensor) => makeTensor("f16", tensor.shape, floats(tensor));

describe.each(Object.entries(orders))("%s", (_, text) => {
  onDevice("agrees, and nothing is written out of bounds", async () => {
    const create = device!.createBuffer;
    const guards = guardBuffers(device!);
    for (const call of orderCalls(attentionOf(text))) {
      const [found, wanted] = [await run(call), attend(call)];
      expectClose(found.out, wanted.out);
      if (found.lse) expectClose(found.lse, wanted.lse!);
    }
    expect(await guards.touched()).toEqual([]);
    device!.createBuffer = create;
  });
});

onDevice("halves are moved one by one, where two rows share a word too", async () => {
  for (const name of ["ties keep their order", "rows of a picture", "a window, whose rows are moved"]) {
    const attention = attentionOf(orders[name]!);
    const axes = attention.grid ? { y: 5 } : {};
    const call = callOf(attention, { shape: { queries: 37, keys: 41, axes }, keyLengths: [41, 20] });
    const [query, key, value] = [asHalves(call.query), asHalves(call.key), asHalves(call.value)];
    const given = { ...call, query, key, value };
    const [found, wanted] = [await run(given), attend(given)];
    expectClose(found.out, wanted.out, 2 ** -11);
    if (found.lse) expectClose(found.lse, wanted.lse!);
  }
});

onDevice("views with offsets and strides", async () => {
  const attention = attentionOf(orders["what falls and what rises"]!);
  const shape = { batch: 2, heads: 6, kvHeads: 2, queries: 17, keys: 40 };
  const call = callOf(attention, { shape, keyLengths: [40, 23], queryStart: [23, 6] });
  const places = {
    query: { offset: 5, strides: [17 * 6 * 3 + 11, 3, 6 * 3, 1] },
    key: { offset: 301, strides: [2 * 64 * 8, 64 * 8, 8, 1] },
    value: { offset: 304, strides: [2 * 64 * 8, 64 * 8, 8, 1] },
  } as const satisfies Record<string, Placement>;
  const own = inputsIn(call);
  const views = Object.entries(places).map(([name, place]) => {
    const { data, shape } = call[name as keyof typeof places];
    const buffer = new Float32Array(3000).fill(Number.NaN);
    const width = shape[3]!;
    eachRow(shape, place, (row, at) => buffer.set((data as Float32Array).subarray(row * width, (row + 1) * width), at));
    return [name, { buffer: bufferOf(buffer), shape, ...place }];
  });
  const kernel = await loadedOn(device!, attention);
  const [encoded] = await encodeAndSubmit(kernel, { ...own, ...Object.fromEntries(views) });
  expectClose(await read(own.out.buffer), attend(call).out);
  encoded!.destroy();
});

onDevice("tiles are skipped in the order, and only there", async () => {
  const { ordered, asTheyAre, worst } = await tilesAreSkipped(run);
  expect({ ordered, asTheyAre }).toEqual({ ordered: true, asTheyAre: false });
  expect(worst).toBeLessThan(TOLERANCE);
});

onDevice("what is moved comes back to where it was, and an order of ties changes no bit", async () => {
  expect(await movedElements(run)).toBe(0);
  expect(await changedElements(run)).toBe(0);
});
