// Every example and every entry of the standard library on a device, over settings of the quick sweep with one pair of dims
// each, so that one pipeline serves them all.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { STD_NAMES } from "../../src/diagnostics/std-names.ts";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import type { Attention } from "../../src/spec/spec.ts";
import { verifyAttention } from "../../src/verify/verify.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { attentionOf, expectClean } from "../check.ts";
import { ORDERS_AND_SPARSITIES } from "../unit/std/not-masks.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";

afterAll(closeAdapter);

/** One setting in so many is run. */
const SLICES = 8;

async function verify(attention: Attention, place: number): Promise<void> {
  const only = (index: number) => index % SLICES === place % SLICES;
  const extents = { dim: 9, value_dim: 11 };
  const runners = [wgslRunner(device!, "a device")];
  const options = { sweep: "quick", seed: 1, params: {}, runners, accuracy: webgpu.errorUlps, only, extents } as const;
  let ran = 0;
  for await (const outcome of verifyAttention(attention, options)) {
    if (outcome.kind !== "ran") continue;
    const { firstWrong, levels } = outcome.report;
    expect(firstWrong, JSON.stringify({ setting: outcome.setting, levels }, null, 1)).toBeUndefined();
    ran += 1;
  }
  expect(ran).toBeGreaterThan(2);
}

const folder = new URL("../../examples/", import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));
const examples = files.flatMap((file) =>
  expectClean(readFileSync(join(folder, file), "utf8")).attentions.map(
    (each) => [`${file}#${each.name.text}`, each] as const,
  ),
);

describe("examples", () => {
  for (const [place, [name, attention]] of examples.entries()) onDevice(name, () => verify(attention, place));
});

/** A use of each entry. */
const uses: Readonly<Record<string, string>> = {
  alibi: "attention t(slope: f32[head]) { score alibi(slope) }",
  alibi_slope: "attention t { score s + alibi_slope(h, len(head)) * (k - q) }",
  block_causal: "attention t { mask block_causal(5) }",
  causal: "attention t { mask causal }",
  dilated: "attention t { mask dilated(9, 2) }",
  document: "attention t(doc: i32[batch, token] sorted) { mask document(doc) and causal }",
  global_tokens: "attention t { mask global_tokens(3) or local(4, 4) }",
  keep: "attention t { weight p * keep(0.2, 7, b, h, q, k) }",
  local: "attention t { mask local(4, 2) }",
  neighborhood:
    "attention t { grid (y: 5, x: 7) mask neighborhood(q.y, k.y, 5, 3, 1) and neighborhood(q.x, k.x, 7, 3, 2) }",
  neighborhood_causal: "attention t { grid (y: 5) mask neighborhood_causal(q.y, k.y, 5, 3, 1) }",
  neighborhood_strided: "attention t { grid (y: 5) mask neighborhood_strided(q.y, k.y, 5, 3, 1, 2) }",
  prefix_lm: "attention t { mask prefix_lm(6) }",
  relative_bias: "attention t(table: f32[head, n]) { score relative_bias(table) }",
  sinks: "attention t { mask sinks(2) or sliding_window(8) }",
  sliding_window: "attention t { mask sliding_window(20) }",
  softcap: "attention t { score softcap(15.0) }",
};

describe("the standard library", () => {
  test("has a use of each entry here", () => {
    expect([...Object.keys(uses), ...ORDERS_AND_SPARSITIES].toSorted()).toEqual(STD_NAMES);
  });

  for (const [place, [name, text]] of Object.entries(uses).entries()) {
    const imported = STD_NAMES.filter((each) => new RegExp(`\\b${each}\\b`).test(text));
    onDevice(name, () => verify(attentionOf(`import { ${imported.join(", ")} } from "std"\n${text}`), place));
  }
});

describe("captured halves, read where they lie", () => {
  const texts = {
    "of every pair": "attention a(bias: f16[head, query, key]) { score s + bias[q, k] }",
    "summed up along a tile": "attention a(gate: f16[batch, token] in 0.0..1.0) { mask gate[k] < 0.3 }",
  };
  for (const [place, [name, text]] of Object.entries(texts).entries()) {
    onDevice(name, () => verify(attentionOf(text), place));
  }
});
