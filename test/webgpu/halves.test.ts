// Rows of f16: every pattern is read and written exactly, whatever a device does with halves, and every feature of a plan
// computes with them. Two rows of an odd dim share a word, and so do two workgroups.

import { afterAll, describe, expect } from "vitest";
import { libraryFor } from "../../src/backend/simt/library.ts";
import { WGSL } from "../../src/backend/wgsl/dialect.ts";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { settingsOf } from "../../src/execute/settings.ts";
import { attend } from "../../src/reference/attention.ts";
import type { Case } from "../../src/spec/case.ts";
import { floats, makeTensor } from "../../src/tensors/elements.ts";
import { fromHalf, toHalf } from "../../src/tensors/half.ts";
import type { Tensor } from "../../src/tensors/tensor.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";
import { features } from "../unit/execute/features.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";
import { compute } from "./compute.ts";

afterAll(closeAdapter);

const PATTERNS = Uint32Array.from({ length: 2 ** 16 }, (_, bits) => bits);

const asHalves = (tensor: Tensor) => makeTensor("f16", tensor.shape, floats(tensor));

function halved(call: Case): Case {
  return { ...call, query: asHalves(call.query), key: asHalves(call.key), value: asHalves(call.value) };
}

async function run(call: Case) {
  expect(settingsOf(call, webgpu).element).toBe("f16");
  const result = await wgslRunner(device!, "a device").run(call);
  expect(result.rounded).toBe("f16");
  return result;
}

async function expectAgreement(call: Case): Promise<void> {
  const { agrees, worst } = compare(await run(call), attend(call), boundOf(call, webgpu.errorUlps), call.shape);
  expect(agrees, JSON.stringify(worst)).toBe(true);
}

/** One call of the library for each word. */
async function mapWords(words: Uint32Array, expression: string): Promise<Uint32Array> {
  const main = `
@group(0) @binding(0) var<storage, read> given: array<u32>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3u) {
  let word = given[at.x];
  found[at.x] = ${expression};
}`;
  return compute(device!, [main, ...libraryFor([main], WGSL)].join("\n"), words);
}

onDevice("all 65536 patterns are read as what they mean", async () => {
  const bits = await mapWords(PATTERNS, "bitcast<u32>(half_value(word))");
  const values = new Float32Array(bits.buffer);
  const wrong = PATTERNS.filter((pattern) => !Object.is(values[pattern], fromHalf(pattern)));
  expect([...wrong]).toEqual([]);
});

onDevice("numbers are rounded to the nearest half, ties to even, and beyond the largest to infinity", async () => {
  // Every half, the middle between it and the next, and the neighbours of both.
  const around = [...PATTERNS].flatMap((pattern) => {
    const [half, next] = [fromHalf(pattern), fromHalf(pattern + 1)];
    const middle = Number.isFinite(next) ? (half + next) / 2 : half + Math.sign(half) * 16;
    return Number.isFinite(half) ? [half, middle] : [];
  });
  const words = [...new Uint32Array(Float32Array.from(around).buffer)].flatMap((word) => [word - 1, word, word + 1]);
  const beyond = new Uint32Array(Float32Array.of(1e30, -1e30, 3.4e38, 1e-40, -1e-40, Infinity, -Infinity).buffer);
  const given = Uint32Array.from([...words, ...beyond]);
  const found = await mapWords(given, "half_bits(bitcast<f32>(word))");
  const numbers = new Float32Array(given.buffer);
  const wrong = numbers.filter((value, at) => !Number.isNaN(value) && found[at] !== toHalf(value));
  expect([...wrong].slice(0, 5)).toEqual([]);
  expect(given.length).toBeGreaterThan(2 ** 18);
});

onDevice("a row that sees one key is its value, bit by bit", async () => {
  const shape = { batch: 1, heads: 93, kvHeads: 93, queries: 1, keys: 1, dim: 3, valueDim: 171 };
  const call = halved(callOf(attentionOf("attention t {}"), { shape }));
  const finite = PATTERNS.filter((pattern) => (pattern & 0x7c00) !== 0x7c00);
  for (let first = 0; first < finite.length; first += call.value.data.length) {
    const { data } = call.value as { data: Uint16Array };
    data.set(finite.subarray(first, first + data.length));
    const { out } = await run(call);
    expect([...out].every((value, at) => value === fromHalf(data[at]!))).toBe(true);
  }
});

const SHAPES = [
  [1, 1],
  [17, 17],
  [33, 70],
  [0, 4],
] as const;

describe.each(Object.entries(features))("%s", (_, text) => {
  const attention = attentionOf(text);

  onDevice("agrees on ragged shapes, with lengths and starts of each batch", async () => {
    for (const [queries, keys] of SHAPES)
      await expectAgreement(halved(callOf(attention, { shape: { queries, keys } })));
    const shape = { batch: 3, queries: 34, keys: 65 };
    await expectAgreement(halved(callOf(attention, { shape, keyLengths: [65, 6, 0], queryStart: [-2, 0, 12] })));
  });
});

onDevice("rows of ±65504 are finite and right", async () => {
  const call = halved(
    callOf(attentionOf("attention t { mask q - k < 5 and k <= q }"), { shape: { queries: 40, keys: 40 } }),
  );
  for (const { data } of [call.query, call.key, call.value]) {
    for (let at = 0; at < data.length; at++) data[at] = at % 3 === 0 ? 0x7bff : 0xfbff;
  }
  await expectAgreement(call);
  expect((await run(call)).out.every(Number.isFinite)).toBe(true);
});

onDevice(
  "a result beyond the largest half is an infinity, and its neighbours in the word are not touched",
  async () => {
    const call = halved(
      callOf(attentionOf("attention t { weight p * 3.0 }"), { shape: { queries: 5, keys: 1, valueDim: 3 } }),
    );
    const { data } = call.value;
    for (let at = 0; at < data.length; at++) data[at] = toHalf([30000, 1, -30000][at % 3]!);
    const { out } = await run(call);
    expect([...out.slice(0, 6)]).toEqual([Infinity, 3, -Infinity, Infinity, 3, -Infinity]);
    await expectAgreement(call);
  },
);
