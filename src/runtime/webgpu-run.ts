// One call on typed arrays: copies them to the device, encodes and submits the call, and copies its results back.

import { lseShape, namedShapes, ofOutput, outShape, outStrides, sizeOf } from "./call-shapes.ts";
import type { CheckedCall } from "./check-inputs.ts";
import { AttentionInputError, deviceLost, emptyRows } from "./errors.ts";
import type { KernelOutputs } from "./inputs.ts";
import { demandBindable } from "./webgpu-buffers.ts";
import type { Views } from "./webgpu-call.ts";
import { encodeCall, type LoadedKernel, makeBuffer } from "./webgpu-encode.ts";
import { outOfMemory, watch } from "./webgpu-scopes.ts";
import { USAGE } from "./webgpu-usage.ts";

/** What a call gives: `out` is made of what query is. */
export type WebgpuOutputs = KernelOutputs<Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>;

const ROW_ARRAYS = { f32: Float32Array, f16: Uint16Array } as const;
const NAMED_ARRAYS = { f32: Float32Array, i32: Int32Array } as const;

/** Throws AttentionInputError E0709, E0710, E0717 and E0718. */
export async function runCall(kernel: LoadedKernel, call: CheckedCall): Promise<WebgpuOutputs> {
  const { device, description } = kernel;
  const made: { destroy(): void }[] = [];
  const keep = <Owned extends { destroy(): void }>(owned: Owned): Owned => {
    made.push(owned);
    return owned;
  };
  const place = (name: string, bytes: number, content?: ArrayBufferView) => {
    demandBindable(name, { size: content?.byteLength ?? bytes }, device);
    const usage = content ? USAGE.STORAGE : USAGE.STORAGE | USAGE.COPY_SRC;
    return { buffer: keep(makeBuffer(device, usage, bytes, content)) };
  };
  const close = watch(device);
  let submitted: Promise<readonly [name: string, content: ArrayBuffer]>[];
  try {
    const inputs = { query: call.query, key: call.key, value: call.value, ...call.tensors };
    const placed = Object.entries(inputs).map(([name, { data }]) => [name, place(name, 0, data)] as const);
    const { BYTES_PER_ELEMENT: rowBytes } = ROW_ARRAYS[description.rows.query];
    const results = [
      { name: "out", bytes: rowBytes * sizeOf(outShape(call)) },
      ...(description.outputs.lse ? [{ name: "lse", bytes: 4 * sizeOf(lseShape(call)) }] : []),
      ...namedShapes(description, call).map(({ name, shape }) => ({ name: ofOutput(name), bytes: 4 * sizeOf(shape) })),
    ].map(({ name, bytes }) => ({ name, bytes, ...place(name, bytes) }));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const written = results.map(({ name, buffer }) => [name, { buffer }] as const);
    const bindings = { ...Object.fromEntries(placed), ...Object.fromEntries(written) };
    const encoded = keep(encodeCall(kernel, pass, { ...call, views: viewsOf(call), bindings }));
    pass.end();
    const count = encoded.emptyRows ? [{ name: "empty_rows", buffer: encoded.emptyRows, bytes: 4 }] : [];
    const reads = [...results, ...count].map(({ name, buffer, bytes }) => {
      const to = keep(makeBuffer(device, USAGE.MAP_READ | USAGE.COPY_DST, bytes));
      if (bytes > 0) encoder.copyBufferToBuffer(buffer, 0, to, 0, Math.ceil(bytes / 4) * 4);
      return { name, to, bytes };
    });
    device.queue.submit([encoder.finish()]);
    submitted = reads.map(async ({ name, to, bytes }) => [name, await readBack(to, bytes)] as const);
  } catch (error) {
    close().catch(() => {});
    for (const each of made) each.destroy();
    throw error instanceof AttentionInputError ? error : outOfMemory((error as Error).message);
  }
  try {
    const results = Promise.all(submitted);
    results.catch(() => {}); // What the device refused is said before what followed from it.
    await close();
    return outputsOf(call, kernel, Object.fromEntries(await results));
  } finally {
    for (const each of made) each.destroy();
  }
}

async function readBack(buffer: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
  try {
    await buffer.mapAsync(USAGE.MAP_READ);
  } catch (error) {
    throw deviceLost((error as Error).message);
  }
  return buffer.getMappedRange().slice(0, bytes);
}

function outputsOf(
  call: CheckedCall,
  { description }: LoadedKernel,
  contents: Readonly<Record<string, ArrayBuffer>>,
): WebgpuOutputs {
  const { out, lse, empty_rows: count } = contents;
  const empty = count ? new Uint32Array(count)[0]! : 0;
  if (empty > 0) throw emptyRows(empty);
  const named = namedShapes(description, call).map(
    ({ name, element, shape }) =>
      [name, { data: new NAMED_ARRAYS[element](contents[ofOutput(name)]!), shape }] as const,
  );
  return {
    out: { data: new ROW_ARRAYS[description.rows.query](out!), shape: outShape(call) },
    ...(description.outputs.lse && { lse: { data: new Float32Array(lse!), shape: lseShape(call) } }),
    ...(named.length > 0 && { named: Object.fromEntries(named) }),
  };
}

function viewsOf(call: CheckedCall): Views {
  const at = (strides: readonly [number, number, number]) => ({ offset: 0, strides });
  return {
    query: at(call.query.strides),
    key: at(call.key.strides),
    value: at(call.value.strides),
    out: at(outStrides(call)),
  };
}
