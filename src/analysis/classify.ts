// What is known about a mask on a rectangle of queries × keys: false everywhere, true everywhere, or not proved. Sound by
// construction: every step of the evaluation on ranges holds all values that can occur. Facts speak of the pairs that
// the rectangle holds; the ragged edge of a tile is the caller's to cut off.

import type { Expr } from "../ir/expr.ts";
import { BlockFact } from "./block-fact.ts";
import { type Environment, rangeIn } from "./interval.ts";
import { type BoolRange, intRange } from "./range.ts";

/** Token positions from `first` to `last`, both included; none where `last` is smaller. */
export type Positions = { readonly first: number; readonly last: number };

/** A block of pairs of one (batch, head). */
export type Rectangle = { readonly query: Positions; readonly key: Positions };

/** The fact about the mask on the rectangle.
 *  @param environment what everything but `query` and `key` may be: exact for one head of one call, ranges otherwise */
export function classify(mask: Expr, { query, key }: Rectangle, environment: Environment): BlockFact {
  if (query.last < query.first || key.last < key.first) return BlockFact.never;
  const here = { query: intRange(query.first, query.last), key: intRange(key.first, key.last) };
  const coord: Environment["coord"] = (axis) =>
    axis === "query" || axis === "key" ? here[axis] : environment.coord(axis);
  return (rangeIn(mask, { ...environment, coord }) as BoolRange).fact;
}
