// Blocks that a call chooses, rule by rule: ragged and empty calls, lengths and starts of each batch, more blocks than a
// workgroup has threads, views; and that what is not chosen is not touched.

import { afterAll, describe, expect } from "vitest";
import { libraryFor } from "../../src/backend/simt/library.ts";
import { WGSL } from "../../src/backend/wgsl/dialect.ts";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { attend } from "../../src/reference/attention.ts";
import type { Case } from "../../src/spec/case.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";
import { selections } from "../unit/execute/selections.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";
import { compute } from "./compute.ts";
import { guardBuffers } from "./guards.ts";
import { asHalves, expectAgreementOnViews, expectClose } from "./steps.ts";

afterAll(closeAdapter);

async function expectAgreement(call: Case): Promise<void> {
  const [found, wanted] = [await wgslRunner(device!, "a device").run(call), attend(call)];
  expectClose(found.out, wanted.out, found.rounded ? 2 ** -11 : 0);
  if (found.lse) expectClose(found.lse, wanted.lse!);
}

const SHAPES = [
  [1, 1],
  [33, 70],
  [40, 40],
  [70, 33],
  [0, 4],
  [4, 0],
  [1, 300],
] as const;

describe.each(Object.entries(selections))("%s", (_, text) => {
  const attention = attentionOf(text);

  onDevice("agrees, and nothing is written out of bounds", async () => {
    const create = device!.createBuffer;
    const guards = guardBuffers(device!);
    for (const [queries, keys] of SHAPES) await expectAgreement(callOf(attention, { shape: { queries, keys } }));
    const shape = { batch: 3, queries: 34, keys: 65 };
    await expectAgreement(callOf(attention, { shape, keyLengths: [65, 6, 0], queryStart: [-2, 0, 12] }));
    expect(await guards.touched()).toEqual([]);
    device!.createBuffer = create;
  });
});

onDevice("halves are summed as what they mean, where two rows share a word too", async () => {
  for (const name of ["the best", "a mass", "two choices"]) {
    const shape = { queries: 37, keys: 61 };
    const call = callOf(attentionOf(selections[name]!), { shape, keyLengths: [61, 20] });
    const [query, key, value] = [asHalves(call.query), asHalves(call.key), asHalves(call.value)];
    await expectAgreement({ ...call, query, key, value });
  }
});

onDevice("more blocks than a workgroup has threads", async () => {
  const shape = { batch: 1, heads: 2, kvHeads: 1, queries: 20, keys: 700 };
  for (const name of ["the best", "a share, rounded up, of all heads", "the mass before the crossing, or nothing"]) {
    await expectAgreement(callOf(attentionOf(selections[name]!), { shape }));
  }
  const pairs = attentionOf(selections["a block of every row and key"]!);
  await expectAgreement(callOf(pairs, { shape: { ...shape, keys: 200 } }));
});

onDevice("amounts at the ends of their range, and beyond", async () => {
  const shape = { queries: 40, keys: 40 };
  const calls = [
    ["the best", "n", [0, 1, 100]],
    ["a share, rounded down", "r", [0, 1]],
    ["a share, rounded up, of all heads", "r", [0, 1e-6, 1]],
    ["a mass", "part", [0, 1, 1.5]],
    ["the mass before the crossing, or nothing", "part", [0, 1, 1.5]],
    ["some are no candidates, some are forced", "n", [0, 1, 100]],
  ] as const;
  for (const [name, param, values] of calls) {
    const attention = attentionOf(selections[name]!);
    for (const value of values) await expectAgreement(callOf(attention, { shape, params: { [param]: value } }));
  }
});

onDevice("views with offsets and strides", () => expectAgreementOnViews(attentionOf(selections["the best"]!)));

onDevice("blocks that are not chosen are not visited: a NaN in their values shows nowhere", async () => {
  // A tile that is visited multiplies hidden values by 0, which a NaN survives.
  const attention = attentionOf(`
sparsity best { blocks 64 x 64 score dot(mean[query] Q, mean[key] K) keep top 1 }
attention t { sparsity best }`);
  const call = callOf(attention, { shape: { batch: 1, heads: 2, kvHeads: 1, queries: 130, keys: 300 } });
  const [query, key, value] = [call.query, call.key, call.value].map(({ data }) => data as Float32Array);
  query!.fill(1);
  // The block of keys from 128 on is the best one for every row.
  const isBest = (at: number, width: number) => Math.floor(at / width / 64) === 2;
  for (let at = 0; at < key!.length; at++) key![at] = isBest(at, 3) ? 1 + (at % 5) : -1;
  const finite = attend(call).out;
  for (let at = 0; at < value!.length; at++) if (!isBest(at, 5)) value![at] = Number.NaN;
  const { out } = await wgslRunner(device!, "a device").run(call);
  expectClose(out, finite);
});

onDevice("shares in millionths are exact", async () => {
  const ratios = [0, 1e-6, 0.1, 0.25, 0.333333, 0.5, 0.7, 0.999999, 1];
  const counts = [0, 1, 2, 3, 7, 10, 64, 999, 1000, 123_457, 4_000_000];
  const rests = [0, 500_000, 999_999];
  const given = ratios.flatMap((ratio) => counts.flatMap((count) => rests.map((rest) => ({ ratio, count, rest }))));
  const main = `
@group(0) @binding(0) var<storage, read> given: array<u32>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3u) {
  let word = 3 * at.x;
  if (at.x < ${given.length}u) { found[at.x] = u32(share_of(bitcast<f32>(given[word]), i32(given[word + 1]), given[word + 2])); }
}`;
  const bits = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0]!;
  const words = Uint32Array.from(given.flatMap(({ ratio, count, rest }) => [bits(ratio), count, rest]));
  const found = await compute(device!, [main, ...libraryFor([main], WGSL)].join("\n"), words);
  const wanted = given.map(({ ratio, count, rest }) =>
    Math.floor((Math.round(Math.fround(ratio) * 1e6) * count + rest) / 1e6),
  );
  expect([...found.subarray(0, given.length)]).toEqual(wanted);
});
