// What attentions of several steps have in common in their tests: results that come close to the reference's, and a call whose
// rows are views with offsets and strides in what else a buffer holds.

import { expect } from "vitest";
import { attend } from "../../src/reference/attention.ts";
import type { Attention } from "../../src/spec/spec.ts";
import { floats, makeTensor } from "../../src/tensors/elements.ts";
import type { Tensor } from "../../src/tensors/tensor.ts";
import { callOf } from "../unit/execute/calls.ts";
import { device } from "./adapter.ts";
import { bufferOf, eachRow, type Placement, read } from "./buffers.ts";
import { encodeAndSubmit, inputsIn, loadedOn } from "./encoding.ts";

/** See systems.test.ts, whose rows are longer. Scores without a scale and sums over keys are larger here. */
export const TOLERANCE = 5e-5;

/** @param unit relative error of what a result is rounded to */
export function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, unit = 0): void {
  expect(found.length).toBe(wanted.length);
  for (let at = 0; at < wanted.length; at++) {
    const [got, exact] = [found[at]!, wanted[at]!];
    const isClose = got === exact || Math.abs(got - exact) < TOLERANCE + unit * Math.abs(exact);
    if (!isClose) expect(got, `element ${at}`).toBe(exact);
  }
}

export const asHalves = (tensor: Tensor) => makeTensor("f16", tensor.shape, floats(tensor));

const PLACES = {
  query: { offset: 5, strides: [17 * 6 * 3 + 11, 3, 6 * 3, 1] },
  key: { offset: 301, strides: [2 * 64 * 8, 64 * 8, 8, 1] },
  value: { offset: 304, strides: [2 * 64 * 8, 64 * 8, 8, 1] },
} as const satisfies Record<string, Placement>;

/** Rows of two batches lie between NaN, and what comes of them is what the reference says. */
export async function expectAgreementOnViews(attention: Attention): Promise<void> {
  const shape = { batch: 2, heads: 6, kvHeads: 2, queries: 17, keys: 40 };
  const call = callOf(attention, { shape, keyLengths: [40, 23], queryStart: [23, 6] });
  const own = inputsIn(call);
  const views = Object.entries(PLACES).map(([name, place]) => {
    const { data, shape } = call[name as keyof typeof PLACES];
    const buffer = new Float32Array(3000).fill(Number.NaN);
    const width = shape[3]!;
    eachRow(shape, place, (row, at) => buffer.set((data as Float32Array).subarray(row * width, (row + 1) * width), at));
    return [name, { buffer: bufferOf(buffer), shape, ...place }];
  });
  const kernel = await loadedOn(device!, attention);
  const [encoded] = await encodeAndSubmit(kernel, { ...own, ...Object.fromEntries(views) });
  expectClose(await read(own.out.buffer), attend(call).out);
  encoded!.destroy();
}
