// A block that is called empty holds no visible pair, one that is called full no invisible one: random masks on random
// rectangles against brute force. And the classifier has to earn its keep: it must find enough of the blocks that are
// truly empty or full, or this test fails too.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allows, BlockFact } from "../../src/analysis/block-fact.ts";
import { classify, type Rectangle } from "../../src/analysis/classify.ts";
import type { Environment } from "../../src/analysis/interval.ts";
import { join, type Range, rangeOf } from "../../src/analysis/range.ts";
import { evaluator, type Point } from "../../src/ir/evaluate.ts";
import type { Expr } from "../../src/ir/expr.ts";
import { printExpr } from "../../src/ir/print.ts";
import { nodes } from "../../src/ir/walk.ts";
import { OP_NAMES } from "../../src/ops/index.ts";
import {
  anyExpr,
  anyFixed,
  anyPoint,
  bindingsOf,
  environmentAround,
  type Fixed,
  TENSOR_LENGTH,
  typeOfTensor,
} from "./expressions.ts";

const anyRectangle: fc.Arbitrary<Rectangle> = fc
  .tuple(
    fc.integer({ min: -6, max: 40 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 1, max: 12 }),
  )
  .map(([query, queries, key, keys]) => ({
    query: { first: query, last: query + queries - 1 },
    key: { first: key, last: key + keys - 1 },
  }));

/** The truth by evaluating every pair. */
function bruteForce(mask: Expr, rectangle: Rectangle, fixed: Fixed, point: Point): BlockFact {
  const visible = evaluator(mask, "decide", bindingsOf(fixed));
  let fact: number = BlockFact.never;
  for (let query = rectangle.query.first; query <= rectangle.query.last; query++) {
    for (let key = rectangle.key.first; key <= rectangle.key.last; key++) {
      fact |= visible({ ...point, query, key }) ? BlockFact.full : BlockFact.empty;
    }
  }
  return fact as BlockFact;
}

/** What one head of one call knows: everything but the pair, and the smallest and largest element of each region. */
function environmentOf(fixed: Fixed, point: Point, slack: number): Environment {
  const environment = environmentAround(fixed, point, slack);
  return {
    ...environment,
    load(name, [index]) {
      if (slack > 0) return environment.load(name, [index!]);
      const inside = (at: number) => Math.max(0, Math.min(at, TENSOR_LENGTH - 1));
      const elements = fixed.tensors[name]!.slice(inside(index!.low), inside(index!.high) + 1);
      return elements.map((element): Range => rangeOf(typeOfTensor(name), element)).reduce(join);
    },
  };
}

describe("block facts", () => {
  test("are never wrong, and found often", () => {
    const found = { empty: 0, full: 0 };
    const truly = { empty: 0, full: 0, partial: 0 };
    const seen = new Set<string>();
    const law = fc.property(
      anyExpr("bool", 5),
      anyRectangle,
      anyFixed,
      anyPoint,
      fc.constantFrom(0, 0, 0, 2),
      (mask, rectangle, fixed, point, slack) => {
        const truth = bruteForce(mask, rectangle, fixed, point);
        const environment = environmentOf(fixed, point, slack);
        for (const expr of nodes(mask)) if (expr.kind === "op") seen.add(expr.op);
        const fact = classify(mask, rectangle, environment);
        const holds = (truth & ~fact) === 0;
        expect(holds, `called ${fact}, is ${truth}\n${printExpr(mask)}\n${JSON.stringify(rectangle)}`).toBe(true);
        if (slack > 0) return;
        if (truth === BlockFact.partial) truly.partial += 1;
        else {
          const kind = allows(truth, true) ? "full" : "empty";
          truly[kind] += 1;
          if (fact === truth) found[kind] += 1;
        }
      },
    );
    fc.assert(law, { numRuns: 5000 });
    const shares = { empty: found.empty / truly.empty, full: found.full / truly.full };
    expect(Math.min(...Object.values(truly))).toBeGreaterThan(500);
    // Half of these masks are full of NaN, overflow and hashes; on masks that people write nearly all are found.
    expect(Math.min(...Object.values(shares))).toBeGreaterThan(0.4);
    expect([...seen].sort()).toEqual([...OP_NAMES].sort());
  });
});
