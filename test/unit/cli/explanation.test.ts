// What an explanation says as data: which terms give which range, which keep the walk from having one, what is an estimate.

import { expect, test } from "vitest";
import { check } from "../../../src/check/check.ts";
import { explanationOf } from "../../../src/cli/explain/explanation.ts";
import { maskReads } from "../../../src/cli/mask-reads.ts";
import { emptyCase } from "../../../src/cli/shapes.ts";
import { withStandardLibrary } from "../../../src/std-sources.ts";
import { parseProgram } from "../../../src/syntax/program.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import type { Tensor } from "../../../src/tensors/tensor.ts";

function explain(
  text: string,
  tokens: number,
  tensors: Readonly<Record<string, Tensor>> = {},
  axes: Readonly<Record<string, number>> = {},
) {
  const { value: program, sources } = parseProgram(
    { path: "test.attn", text },
    withStandardLibrary(() => ({ missing: "no files here" })),
  );
  const attention = check(program).value.attentions[0]!;
  const shape = { batch: 1, heads: 1, kvHeads: 1, queries: tokens, keys: tokens, dim: 64, valueDim: 64, axes };
  const call = { ...emptyCase(attention, {}, shape), tensors };
  return explanationOf(call, maskReads(attention), { program, sources }).explanation!;
}

test("a range is recognised by its terms although the optimizer turns them round", () => {
  const { structure, walks } = explain("attention a { mask q >= k and (k < 4 or q - k < 100) or k < 2 }", 512);
  expect(structure).toBe("(1 and (2 or 3)) or 4");
  const [walk] = walks;
  for (const { keys, terms } of walk!.ranges) {
    expect(terms!.includes(1)).toBe(keys.includes("lastQuery"));
    expect(terms!.includes(4)).toBe(keys.includes("‥ 1"));
  }
  expect(walk!.ranges).toHaveLength(3);
});

test.each([
  ["q >= k or q >= k + 3", { "0 ‥ lastQuery": [1], "0 ‥ lastQuery - 3": [2] }],
  ["q >= k + 3 or q >= k", { "0 ‥ lastQuery": [2], "0 ‥ lastQuery - 3": [1] }],
  ["q >= k + 3 or q >= k and k < 40", { "0 ‥ lastQuery - 3": [1], "0 ‥ min(lastQuery, 39)": [2, 3] }],
])("a range that holds the ends of two is given to the terms that have all of it: %s", (mask, expected) => {
  const { walks } = explain(`attention a { mask ${mask} }`, 512);
  const sorted = (keys: string) => keys.replace("min(39, lastQuery)", "min(lastQuery, 39)");
  expect(Object.fromEntries(walks[0]!.ranges.map(({ keys, terms }) => [sorted(keys), terms]))).toEqual(expected);
});

test("an alternative without a range blocks all, a condition without one does not", () => {
  const blocked = explain("attention a { mask q >= k and q - k < 9 or random(1, q, k) < 0.5 }", 512);
  expect(blocked.walks).toEqual([expect.objectContaining({ ranges: [], blockedBy: [3] })]);
  expect(blocked.terms[2]).toMatchObject({ number: 3, keys: [], unsolved: [{ why: "it is random" }] });
  const held = explain("attention a { mask q >= k and random(1, q, k) < 0.5 }", 512);
  expect(held.walks).toEqual([
    expect.objectContaining({ ranges: [{ keys: "0 ‥ lastQuery", terms: [1] }], blockedBy: [] }),
  ]);
});

test("a term says where it stands", () => {
  const text = 'import { causal } from "std"\nattention a {\n  mask causal\n    and k < 9\n}\n';
  expect(explain(text, 512).terms).toMatchObject([
    { text: "causal", at: "test.attn:3:8", provesEmpty: true, provesFull: true },
    { text: "k < 9", at: "test.attn:4:9" },
  ]);
});

test("a small map is counted, a large one estimated and says from what", () => {
  const small = explain("attention a { mask q >= k }", 512);
  expect(small).toMatchObject({ blocks: { full: 28, empty: 28, partial: 8 }, visiblePairs: (512 * 513) / 2 });
  expect(small.visits).toEqual({ full: 28, partial: 8, skipped: 28 });
  expect(small.densityEstimate).toBeUndefined();
  const large = explain("attention a { mask q >= k }", 2 ** 20);
  expect([large.blocks, large.visiblePairs]).toEqual([undefined, undefined]);
  expect(large.visits.sample).toEqual({ queryTiles: large.densityEstimate!.queryTiles, of: 16384 });
  expect(large.density).toBeCloseTo(0.5, 2);
  expect(large.flops.visitedPairs / large.flops.allPairs).toBeCloseTo(0.5, 2);
});

test("FLOPs are those of the dense map, of visited tiles, of chosen blocks and of visible pairs", () => {
  const dims = 2 * (64 + 64);
  const causal = explain("attention a { mask q >= k }", 512);
  expect(causal.visited).toEqual({ tiles: 36 / 64, pairs: 36 / 64 });
  expect(causal.flops).toEqual({
    allPairs: dims * 512 ** 2,
    visitedPairs: dims * 36 * 64 ** 2,
    visiblePairs: (dims * 512 * 513) / 2,
  });
  const best =
    "sparsity best { blocks 64 x 64 score dot(mean[query] Q, mean[key] K) keep top 2 } attention a { mask q >= k sparsity best }";
  // The first row of blocks has one candidate.
  const pairs = dims * 15 * 64 ** 2;
  expect(explain(best, 512).flops).toEqual({ ...causal.flops, chosenPairs: { least: pairs, most: pairs } });
});

test("an order is told with what is visited without it and with it", () => {
  const text = `attention a { grid (y, x: 64) mask abs(q.y - k.y) <= 1 and abs(q.x - k.x) <= 1
permute tiles } permutation tiles { of token order by k.y // 8, k.x // 8 }`;
  const { orders, visited } = explain(text, 1024, {}, { y: 16 });
  expect(orders).toMatchObject([
    { name: "as they are", taken: false },
    { name: "tiles", taken: true },
  ]);
  expect(visited.pairs).toBe(orders![1]!.visited);
});

test("bytes saved are rows of K and V that no query tile reads", () => {
  const { keysAndValues } = explain("attention a { mask k < 64 }", 512).bytes;
  const row = 2 * 64 * 4;
  expect(keysAndValues).toEqual({ read: 8 * 64 * row, all: 8 * 512 * row, saved: 8 * 448 * row });
  const none = explain("attention a {}", 2 ** 20);
  expect(none.bytes.keysAndValues.saved).toBe(0);
  expect([none.density, none.visiblePairs, none.structure]).toEqual([1, 2 ** 40, ""]);
});

test("sorted documents have a range, others are to blame for having none", () => {
  const doc = makeTensor(
    "i32",
    [1, 512],
    Int32Array.from({ length: 512 }, (_, token) => Math.floor(token / 100)),
  );
  const sorted = explain("attention a(doc: i32[batch, token] sorted) { mask doc[q] == doc[k] }", 512, { doc });
  expect(sorted.terms[0]!.keys).toEqual([expect.stringContaining("first key where doc[b, key] >=")]);
  const others = explain("attention a(doc: i32[batch, token]) { mask doc[q] == doc[k] }", 512, { doc });
  expect(others.terms[0]!.unsolved).toEqual([
    { part: "doc[b, q] == doc[b, k]", why: expect.stringContaining("not promised to be `sorted`") },
  ]);
});
