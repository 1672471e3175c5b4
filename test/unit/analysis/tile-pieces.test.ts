// What is proved of a tile by looking at its parts, and at alternatives together.

import { expect, test } from "vitest";
import { promisesOf } from "../../../src/analysis/promises.ts";
import type { BoolBounds } from "../../../src/analysis/tile/bounds.ts";
import { tileBounds } from "../../../src/analysis/tile/evaluate.ts";
import { inPieces } from "../../../src/analysis/tile/pieces.ts";
import { withUnions } from "../../../src/analysis/tile/unions.ts";
import { evaluator, startPoint } from "../../../src/ir/evaluate.ts";
import type { Expr } from "../../../src/ir/expr.ts";
import { coord, int, op } from "../../../src/ir/make.ts";
import { attentionIr } from "../schedule/attention.ts";

const [q, k] = [coord("query"), coord("key")];
const promises = promisesOf(attentionIr());
const factsOf = (mask: Expr) => tileBounds(mask, promises).bounds(mask) as BoolBounds;

/** The value of a fact on the tile of these first and last positions. */
function on(fact: Expr, query: readonly [number, number], key: readonly [number, number]) {
  const point = startPoint();
  const names = { firstQuery: query[0], lastQuery: query[1], firstKey: key[0], lastKey: key[1] };
  Object.assign(point.locals.decide, names);
  const bindings = { extent: () => 1000, param: () => 0, load: () => 0 };
  return evaluator(fact, "decide", bindings)(point);
}

test("in front of, between and behind the seams of a remainder nothing is lost", () => {
  // Columns 12 ‥ 14 of rows of 15: keys 12 ‥ 14, 27 ‥ 29 and so on.
  const late = op("ge", op("floorMod", k, int(15)), int(12));
  const early = op("lt", op("floorMod", k, int(15)), int(14));
  const mask = op("and", late, op("ge", q, int(0)));
  const whole = factsOf(op("and", mask, early));
  const pieces = inPieces(op("and", mask, early), whole);
  const none: readonly [number, number] = [14, 26];
  expect([on(whole.may, [0, 3], none), on(pieces.may, [0, 3], none)]).toEqual([true, false]);
  expect(on(pieces.may, [0, 3], [14, 27])).toBe(true);
  expect(on(pieces.must, [0, 3], [12, 13])).toBe(true);
});

test("a mask without a period stays whole", () => {
  const mask = op("ge", q, k);
  const facts = factsOf(mask);
  expect(inPieces(mask, facts)).toBe(facts);
});

test("two alternatives hold everywhere although neither does", () => {
  const [a, b] = [op("floorDiv", q, int(4)), op("floorDiv", k, int(4))];
  const mask = op("or", op("eq", a, b), op("gt", a, b));
  const must = (of: Expr) => on((factsOf(of) as BoolBounds).must, [8, 15], [8, 11]);
  expect([must(mask), must(withUnions(mask))]).toEqual([false, true]);
});

test("what stands beside the alternatives binds what they imply", () => {
  const [a, b] = [op("floorDiv", q, int(4)), op("floorDiv", k, int(4))];
  const even = op("eq", op("bitAnd", k, int(1)), int(0));
  const mask = op("or", op("and", op("eq", a, b), even), op("gt", a, b));
  expect(on((factsOf(withUnions(mask)) as BoolBounds).must, [8, 15], [8, 11])).toBe(false);
});
