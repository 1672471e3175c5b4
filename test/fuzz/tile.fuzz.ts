// The facts that kernels compute for a tile, against brute force: a tile that is said to hold nothing holds nothing, one
// that is said to be full is full, and every visible key lies in one of the runs. Bounds are evaluated as a kernel would,
// from the corners of the tile. They must also be worth their name: most tiles that are truly empty or full are found.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { promisesOf } from "../../src/analysis/promises.ts";
import { TILE } from "../../src/analysis/tile/bounds.ts";
import { NO_SUMMARIES, tileBounds } from "../../src/analysis/tile/evaluate.ts";
import type { Run } from "../../src/analysis/tile/run-sets.ts";
import { keyRuns } from "../../src/analysis/tile/runs.ts";
import { evaluator, type Point } from "../../src/ir/evaluate.ts";
import type { AttentionIr, Expr } from "../../src/ir/expr.ts";
import { coord, int, op, param } from "../../src/ir/make.ts";
import { printExpr } from "../../src/ir/print.ts";
import type { OpName } from "../../src/ops/index.ts";
import type { Value } from "../../src/ops/op.ts";
import { anyExpr, anyFixed, anyPoint, bindingsOf, declarations, type Fixed } from "./expressions.ts";

const [q, k] = [coord("query"), coord("key")];
const promises = promisesOf({ ...declarations, selections: [] } as unknown as AttentionIr);

type Tile = { readonly query: readonly [number, number]; readonly key: readonly [number, number] };

const anyTile: fc.Arbitrary<Tile> = fc
  .tuple(
    fc.integer({ min: -6, max: 60 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 1, max: 12 }),
  )
  .map(([query, queries, key, keys]) => ({ query: [query, query + queries - 1], key: [key, key + keys - 1] }));

/** Masks as people write them: windows, blocks, residues, prefixes, in all combinations. */
const term: fc.Arbitrary<Expr> = fc.oneof(
  fc.integer({ min: -20, max: 40 }).map(int),
  fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 2 ** 30, -(2 ** 30) - 1).map(int),
  fc
    .tuple(
      fc.constantFrom<OpName>("add", "sub"),
      fc.constantFrom(q, k),
      fc.constantFrom(param("int", "m"), q, k, int(2 ** 31 - 1)),
    )
    .map(([name, left, right]) => op(name, left, right)),
  fc.constantFrom(param("int", "m"), param("int", "n"), q, k, op("sub", q, k), op("sub", k, q), op("add", q, k)),
  fc.constantFrom(op("abs", op("sub", q, k)), op("mul", q, int(2)), op("mul", q, int(-1))),
  // Divisions of divisions, as grids of tiles have them.
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: -3, max: 3 }))
    .map(([by, of, from]) => op("floorDiv", op("add", op("floorDiv", k, int(of)), int(from)), int(by))),
  fc
    .tuple(fc.constantFrom<OpName>("floorDiv", "floorMod", "min", "max", "shiftRight", "bitAnd"), fc.nat(2), fc.nat(9))
    .map(([name, which, by]) => op(name, [q, k, op("sub", q, k)][which]!, by === 9 ? param("int", "n") : int(by))),
);
const atom: fc.Arbitrary<Expr> = fc
  .tuple(fc.constantFrom<OpName>("lt", "le", "gt", "ge", "eq", "ne"), term, term)
  .map(([name, left, right]) => op(name, left, right));
const written: fc.Arbitrary<Expr> = fc
  .tuple(atom, fc.array(fc.tuple(fc.constantFrom<OpName>("and", "or", "and"), atom, fc.boolean()), { maxLength: 3 }))
  .map(([first, rest]) =>
    rest.reduce((mask, [name, next, negated]) => op(name, mask, negated ? op("not", next) : next), first),
  );
const anyMask = fc.oneof({ arbitrary: written, weight: 3 }, { arbitrary: anyExpr("bool", 4), weight: 1 });

function bruteForce(mask: Expr, tile: Tile, fixed: Fixed, at: Point): { all: boolean; keys: number[] } {
  const visible = evaluator(mask, "decide", bindingsOf(fixed));
  const keys = new Set<number>();
  let all = true;
  for (let query = tile.query[0]; query <= tile.query[1]; query++) {
    for (let key = tile.key[0]; key <= tile.key[1]; key++) {
      if (visible({ ...at, query, key })) keys.add(key);
      else all = false;
    }
  }
  return { all, keys: [...keys] };
}

/** Evaluates what a kernel would: expressions of the corners. */
function onTile(tile: Tile, fixed: Fixed, at: Point): (expr: Expr) => Value {
  const corners = Object.fromEntries([
    [name(TILE.query.low), tile.query[0]],
    [name(TILE.query.high), tile.query[1]],
    [name(TILE.key.low), tile.key[0]],
    [name(TILE.key.high), tile.key[1]],
  ]);
  const point = { ...at, locals: { decide: corners, real: corners } };
  return (expr) => evaluator(expr, "decide", bindingsOf(fixed))(point);
}
const name = (expr: Expr) => (expr.kind === "local" ? expr.name : "");

function inRun({ when, first, last }: Run, key: number, value: (expr: Expr) => Value): boolean {
  if (when && !value(when)) return false;
  return (!first || (value(first) as number) <= key) && (!last || key <= (value(last) as number));
}

describe("what a kernel computes of a tile", () => {
  const found = { empty: 0, full: 0 };
  const truly = { empty: 0, full: 0 };
  const law = fc.property(anyMask, anyTile, anyFixed, anyPoint, (mask, tile, fixed, point) => {
    const truth = bruteForce(mask, tile, fixed, point);
    const value = onTile(tile, fixed, point);
    const bounds = tileBounds(mask, promises, NO_SUMMARIES);
    const fact = bounds.bounds(mask);
    if (fact.type !== "bool") throw new Error("a mask is a condition");
    const [may, must] = [value(fact.may), value(fact.must)];
    const story = `${printExpr(mask)}\n${JSON.stringify(tile)} ${JSON.stringify(fixed.params)}`;
    if (truth.keys.length > 0) expect(may, `said to be empty: ${story}`).toBe(true);
    if (!truth.all) expect(must, `said to be full: ${story}`).toBe(false);
    const { runs } = keyRuns(mask, bounds);
    for (const key of truth.keys) {
      const covered = runs.some((run) => inRun(run, key, value));
      expect(covered, `key ${key} lies in no run: ${story}`).toBe(true);
    }
    const kind = truth.keys.length === 0 ? "empty" : truth.all ? "full" : undefined;
    if (kind) {
      truly[kind] += 1;
      if (kind === "empty" ? !may : must) found[kind] += 1;
    }
  });

  test("is never wrong", () => {
    fc.assert(law, { numRuns: 8000 });
  });

  test("finds most of what there is to find", () => {
    console.log(`tiles: ${JSON.stringify(truly)}, found ${JSON.stringify(found)}`);
    expect(found.empty / truly.empty).toBeGreaterThan(0.6);
    expect(found.full / truly.full).toBeGreaterThan(0.6);
  });
});
