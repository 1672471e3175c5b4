// An attention between two sessions of onnxruntime-web, on its device: the first gives query, key and value as buffers, the
// attention writes a buffer, and the second reads that. Nothing leaves the GPU in between.

import * as ort from "onnxruntime-web/webgpu";
import { load } from "./built/wgsl/gemma2_local.js";

type Feeds = Readonly<Record<string, ort.Tensor>>;

/** A layer of four heads and two KV heads of dim 64.
 *  @param before a model with the outputs `query`, `key` and `value`, [batch, tokens, heads · 64]
 *  @param after a model with the input `attended`, [batch, tokens, 256] */
export async function makeLayer(before: Uint8Array, after: Uint8Array) {
  const onGpu = { executionProviders: ["webgpu"], preferredOutputLocation: "gpu-buffer" } as const;
  const projections = await ort.InferenceSession.create(before, onGpu);
  const output = await ort.InferenceSession.create(after, { executionProviders: ["webgpu"] });
  const device = await ort.env.webgpu.device;
  const attention = await load(device);

  /** A projection as the attention reads it: rows before heads. */
  const rowsOf = ({ gpuBuffer: buffer, dims }: ort.Tensor, heads: number) => {
    const [batch, tokens] = dims as [number, number];
    return { buffer, shape: [batch, tokens, heads, 64] as const };
  };

  return async (feeds: Feeds, others: Feeds, window: number) => {
    const { query, key, value } = await projections.run(feeds);
    const rows = rowsOf(query!, 4);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const [batch, tokens] = rows.shape;
    const out = device.createBuffer({ size: 4 * batch * tokens * 256, usage });

    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const encoded = attention.encode(pass, {
      ...{ query: rows, key: rowsOf(key!, 2), value: rowsOf(value!, 2) },
      ...{ out: { buffer: out, shape: rows.shape }, layout: "bnhd", params: { window } },
    });
    pass.end();
    device.queue.submit([encoder.finish()]);
    encoded.destroy();

    const dims = [batch, tokens, 256];
    const attended = ort.Tensor.fromGpuBuffer(out, { dataType: "float32", dims, dispose: () => out.destroy() });
    const results = await output.run({ attended, ...others });
    for (const used of [query!, key!, value!, attended]) used.dispose();
    return results;
  };
}
