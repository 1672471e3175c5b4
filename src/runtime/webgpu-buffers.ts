// Tensors of a call in buffers of the caller's device: what a call takes, and every check of it that can be made before
// anything is encoded. Elements are never looked at, because that would stall the device: what is promised of captured tensors is
// the caller's word.

import { lseShape, namedShapes, ofOutput, outShape, sizeOf } from "./call-shapes.ts";
import { demandShape } from "./check-captured.ts";
import {
  type Checked,
  checkCall,
  contiguous,
  type Holding,
  type InputsOf,
  type Placed,
  rowsTensor,
  spanOf,
} from "./check-inputs.ts";
import type { ElementType } from "./description.ts";
import { AttentionInputError, unfitBuffer, wrongShape, wrongType } from "./errors.ts";
import type { View } from "./webgpu-call.ts";
import type { WebgpuDescription } from "./webgpu-description.ts";
import type { BoundCall } from "./webgpu-encode.ts";
import { USAGE } from "./webgpu-usage.ts";

/** Query, key, value or out in a buffer with the usage STORAGE. */
export type BufferTensor<Shape extends readonly number[] = readonly number[]> = {
  readonly buffer: GPUBuffer;
  readonly shape: Shape;
  /** Where it begins, in elements; default 0. */
  readonly offset?: number;
  /** In elements, one per axis of `shape`; the last must be 1, and the default is that of a contiguous tensor. */
  readonly strides?: readonly number[];
};

/** A contiguous tensor in a buffer with the usage STORAGE. It begins where a binding may, at a multiple of the device's
 *  `minStorageBufferOffsetAlignment`, in bytes. */
export type BufferSlice<Shape extends readonly number[] = readonly number[]> = Omit<BufferTensor<Shape>, "strides">;

export type BufferInputs = InputsOf<BufferTensor> & {
  /** Written. */
  readonly out: BufferTensor;
  /** Written, where the attention has this output. */
  readonly lse?: BufferSlice;
  /** Written: the outputs that the attention names. */
  readonly named?: Readonly<Record<string, BufferSlice>>;
};

type BoundRange = { readonly buffer: GPUBuffer; readonly offset: number; readonly size: number };

const BYTES: Readonly<Record<ElementType, number>> = { f32: 4, i32: 4, f16: 2, u8: 1, bool: 1 };

/** Bindings are whole words, and never empty. */
const inWords = (bytes: number) => Math.max(4, Math.ceil(bytes / 4) * 4);

const IN_BUFFERS: Holding<BufferTensor, { readonly offset: number }> = {
  demandType(name, _element, { buffer, offset = 0 }) {
    if (typeof buffer?.usage !== "number") throw wrongType(name, "GPUBuffer, as `{ buffer, shape }`");
    if (!(buffer.usage & USAGE.STORAGE)) {
      throw unfitBuffer(name, "lies in a buffer without the usage GPUBufferUsage.STORAGE; make the buffer with it");
    }
    if (Number.isInteger(offset) && offset >= 0) return;
    throw wrongShape(name, `begins at element ${offset}, which is no whole number from 0`);
  },
  demandRoom(name, element, { buffer, offset = 0 }, count) {
    const needed = inWords((offset + count) * BYTES[element]);
    if (needed > buffer.size)
      throw unfitBuffer(name, `needs a buffer of ${needed} bytes, but its buffer has ${buffer.size}`);
  },
  demandPromises() {},
  held: ({ offset = 0 }) => ({ offset }),
};

type CheckedBuffers = Checked<BufferTensor, unknown>;

/** Throws AttentionInputError E0701 to E0709 and E0717. */
export function checkBuffers(device: GPUDevice, inputs: BufferInputs, description: WebgpuDescription): BoundCall {
  const call = checkCall(inputs, description, IN_BUFFERS);
  const { query: element, stored } = description.rows;
  const out = rowsTensor("out", inputs.out, call.layout, element, IN_BUFFERS);
  demandShapeOf("out", inputs.out.shape, outShape(call));
  demandOwnRows(inputs.out);
  IN_BUFFERS.demandRoom("out", element, inputs.out, out.span);
  const rows = {
    query: placeRows("query", element, inputs.query, call.query, device),
    key: placeRows("key", stored, inputs.key, call.key, device),
    value: placeRows("value", stored, inputs.value, call.value, device),
    out: placeRows("out", element, inputs.out, out.placed, device),
  };
  const reads = {
    query: rows.query.range,
    key: rows.key.range,
    value: rows.value.range,
    ...capturedRanges(call, description, device),
  };
  const writes = {
    out: rows.out.range,
    ...(description.outputs.lse && { lse: writtenRange("lse", "f32", lseShape(call), inputs.lse, device) }),
    ...Object.fromEntries(
      namedShapes(description, call).map(({ name, element, shape }) => [
        ofOutput(name),
        writtenRange(name, element, shape, inputs.named?.[name], device),
      ]),
    ),
  };
  demandApart(reads, writes);
  const { query, key, value } = rows;
  const views = { query: query.view, key: key.view, value: value.view, out: rows.out.view };
  return { ...call, views, bindings: { ...reads, ...writes } };
}

function demandShapeOf(name: string, shape: readonly number[], wanted: readonly number[]): void {
  if (shape.length === wanted.length && shape.every((extent, axis) => extent === wanted[axis])) return;
  throw wrongShape(name, `is [${shape.join(", ")}], but this call gives [${wanted.join(", ")}]`);
}

/** No element is written twice: each axis steps over all that lies within it. */
function demandOwnRows({ shape, strides = contiguous(shape) }: BufferTensor): void {
  const steps = shape.map((extent, axis) => ({ extent, stride: strides[axis]! })).filter(({ extent }) => extent > 1);
  let within = 1;
  for (const { extent, stride } of steps.sort((left, right) => left.stride - right.stride)) {
    if (stride < within) throw wrongShape("out", "has strides with which its rows overlap");
    within += (extent - 1) * stride;
  }
}

/** Bindings begin at multiples of some bytes; what lies between there and the tensor becomes its offset. */
function placeRows(
  name: string,
  element: ElementType,
  tensor: BufferTensor,
  { offset, strides }: Placed<{ readonly offset: number }>,
  device: GPUDevice,
): { readonly range: BoundRange; readonly view: View } {
  const bytes = BYTES[element];
  const alignment = device.limits.minStorageBufferOffsetAlignment;
  const count = spanOf(name, tensor.strides ?? contiguous(tensor.shape), tensor.shape);
  // An empty tensor is never read, so it may as well lie at the beginning.
  const first = count === 0 ? 0 : Math.floor((offset * bytes) / alignment) * alignment;
  const begin = offset - first / bytes;
  const range = { buffer: tensor.buffer, offset: first, size: count === 0 ? 4 : inWords((begin + count) * bytes) };
  demandBindable(name, range, device);
  return { range, view: { offset: count === 0 ? 0 : begin, strides } };
}

function capturedRanges({ tensors }: CheckedBuffers, description: WebgpuDescription, device: GPUDevice) {
  return Object.fromEntries(
    description.tensors.map(({ name, element }) => [name, sliceRange(name, element, tensors[name]!, device)]),
  );
}

function writtenRange(
  name: string,
  element: "f32" | "i32",
  shape: readonly number[],
  slice: BufferSlice | undefined,
  device: GPUDevice,
): BoundRange {
  if (!slice) throw new AttentionInputError("E0702", name, `\`${name}\` is missing`);
  IN_BUFFERS.demandType(name, element, slice);
  demandShape(name, slice.shape);
  demandShapeOf(name, slice.shape, shape);
  IN_BUFFERS.demandRoom(name, element, slice, sizeOf(slice.shape));
  return sliceRange(name, element, slice, device);
}

function sliceRange(
  name: string,
  element: ElementType,
  { buffer, shape, offset = 0, strides }: BufferTensor,
  device: GPUDevice,
): BoundRange {
  const isContiguous = !strides || contiguous(shape).join() === strides.join();
  if (!isContiguous) throw wrongShape(name, "has strides, but is read and written as a contiguous tensor");
  const first = offset * BYTES[element];
  const alignment = device.limits.minStorageBufferOffsetAlignment;
  if (first % alignment !== 0) {
    throw unfitBuffer(name, `begins at byte ${first}, and this device binds at multiples of ${alignment}`);
  }
  const range = { buffer, offset: first, size: inWords(sizeOf(shape) * BYTES[element]) };
  demandBindable(name, range, device);
  return range;
}

/** Throws AttentionInputError E0709. */
export function demandBindable(name: string, { size }: { readonly size: number }, { limits }: GPUDevice): void {
  const most = limits.maxStorageBufferBindingSize;
  if (size <= most) return;
  const ask = `ask for maxStorageBufferBindingSize ${size} when the device is made`;
  throw new AttentionInputError(
    "E0709",
    name,
    `\`${name}\` takes ${size} bytes, and this device binds ${most} at once; ${ask}`,
  );
}

/** WebGPU counts uses of buffers, not of their parts: what is written is bound nowhere else. */
function demandApart(reads: Readonly<Record<string, BoundRange>>, writes: Readonly<Record<string, BoundRange>>): void {
  for (const [written, { buffer }] of Object.entries(writes)) {
    const other = Object.entries(reads).find(([, range]) => range.buffer === buffer);
    if (!other) continue;
    throw unfitBuffer(
      calledByUser(written),
      `lies in the buffer of \`${other[0]}\`; what is written needs a buffer that is not read`,
    );
  }
  const all = Object.entries(writes);
  for (const [place, [name, range]] of all.entries()) {
    const other = all.slice(0, place).find(([, before]) => overlap(before, range));
    if (other) throw unfitBuffer(calledByUser(name), `overlaps \`${calledByUser(other[0])}\``);
  }
}

const overlap = (left: BoundRange, right: BoundRange) =>
  left.buffer === right.buffer && left.offset < right.offset + right.size && right.offset < left.offset + left.size;

/** What the caller calls what a step binds. */
const calledByUser = (binding: string) => binding.replace(/^output\./, "");
