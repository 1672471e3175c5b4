// What a walk adds up to: the same as the claims of every tile where all query tiles are walked, near it where some stand
// for all.

import { describe, expect, test } from "vitest";
import { walks } from "../../../src/execute/walk.ts";
import { countWalk } from "../../../src/execute/walk-counts.ts";
import { lowerAttention } from "../../../src/ir/lower.ts";
import { optimize } from "../../../src/passes/index.ts";
import { maskOf } from "../../../src/reference/mask.ts";
import { planProgram } from "../../../src/schedule/choose.ts";
import type { Case, Shape } from "../../../src/spec/case.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionOf } from "../../check.ts";

function prepare(text: string, extents: Partial<Shape>, rest: Partial<Case> = {}) {
  const attention = attentionOf(text);
  const program = planProgram(optimize(lowerAttention(attention, { consts: {} })), wasmSimd128, {
    dim: 8,
    valueDim: 8,
  });
  const base = { batch: 1, heads: 1, kvHeads: 1, queries: 300, keys: 300, dim: 8, valueDim: 8, axes: {} };
  const nothing = makeTensor("f32", [0], []);
  const rows = { query: nothing, key: nothing, value: nothing };
  const call: Case = { attention, shape: { ...base, ...extents }, params: {}, tensors: {}, ...rows, ...rest };
  return { program: program.value, call };
}

const every = { batch: true, head: true };
const documents = makeTensor(
  "i32",
  [2, 300],
  Int32Array.from({ length: 600 }, (_, at) => Math.floor((at % 300) / 70)),
);

describe("where every query tile is walked", () => {
  test.each([
    ["no mask", "attention a {}", {}, {}],
    ["causal", "attention a { mask q >= k }", { queries: 130 }, {}],
    ["a window per head", "attention a { mask 0 <= q - k < 20 * (h + 1) }", { heads: 3, kvHeads: 3, keys: 331 }, {}],
    ["sinks", "attention a { mask q >= k and (k < 4 or q - k < 70) }", { queries: 1, keys: 500 }, {}],
    [
      "sorted documents",
      "attention a(doc: i32[batch, token] sorted) { mask doc[q] == doc[k] }",
      { batch: 2 },
      { tensors: { doc: documents } },
    ],
    [
      "documents",
      "attention a(doc: i32[batch, token]) { mask doc[q] == doc[k] }",
      { batch: 2 },
      { tensors: { doc: documents } },
    ],
    ["lengths", "attention a { mask q >= k }", { batch: 2 }, { keyLengths: [300, 90], queryStart: [0, 0] }],
    ["no keys", "attention a { mask q >= k }", { keys: 0 }, {}],
    ["no queries", "attention a { mask q >= k }", { queries: 0 }, {}],
  ] as const)("%s: the counts are those of the claims", (_, text, extents, rest) => {
    const { program, call } = prepare(text, extents, rest as Partial<Case>);
    const counts = countWalk(program, call, every);
    const found = { full: 0, partial: 0, skipped: 0 };
    let reached = 0;
    for (const { claims } of walks(program, call)) {
      for (const claim of claims) {
        if (claim === "full" || claim === "partial") found[claim] += 1;
        reached += 1;
      }
    }
    const { batch, heads, queries, keys } = call.shape;
    const all = batch * heads * Math.ceil(queries / 64) * Math.ceil(keys / 64);
    expect(reached).toBeLessThanOrEqual(all);
    expect(counts.tiles).toEqual({ ...found, skipped: all - found.full - found.partial });
    expect(counts.walked).toBe(counts.queryTiles);
    expect(counts.pairs.full + counts.pairs.partial + counts.pairs.skipped).toBe(batch * heads * queries * keys);
  });

  test("heads that see the same are walked once", () => {
    const { program, call } = prepare("attention a { mask q >= k }", { batch: 2, heads: 4, kvHeads: 4 });
    const { walked: once, ...same } = countWalk(program, call, { batch: false, head: false });
    const { walked: eight, ...all } = countWalk(program, call, every);
    expect([once, eight]).toEqual([5, 40]);
    expect([same.tiles, same.pairs, same.keyRows]).toEqual([all.tiles, all.pairs, all.keyRows]);
  });
});

describe("where some query tiles stand for all", () => {
  test.each([
    ["attention a { mask q >= k }", 0.02],
    ["attention a { mask q >= k and (k < 70 or q - k < 900) }", 0.05],
  ])("%s: counts are near, and say of how many", (text, tolerance) => {
    const { program, call } = prepare(text, { queries: 16384, keys: 16384 });
    const exact = countWalk(program, call, every);
    const some = countWalk(program, call, every, 64);
    expect([exact.walked, exact.queryTiles, some.walked, some.queryTiles]).toEqual([256, 256, 16, 256]);
    expect(Math.abs(some.tiles.full / exact.tiles.full - 1)).toBeLessThan(tolerance);
    expect(Math.abs(some.keyRows.read / exact.keyRows.read - 1)).toBeLessThan(tolerance);
  });

  test("a million tokens are not walked one by one", () => {
    const { program, call } = prepare("attention a { mask q >= k }", { queries: 2 ** 20, keys: 2 ** 20 });
    const { walked, tiles } = countWalk(program, call, every);
    expect(walked).toBeLessThan(100);
    expect(tiles.full / 2 ** 27).toBeCloseTo(1, 2);
  });
});

test("the share of visible pairs of partial tiles is near that of all", () => {
  const { program, call } = prepare("attention a { mask (q * k) % 7 == 3 }", { queries: 1024, keys: 1024 });
  const { visibleOfPartial, pairs } = countWalk(program, call, every);
  const matrix = maskOf(call).matrix(0, 0);
  const visible = matrix.reduce((sum: number, each) => sum + each, 0);
  expect(pairs.partial).toBe(2 ** 20);
  expect(visibleOfPartial.pairs).toBe(512);
  expect(Math.abs(visibleOfPartial.share - visible / 2 ** 20)).toBeLessThan(0.05);
});
