// The places along an axis, seen from a point: what a reduction runs over. Inside a block an axis is that of the block; else
// it holds all rows of the call, or all keys that are alive.

import type { AxisRange, ReducedAxis } from "../spec/choice.ts";
import { compile } from "./evaluate.ts";
import type { Point, Surroundings } from "./point.ts";

/** The point at each place of the axis that is in range. They share one object, which is moved on. */
export type Walk = (from: Point) => Iterable<Point>;

/** @param whole whether a block is none of its business */
export function walker(axis: ReducedAxis, range: AxisRange | undefined, around: Surroundings, whole = false): Walk {
  const keep = range ? chosen(axis, range, around) : (places: readonly number[]) => places;
  return function* (from) {
    const point = { ...from };
    const places = placesOn(axis, whole ? withoutBlock(from) : from, around);
    for (const place of keep(places, from)) yield moveTo(point, axis, place, around);
  };
}

function chosen(axis: ReducedAxis, range: AxisRange, around: Surroundings) {
  if (range.kind === "where") {
    const holds = compile(range.condition, around, "decide");
    return (places: readonly number[], from: Point) =>
      places.filter((place) => holds(moveTo({ ...from }, axis, place, around)) === 1);
  }
  const count = compile(range.count, around, "decide");
  return (places: readonly number[], from: Point) => {
    const wanted = Math.max(0, Math.min(count(from), places.length));
    return range.kind === "first" ? places.slice(0, wanted) : places.slice(places.length - wanted);
  };
}

function placesOn(axis: ReducedAxis, { batch, head, members }: Point, around: Surroundings): readonly number[] {
  const { heads, kvHeads, queries, keys } = around.call.shape;
  switch (axis) {
    case "query":
      return members?.query ?? upTo(queries);
    case "key":
      return members?.key ?? upTo(Math.min(keys, around.length("key", batch)));
    case "head":
      return upTo(heads);
    case "kv":
      return upTo(kvHeads).map((kv) => kv * (heads / kvHeads));
    case "group": {
      const size = heads / kvHeads;
      return upTo(size).map((place) => Math.floor(head / size) * size + place);
    }
  }
}

const withoutBlock = ({ members: _, ...point }: Point): Point => point;

function moveTo(point: Point, axis: ReducedAxis, place: number, around: Surroundings): Point {
  if (axis === "key") point.key = place;
  else if (axis === "query") Object.assign(point, { row: place, query: (around.queryStart(point.batch) + place) | 0 });
  else point.head = place;
  return point;
}

const upTo = (count: number) => Array.from({ length: Math.max(0, count) }, (_, place) => place);
