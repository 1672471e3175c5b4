import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { promisesOf } from "../../../src/analysis/promises.ts";
import { NO_SUMMARIES } from "../../../src/analysis/tile/evaluate.ts";
import { type Bindings, evaluator, startPoint } from "../../../src/ir/evaluate.ts";
import type * as ir from "../../../src/ir/expr.ts";
import { bool, extent, int, op, param } from "../../../src/ir/make.ts";
import type { OpName } from "../../../src/ops/index.ts";
import type { Region } from "../../../src/schedule/loop.ts";
import type { Tile } from "../../../src/schedule/plan.ts";
import { chooseTraversal, corners, maskFacts, visits } from "../../../src/schedule/traversal.ts";
import { attentionIr, causal, k, q } from "./attention.ts";

const [MIN, MAX] = [-(2 ** 31), 2 ** 31 - 1];
const params: readonly ir.Param[] = [
  { name: "w", type: "int", range: {} },
  { name: "n", type: "int", range: {} },
  { name: "small", type: "int", range: { low: 0, high: 9 } },
];
const [w, n, small] = [param("int", "w"), param("int", "n"), param("int", "small")];
const environment = promisesOf(attentionIr({ params }));

type Call = {
  readonly mask: ir.Expr;
  readonly tile: Tile;
  readonly queries: number;
  readonly keys: number;
  readonly start: number;
  readonly values: Readonly<Record<string, number>>;
};

/** Per query tile, a letter per key tile: what the walk does, and what is true by looking at every pair. */
function picture({ mask, tile, queries, keys, start, values }: Call) {
  const bindings: Bindings = {
    extent: (name) => ({ keys, queries, queryStart: start })[name as string] ?? 0,
    param: (name) => values[name]!,
    load: () => 0,
  };
  const { head, queryTile, traversal } = chooseTraversal(maskFacts(mask, environment, NO_SUMMARIES), tile, new Set());
  const visible = evaluator(mask, "decide", bindings);
  const rows = { chosen: [] as string[], true: [] as string[] };
  for (let first = 0; first < queries; first += tile.queries) {
    const end = Math.min(first + tile.queries, queries);
    const point = startPoint();
    const { decide } = point.locals;
    const evaluate = (expr: ir.Expr) => evaluator(expr, "decide", bindings)(point);
    const region = ({ lets, value }: Region, locals: Record<string, number>) => {
      Object.assign(decide, locals);
      for (const each of lets) decide[each.name] = evaluate(each.value);
      return evaluate(value);
    };
    Object.assign(decide, corners(start, first, end));
    for (const { name, value } of [...head, ...queryTile]) decide[name] = evaluate(value);
    const { next, may, must } = traversal;
    const walk = visits(mask !== bool(true), { first: 0, end: keys }, tile, {
      ...(next ? { next: (nextKey: number) => region(next, { nextKey }) as number } : {}),
      ...(may ? { may: (firstKey: number, lastKey: number) => region(may, { firstKey, lastKey }) as boolean } : {}),
      ...(must ? { must: (firstKey: number, lastKey: number) => region(must, { firstKey, lastKey }) as boolean } : {}),
    });
    const letters = Array.from({ length: Math.ceil(keys / tile.keys) }, () => "e");
    let last = -1;
    for (const { firstKey, masked } of walk) {
      // In ascending order and none twice: a kernel that merges running sums relies on the second.
      expect(firstKey).toBeGreaterThan(last);
      expect(firstKey % tile.keys).toBe(0);
      letters[firstKey / tile.keys] = masked ? "p" : "f";
      last = firstKey;
    }
    rows.chosen.push(letters.join(""));
    const truth = letters.map((_, block) => {
      const pairs: unknown[] = [];
      for (let row = first; row < end; row++) {
        for (let key = block * tile.keys; key < Math.min(keys, (block + 1) * tile.keys); key++) {
          pairs.push(visible(Object.assign(point, { query: (start + row) | 0, key })));
        }
      }
      return pairs.every((pair) => pair === true) ? "f" : pairs.includes(true) ? "p" : "e";
    });
    rows.true.push(truth.join(""));
  }
  return rows;
}

describe("closed forms", () => {
  const call = { tile: { queries: 2, keys: 2 }, queries: 8, keys: 8, start: 0, values: { w: 4, n: 3, small: 2 } };
  const distance = op("sub", q, k);
  test.each<[string, ir.Expr, readonly string[]]>([
    ["causal", causal, ["peee", "fpee", "ffpe", "fffp"]],
    ["window", op("and", causal, op("lt", distance, w)), ["peee", "fpee", "pfpe", "epfp"]],
    [
      "symmetric",
      op("and", op("le", distance, small), op("le", op("neg", small), distance)),
      ["fpee", "pfpe", "epfp", "eepf"],
    ],
    ["first keys", op("lt", k, n), ["fpee", "fpee", "fpee", "fpee"]],
    ["diagonal", op("eq", q, k), ["peee", "epee", "eepe", "eeep"]],
    ["antidiagonal", op("le", op("add", q, k), int(7)), ["fffp", "ffpe", "fpee", "peee"]],
    [
      "bounded, with a term that is not linear",
      op("and", causal, op("eq", op("floorMod", k, int(2)), int(0))),
      ["peee", "ppee", "pppe", "pppp"],
    ],
    ["prefix", op("or", causal, op("lt", k, n)), ["fpee", "fpee", "ffpe", "fffp"]],
    [
      "sinks and a window",
      op("and", causal, op("or", op("lt", k, int(2)), op("lt", distance, int(2)))),
      ["peee", "fpee", "fppe", "fepp"],
    ],
    ["blocks", op("eq", op("floorDiv", k, n), op("floorDiv", q, n)), ["fpee", "pppe", "epfe", "eeef"]],
    ["dilated", op("eq", op("floorMod", distance, int(2)), int(0)), ["pppp", "pppp", "pppp", "pppp"]],
    ["no mask", bool(true), ["ffff", "ffff", "ffff", "ffff"]],
  ])("%s", (_, mask, rows) => {
    expect(picture({ ...call, mask }).chosen).toEqual(rows);
  });

  test("the ragged edge does not make a tile partial", () => {
    expect(picture({ ...call, mask: causal, keys: 7, start: 6, queries: 2 }).chosen).toEqual(["ffff"]);
  });

  test("a decode step sees the whole cache without the mask", () => {
    expect(picture({ ...call, mask: causal, queries: 1, start: 7 }).chosen).toEqual(["ffff"]);
  });

  test("positions at the end of i32 wrap around as the mask does", () => {
    expect(picture({ ...call, mask: causal, start: MAX - 3 }).chosen).toEqual(["ffff", "ffff", "eeee", "eeee"]);
  });
});

test("no tile that matters is left out, none is called full that is not", () => {
  const leaf = fc.constantFrom(q, k, w, n, small, extent("keys"), int(0), int(-1), int(3), int(MAX), int(MIN));
  const side = fc.oneof(
    { weight: 2, arbitrary: leaf },
    fc.constantFrom(
      op("sub", q, k),
      op("sub", k, q),
      op("add", q, k),
      op("neg", small),
      op("sub", op("sub", q, k), small),
    ),
    fc.tuple(fc.constantFrom<OpName>("add", "sub"), leaf, leaf).map(([name, left, right]) => op(name, left, right)),
    fc.tuple(fc.constantFrom<OpName>("floorDiv", "mul"), leaf).map(([name, value]) => op(name, value, int(2))),
  );
  const term = fc
    .tuple(fc.constantFrom<OpName>("le", "lt", "ge", "gt", "eq", "ne"), side, side)
    .map(([name, left, right]) => op(name, left, right));
  const both = (name: OpName, terms: readonly ir.Expr[]) => terms.reduce((left, right) => op(name, left, right));
  const mask = fc.oneof(
    { weight: 4, arbitrary: fc.array(term, { minLength: 1, maxLength: 3 }).map((terms) => both("and", terms)) },
    fc.array(term, { minLength: 2, maxLength: 2 }).map((terms) => both("or", terms)),
  );
  const anyInt = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: -12, max: 12 }) },
    fc.constantFrom(MIN, MIN + 1, MAX, MAX - 2, 2 ** 29, -(2 ** 29), 2 ** 30, -(2 ** 30) - 1),
    fc.integer({ min: MIN, max: MAX }),
  );
  const size = fc.integer({ min: 1, max: 5 });
  const calls: fc.Arbitrary<Call> = fc.record({
    ...{ mask, tile: fc.record({ queries: size, keys: size }) },
    ...{ queries: fc.integer({ min: 1, max: 9 }), keys: fc.nat(13), start: anyInt },
    values: fc.record({ w: anyInt, n: anyInt, small: fc.integer({ min: 0, max: 9 }) }),
  });
  const counts = { skipped: 0, unmasked: 0 };
  fc.assert(
    fc.property(calls, (call) => {
      const rows = picture(call);
      const chosen = rows.chosen.join("");
      const truth = rows.true.join("");
      for (let index = 0; index < truth.length; index++) {
        if (truth[index] !== "e" && chosen[index] === "e")
          throw new Error(`${rows.chosen} leaves out what ${rows.true} shows`);
        if (chosen[index] === "e") counts.skipped += 1;
        if (truth[index] !== "f" && chosen[index] === "f")
          throw new Error(`${rows.chosen} calls full what ${rows.true} does not`);
        if (chosen[index] === "f") counts.unmasked += 1;
      }
    }),
    { numRuns: 1200 },
  );
  // The interesting paths ran.
  expect(counts.skipped).toBeGreaterThan(100);
  expect(counts.unmasked).toBeGreaterThan(100);
});
