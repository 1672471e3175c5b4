// What `explain` says of a sparsity: the choice itself where the rows are given, and bounds that hold for any rows elsewhere.

import { describe, expect, test } from "vitest";
import { type Choices, choicesOf } from "../../../src/cli/explain/choices.ts";
import { choiceTensors } from "../../../src/cli/mask-reads.ts";
import { sightOf } from "../../../src/reference/sight.ts";
import type { Case } from "../../../src/spec/case.ts";
import { makeTensor, zeros } from "../../../src/tensors/elements.ts";
import { specOf } from "../../check.ts";
import { selections } from "../execute/selections.ts";

const HEADS = 4;
const [QUERIES, KEYS] = [45, 50];

function callOf(text: string, seed = 1): Case {
  const attention = specOf(text).attentions.at(-1)!;
  const params = Object.fromEntries(attention.params.map(({ name, default: known }) => [name, known!]));
  const draw = (place: number) => Math.sin(place * 12.9898 + seed * 78.233) * 2;
  const rows = (heads: number, count: number) =>
    makeTensor(
      "f32",
      [1, heads, count, 8],
      Array.from({ length: heads * count * 8 }, (_, at) => draw(at + heads)),
    );
  const tensors = attention.tensors.map(({ name }) => {
    const groups = Array.from({ length: KEYS }, (_, at) => Math.floor(at / 11));
    return [name, makeTensor("i32", [1, KEYS], groups)] as const;
  });
  return {
    attention,
    shape: { batch: 1, heads: HEADS, kvHeads: 2, queries: QUERIES, keys: KEYS, dim: 8, valueDim: 8, axes: {} },
    params,
    tensors: Object.fromEntries(tensors),
    query: rows(HEADS, QUERIES),
    key: rows(2, KEYS),
    value: zeros("f32", [1, 2, KEYS, 8]),
  };
}

/** Pairs that the reference sees, pairs of blocks that all sparsities choose, and blocks of the first sparsity. */
function countedOf(call: Case) {
  const sight = sightOf(call);
  let pairs = 0;
  let blocks = 0;
  let chosen = 0;
  for (let head = 0; head < HEADS; head++) {
    blocks += sight.selections[0]!(0, head).chosen.flat().filter(Boolean).length;
    for (let row = 0; row < QUERIES; row++) {
      for (let key = 0; key < KEYS; key++) {
        pairs += Number(sight.sees(0, head, row, key));
        const isChosen = sight.selections.every((choose) => {
          const { rows, keys, chosen: grid } = choose(0, head);
          return grid[rows.findIndex((each) => each.includes(row))]![keys.findIndex((each) => each.includes(key))];
        });
        chosen += Number(isChosen);
      }
    }
  }
  return { pairs, blocks, chosen };
}

const SHARED = `
sparsity some(n: int in 0..) { blocks 8 x 8 score dot(mean[query] Q, mean[key] K) share HOW group keep top n always i == j }
attention t(n: int in 0.. = 2) { mask k <= q sparsity some(n) }`;
const texts = {
  ...selections,
  "choices united": SHARED.replace("HOW", "any"),
  "choices intersected": SHARED.replace("HOW", "all"),
  "over all":
    "sparsity best { blocks 8 x 8 score dot(sum[query] Q, sum[key] K) keep top 9 over all } attention t { sparsity best }",
};

describe.for(Object.entries(texts))("%s", ([, text]) => {
  test("with rows, the choice is counted", () => {
    const call = callOf(text);
    const { pairs, blocks, chosen } = countedOf(call);
    const { sparsities, visiblePairs, blockPairs } = choicesOf(call, true)!;
    expect(visiblePairs).toEqual({ least: pairs, most: pairs });
    expect(blockPairs).toEqual({ least: chosen, most: chosen });
    expect(sparsities[0]!.chosen).toEqual({ least: blocks, most: blocks });
    expect(sparsities[0]!.candidates).toBeLessThanOrEqual(sparsities[0]!.blocks);
  });

  test("without them, bounds hold of any", () => {
    const bounds = choicesOf(callOf(text), false)!;
    for (const seed of [1, 2, 3]) {
      const { pairs, blocks, chosen } = countedOf(callOf(text, seed));
      expectWithin(pairs, bounds.visiblePairs);
      expectWithin(chosen, bounds.blockPairs);
      expectWithin(blocks, bounds.sparsities[0]!.chosen);
    }
  });
});

function expectWithin(count: number, { least, most }: Choices["visiblePairs"]): void {
  expect(count).toBeGreaterThanOrEqual(least);
  expect(count).toBeLessThanOrEqual(most);
}

test("bounds are tight where the budget alone decides", () => {
  // 6 rows of blocks: of 7 key blocks each, three are kept, and 8 x 8 pairs are the most that a block has.
  const { sparsities, visiblePairs } = choicesOf(
    callOf(
      "sparsity best { blocks 8 x 8 score dot(sum[query] Q, sum[key] K) keep top 3 } attention t { sparsity best }",
    ),
    false,
  )!;
  expect(sparsities[0]).toMatchObject({ candidates: 42 * HEADS, candidatesOfLine: { least: 7, most: 7 } });
  expect(sparsities[0]!.chosen).toEqual({ least: 18 * HEADS, most: 18 * HEADS });
  // The last block of keys has 2: at the least it and two others are kept.
  expect(visiblePairs).toEqual({ least: QUERIES * 18 * HEADS, most: QUERIES * 24 * HEADS });
});

test("a map that is too large is not counted", () => {
  const call = callOf("sparsity best { blocks 8 x 8 keep where i == j } attention t { sparsity best }");
  expect(choicesOf({ ...call, shape: { ...call.shape, queries: 4096, keys: 4096 } }, false)).toBeUndefined();
});

test("what scores read of captured tensors is asked for with the rows, and not without", () => {
  const call = callOf(`
    sparsity best(sampled: i32[batch, token]) { blocks 8 x 8 score max[query] max[key: where sampled[k] > 0] s keep top 3 }
    attention t(sampled: i32[batch, token]) { sparsity best(sampled) }`);
  expect(choiceTensors(call.attention).map(({ name }) => name)).toEqual(["sampled"]);
  expect(choicesOf({ ...call, tensors: {} }, false)).toEqual(choicesOf(call, false));
});
