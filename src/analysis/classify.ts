// What is known about a mask on a rectangle of queries × keys: false everywhere, true everywhere, or not proved. Sound by
// construction: every step of the evaluation on ranges holds all values that can occur, and where nothing is proved of the
// rectangle it is cut in parts that together are the whole. Facts speak of the pairs that the rectangle holds; the ragged
// edge of a tile is the caller's to cut off.

import type { Expr } from "../ir/expr.ts";
import { BlockFact, join } from "./block-fact.ts";
import { type Block, cut } from "./cut.ts";
import { type Environment, rangesIn } from "./interval.ts";
import { type BoolRange, intRange, type Range } from "./range.ts";

/** Token positions from `first` to `last`, both included; none where `last` is smaller. */
export type Positions = { readonly first: number; readonly last: number };

/** A block of pairs of one (batch, head). */
export type Rectangle = { readonly query: Positions; readonly key: Positions };

/** Parts that are looked at before a rectangle is given up. A grid with a few rows to a tile, dilated, needs about half. */
const MOST_PARTS = 256;

/** The fact about the mask on the rectangle.
 *  @param environment what everything but `query` and `key` may be: exact for one head of one call, ranges otherwise */
export function classify(mask: Expr, { query, key }: Rectangle, environment: Environment): BlockFact {
  if (query.last < query.first || key.last < key.first) return BlockFact.never;
  const whole = { query: intRange(query.first, query.last), key: intRange(key.first, key.last) };
  const waiting: Block[] = [whole];
  let fact: BlockFact = BlockFact.never;
  for (let looked = 0; waiting.length > 0; looked++) {
    const block = waiting.pop()!;
    const ranges = rangesOn(block, mask, environment);
    const own = (ranges.get(mask) as BoolRange).fact;
    const parts =
      own === BlockFact.partial && looked < MOST_PARTS ? cutIn(mask, block, ranges, environment) : undefined;
    if (parts) waiting.push(...parts.toReversed());
    else fact = join(fact, own);
    if (fact === BlockFact.partial) break;
  }
  return fact;
}

function cutIn(mask: Expr, block: Block, ranges: ReadonlyMap<Expr, Range>, environment: Environment) {
  return cut(mask, block, (part, expr) =>
    part === block ? ranges.get(expr)! : rangesOn(part, expr, environment).get(expr)!,
  );
}

function rangesOn(block: Block, root: Expr, environment: Environment): ReadonlyMap<Expr, Range> {
  const coord: Environment["coord"] = (axis) =>
    axis === "query" || axis === "key" ? block[axis] : environment.coord(axis);
  return rangesIn([root], { ...environment, coord });
}
