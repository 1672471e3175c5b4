// onnxruntime-web's kernels for WebGPU, in Node and on the caller's device. The package is made for pages: it looks for
// `navigator.gpu` and for the names of WebGPU among the globals, and it uploads from shared memory, which Dawn refuses.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { globals } from "webgpu";
import type { Adapter } from "../../src/cli/webgpu/adapter.ts";
import type { Ort, Package } from "./onnxruntime.ts";

const WASM = import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm");

/** Whether the package's kernels are right with the subgroups of this device: they exchange keys between eight lanes and
 *  more, and step by as many as there are. */
export const takesSubgroups = ({ adapterInfo }: GPUDevice): boolean => (adapterInfo.subgroupMinSize ?? 0) >= 8;

/** The package on the adapter's device, which must clear memory of workgroups. */
export async function loadOrtOnWebgpu({ device, gpu }: Adapter): Promise<Ort> {
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, "navigator", { value: { gpu, userAgent: "Node" }, configurable: true });
  uploadFromSharedMemory(device.queue);
  clearVariables(device);
  const ort: Package = await import("onnxruntime-web/webgpu" as string);
  Object.assign(ort.env.wasm, { numThreads: 1, wasmBinary: readFileSync(fileURLToPath(WASM)) });
  const options = { executionProviders: [{ name: "webgpu", device }] };
  return { name: "onnxruntime-web", version: ort.env.versions.common, ort, options };
}

/** By way of a copy. */
function uploadFromSharedMemory(queue: GPUQueue): void {
  const writeBuffer = queue.writeBuffer.bind(queue) as (...given: unknown[]) => void;
  const upload = (buffer: GPUBuffer, offset: number, data: ArrayBufferView, ...part: readonly number[]) => {
    const isShared = !(data.buffer instanceof ArrayBuffer);
    const bytes = () => new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    writeBuffer(buffer, offset, isShared ? bytes() : data, ...part);
  };
  Object.assign(queue, { writeBuffer: upload });
}

/** Variables without an initial value are zero each time that they are declared, says WGSL. Dawn makes them so the first
 *  time only, and the package's attention adds to variables of a loop: here they get their zero in the text. */
function clearVariables(device: GPUDevice): void {
  const createShaderModule = device.createShaderModule.bind(device);
  device.createShaderModule = ({ code, ...rest }) =>
    createShaderModule({ ...rest, code: code.replace(/^( +var \w+ ?: ?([\w<>]+));/gm, "$1 = $2();") });
}
