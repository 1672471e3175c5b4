// Mask and score by themselves, in a kernel of one's own: for every feature the functions are what the kernel computes with.
// The kernel here is attention by its definition, one thread a row.

import { afterAll, expect } from "vitest";
import { printFunctions } from "../../src/backend/wgsl/bare.ts";
import { compileAttention } from "../../src/compile.ts";
import { chooseBlocks } from "../../src/execute/choose-blocks.ts";
import { bindCase } from "../../src/execute/environment.ts";
import { attend } from "../../src/reference/attention.ts";
import type { Case } from "../../src/spec/case.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import type { Tensor } from "../../src/tensors/tensor.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";
import { bufferOf, read } from "./buffers.ts";

afterAll(closeAdapter);

const SHAPE = { batch: 2, heads: 4, kvHeads: 2, queries: 9, keys: 12, dim: 3, valueDim: 5 };

const ATTENTIONS = {
  plain: "attention plain { mask k <= q }",
  window:
    "attention window(window: int in 1.. = 4, cap: float = 2.5) { mask k <= q and q - k < window score cap * tanh(s / cap) }",
  captured: `attention captured(doc: i32[batch, token], slope: f32[head], keep: bool[kv, key]) {
    mask doc[q] == doc[k] or keep[k]
    score s - slope * abs(q - k)
  }`,
  divided: "attention divided(step: int in 1.. = 3) { mask q // step >= k // step and (q + k) % 5 != 1 scale 0.25 }",
  "with lengths": "attention measured { mask k < len(key) - 2 score s + h / len(head) }",
  chosen: `sparsity pattern { blocks 4 x 4 keep where (i + j) % 2 == 0 }
    attention chosen { mask k <= q sparsity pattern }`,
};

/** The same as a mask, where an attention chooses blocks: the first row stands at position 3. */
const CHOSEN: Readonly<Record<string, string>> = {
  chosen: "attention chosen { mask k <= q and ((q - 3) // 4 + k // 4) % 2 == 0 }",
};

/** Attention by its definition. */
const kernel = (name: string, call: string) => `
@group(0) @binding(0) var<storage, read> query_rows: array<f32>;
@group(0) @binding(1) var<storage, read> key_rows: array<f32>;
@group(0) @binding(2) var<storage, read> value_rows: array<f32>;
@group(0) @binding(3) var<storage, read_write> out_rows: array<f32>;
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) place: vec3u) {
  let row = i32(place.x);
  let head = i32(place.y);
  let batch = i32(place.z);
  let stored = (batch * 2 + head / 2) * 12;
  let query_at = ((batch * 4 + head) * 9 + row) * 3;
  var sums: array<f32, 5>;
  var total = 0.0;
  for (var key = 0; key < 12; key++) {
    let position = row + 3;
    if (!${name}_mask(${call}batch, head, position, key)) { continue; }
    var product = 0.0;
    for (var d = 0; d < 3; d++) { product += query_rows[query_at + d] * key_rows[(stored + key) * 3 + d]; }
    let weight = exp(${name}_score(${call}product, batch, head, position, key));
    total += weight;
    for (var d = 0; d < 5; d++) { sums[d] += weight * value_rows[(stored + key) * 5 + d]; }
  }
  for (var d = 0; d < 5; d++) { out_rows[((batch * 4 + head) * 9 + row) * 5 + d] = select(sums[d] / total, 0.0, total == 0.0); }
}
`;

/** The struct that the functions take, where they take one. */
function structOf(functions: string, { shape, params }: Case): string {
  const values: Readonly<Record<string, unknown>> = {
    ...{ batch: shape.batch, heads: shape.heads, kv_heads: shape.kvHeads, keys: shape.keys, queries: shape.queries },
    query_start: shape.keys - shape.queries,
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [`${name}_`, value])),
  };
  const fields = [...functions.matchAll(/^ {2}(\w+): (i32|f32),$/gm)];
  const [, name] = /^struct (\w+)/m.exec(functions) ?? [];
  return name ? `${name}(${fields.map(([, field, type]) => `${type}(${Number(values[field!])})`).join(", ")}), ` : "";
}

/** Bytes fill their last word. */
function inWords({ data }: Tensor): Uint8Array {
  const words = new Uint8Array(Math.ceil(data.byteLength / 4) * 4);
  words.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return words;
}

async function dispatch(code: string, buffers: readonly GPUBuffer[]): Promise<void> {
  const module = device!.createShaderModule({ code });
  const pipeline = await device!.createComputePipelineAsync({ layout: "auto", compute: { module } });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const encoder = device!.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device!.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(SHAPE.queries, SHAPE.heads, SHAPE.batch);
  pass.end();
  device!.queue.submit([encoder.finish()]);
}

for (const [title, text] of Object.entries(ATTENTIONS)) {
  onDevice(title, async () => {
    const attention = attentionOf(text);
    const name = attention.name.text;
    const call = callOf(attention, { shape: SHAPE });
    const [compiled] = compileAttention(attention, webgpu, { dims: SHAPE, consts: {} }).value;
    const functions = printFunctions(compiled!.program).text;
    // What the text asks to be declared, with bindings behind the rows.
    const declared = [...functions.matchAll(/^\/\/ Declare .*: (var<storage, read> (\w+): .*;)$/gm)];
    const bindings = declared.map(([, statement], at) => `@group(0) @binding(${at + 4}) ${statement}\n`).join("");
    const { ir } = compiled!.program;
    const choices = ir.selections.map((selection) => {
      const { shape, blocks } = chooseBlocks(selection, call, bindCase(ir, call));
      return [selection.name, makeTensor("i32", shape, [...blocks])];
    });
    const readable = { ...call.tensors, ...Object.fromEntries(choices) };
    const captured = declared.map(([, , variable]) => readable[variable!.slice(name.length + 1, -1)]!);
    expect(captured).toHaveLength(attention.tensors.length + choices.length);
    const out = bufferOf(new Float32Array(2 * 4 * 9 * 5).fill(Number.NaN));
    const rows = [call.query, call.key, call.value].map(inWords);
    const buffers = [...rows.map((row) => bufferOf(row)), out, ...captured.map((tensor) => bufferOf(inWords(tensor)))];
    await dispatch(`${functions}\n${bindings}${kernel(name, structOf(functions, call))}`, buffers);
    const same = { ...call, attention: attentionOf(CHOSEN[title] ?? text) };
    const bound = boundOf(same, webgpu.errorUlps);
    const { agrees, worst } = compare({ out: await read(out) }, attend(same), bound, call.shape);
    expect(agrees, JSON.stringify(worst)).toBe(true);
  });
}
