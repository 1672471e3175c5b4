import { describe, expect, test } from "vitest";
import { BlockFact, letterOf } from "../../../src/analysis/block-fact.ts";
import { classify, type Positions } from "../../../src/analysis/classify.ts";
import type { Environment } from "../../../src/analysis/interval.ts";
import { promisesOf } from "../../../src/analysis/promises.ts";
import { ANY_INT, intRange, rangeOf } from "../../../src/analysis/range.ts";
import { evaluator, startPoint } from "../../../src/ir/evaluate.ts";
import type { AttentionIr } from "../../../src/ir/expr.ts";
import { lowerAttention } from "../../../src/ir/lower.ts";
import { optimize } from "../../../src/passes/index.ts";
import { attentionOf } from "../../check.ts";

const QUERIES = 96;
const KEYS = 130;
const START = KEYS - QUERIES;

const irOf = (mask: string, params = "") =>
  optimize(lowerAttention(attentionOf(`attention t${params} { mask ${mask} }`), { consts: {} }));

type Params = Readonly<Record<string, number>>;

/** One head of one call: all but the pair is known. */
function environmentOf(params: Params): Environment {
  return {
    coord: (axis) => (axis === "query" || axis === "key" ? ANY_INT : intRange(0, 0)),
    extent: (name) => intRange(extents[name as keyof typeof extents], extents[name as keyof typeof extents]),
    param: (name) => rangeOf("int", params[name]!),
    load: () => ANY_INT,
  };
}
const extents = { keys: KEYS, queries: QUERIES, queryStart: START };

function blocks(total: number, tile: number, first = 0): readonly Positions[] {
  return Array.from({ length: Math.ceil(total / tile) }, (_, index) => ({
    first: first + index * tile,
    last: first + Math.min((index + 1) * tile, total) - 1,
  }));
}

/** Block strings as classified, and as they truly are. */
function blockStrings({ mask }: AttentionIr, params: Params, tile: { queries: number; keys: number }) {
  const visible = evaluator(mask, "decide", {
    extent: (name) => extents[name as keyof typeof extents],
    param: (name) => params[name]!,
    load: () => 0,
  });
  const point = startPoint();
  const truth = (query: Positions, key: Positions) => {
    let fact: number = BlockFact.never;
    for (point.query = query.first; point.query <= query.last; point.query++) {
      for (point.key = key.first; point.key <= key.last; point.key++) {
        fact |= visible(point) ? BlockFact.full : BlockFact.empty;
      }
    }
    return fact as BlockFact;
  };
  const picture = (factOf: (query: Positions, key: Positions) => BlockFact) =>
    blocks(QUERIES, tile.queries, START).map((query) =>
      blocks(KEYS, tile.keys)
        .map((key) => letterOf(factOf(query, key)))
        .join(""),
    );
  const environment = environmentOf(params);
  return {
    classified: picture((query, key) => classify(mask, { query, key }, environment)),
    truly: picture(truth),
  };
}

/** Masks of which every block that is truly empty or full is found. */
const exact: readonly (readonly [string, string, Params])[] = [
  ["q >= k", "", {}],
  ["0 <= q - k < w", "(w: int)", { w: 20 }],
  ["abs(q - k) <= r", "(r: int)", { r: 17 }],
  ["-5 <= q - k and q - k <= 30", "", {}],
  ["k < n or q >= k", "(n: int)", { n: 40 }],
  ["q >= k and (k < 4 or q - k < w)", "(w: int)", { w: 33 }],
  ["k < g or q < g", "(g: int)", { g: 37 }],
  ["k // size <= q // size", "(size: int)", { size: 24 }],
  ["k // 16 <= q // 16", "", {}],
  ["not (q < k)", "", {}],
  ["q + w > k + w", "(w: int)", { w: 1000 }],
  ["k <= min(q, len(key) - 50)", "", {}],
  ["max(q - k, k - q) < 9", "", {}],
  ["if k < 20 then true else q - k < 8 and q >= k", "", {}],
  ["clamp(q - 8, 0, len(key) - 17) <= k and k < clamp(q - 8, 0, len(key) - 17) + 17", "", {}],
  ["(q ^ 0) >> 1 >= k << 1", "", {}],
  // Terms that jump inside a tile: it is cut there.
  ["(q % 50) // 9 == (k % 50) // 9 and (q < 50) == (k < 50)", "", {}],
  ["abs(q // 23 - k // 23) <= 1 and abs(q % 23 - k % 23) <= 3", "", {}],
  ["q % d == k % d and abs(q // d - k // d) <= 2", "(d: int)", { d: 3 }],
  ["0 <= q - k < w * d and (q - k) % d == 0", "(w: int, d: int)", { w: 7, d: 5 }],
  ["(k & 31) < 9 and (q >> 4) % 2 == 0", "", {}],
  ["abs(q - k) <= 9 or q % 64 < 3 or k == 77", "", {}],
];

describe("the blocks of a mask", () => {
  test.each(exact)("%s", (mask, params, values) => {
    for (const tile of [
      { queries: 64, keys: 64 },
      { queries: 16, keys: 32 },
      { queries: 5, keys: 3 },
    ]) {
      const { classified, truly } = blockStrings(irOf(mask, params), values, tile);
      expect(classified).toEqual(truly);
    }
  });

  test("a causal mask, as a picture", () => {
    const { classified } = blockStrings(irOf("q >= k"), {}, { queries: 16, keys: 16 });
    expect(classified).toEqual(["ffppeeeee", "fffppeeee", "ffffppeee", "fffffppee", "ffffffppe", "fffffffpp"]);
  });

  test("a block without pairs has no fact but the one of nothing", () => {
    const nothing = { query: { first: 3, last: 2 }, key: { first: 0, last: 9 } };
    expect(classify(irOf("q >= k").mask, nothing, environmentOf({}))).toBe(BlockFact.never);
  });

  test("without a call, promises decide", () => {
    const attention = irOf("k < n or doc[k] >= 0", "(n: int in 64.., doc: i32[key])");
    const fact = (first: number) =>
      classify(
        attention.mask,
        { query: { first: 0, last: 9 }, key: { first, last: first + 9 } },
        promisesOf(attention),
      );
    expect(fact(0)).toBe(BlockFact.full);
    expect(fact(60)).toBe(BlockFact.partial);
  });

  test("what may wrap around is not proved", () => {
    const { mask } = irOf("q + n >= k", "(n: int)");
    const environment: Environment = { ...environmentOf({}), param: () => ANY_INT };
    const near = { query: { first: 100, last: 110 }, key: { first: 0, last: 9 } };
    expect(classify(mask, near, environment)).toBe(BlockFact.partial);
    expect(classify(mask, near, environmentOf({ n: 2 ** 31 - 1 }))).toBe(BlockFact.empty);
  });
});
