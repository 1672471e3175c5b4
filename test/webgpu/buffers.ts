// Buffers of the tests' device, as a caller makes them: tensors as views with offsets and strides in what else a buffer
// holds, and their elements read back.

import { USAGE } from "../../src/runtime/webgpu-usage.ts";
import { device } from "./adapter.ts";

/** What a caller's buffers are made for. */
export const ALL = USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST;

export function bufferOf(content: ArrayBufferView, usage: number = ALL, on = device!): GPUBuffer {
  const buffer = on.createBuffer({ size: Math.max(4, content.byteLength), usage, mappedAtCreation: true });
  new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(content.buffer, content.byteOffset, content.byteLength));
  buffer.unmap();
  return buffer;
}

export async function read(buffer: GPUBuffer): Promise<Float32Array> {
  const copy = device!.createBuffer({ size: buffer.size, usage: USAGE.MAP_READ | USAGE.COPY_DST });
  const encoder = device!.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
  device!.queue.submit([encoder.finish()]);
  await copy.mapAsync(USAGE.MAP_READ);
  const elements = new Float32Array(copy.getMappedRange().slice(0));
  copy.destroy();
  return elements;
}

/** Strides of [batch, head, row, 1] and where the first element lies. */
export type Placement = { readonly offset: number; readonly strides: readonly [number, number, number, number] };

/** Visits each row of a contiguous tensor with its place: `row` counts rows of the tensor, `at` elements of the buffer. */
export function eachRow(
  shape: readonly number[],
  { offset, strides }: Placement,
  visit: (row: number, at: number) => void,
) {
  const [batches, heads, rows] = shape as [number, number, number];
  for (let row = 0; row < batches * heads * rows; row++) {
    const [batch, head] = [Math.floor(row / rows / heads), Math.floor(row / rows) % heads];
    visit(row, offset + batch * strides[0] + head * strides[1] + (row % rows) * strides[2]);
  }
}
