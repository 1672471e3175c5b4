// An attention between things of TypeGPU: its root gives the device, and its typed buffers hold query, key, value and out.

import tgpu, { d } from "typegpu";
import { load } from "./built/wgsl/gemma2_local.js";

/** Attends over rows that TypeGPU holds; gives the buffer of the result, whose elements TypeGPU knows as well.
 *  @param rows query, key and value of four heads, two KV heads and so many tokens, [heads, tokens, 64] */
export async function attend(device: GPUDevice, tokens: number, rows: readonly [number[], number[], number[]]) {
  const root = tgpu.initFromDevice({ device });
  const attention = await load(root.device);
  const bufferOf = (heads: number, initial?: number[]) =>
    root.createBuffer(d.arrayOf(d.f32, heads * tokens * 64), initial).$usage("storage");
  const [query, key, value] = [bufferOf(4, rows[0]), bufferOf(2, rows[1]), bufferOf(2, rows[2])];
  const out = bufferOf(4);
  const queries = [1, 4, tokens, 64] as const;
  const keys = [1, 2, tokens, 64] as const;

  const encoder = root.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  const encoded = attention.encode(pass, {
    query: { buffer: root.unwrap(query), shape: queries },
    key: { buffer: root.unwrap(key), shape: keys },
    value: { buffer: root.unwrap(value), shape: keys },
    out: { buffer: root.unwrap(out), shape: queries },
    params: { window: 16 },
  });
  pass.end();
  root.device.queue.submit([encoder.finish()]);
  encoded.destroy();
  return out;
}
