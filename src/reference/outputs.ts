// Outputs that an attention names: their expression at every place of their axes, with the rows of the map at hand.

import type { Case, NamedResult } from "../spec/case.ts";
import type { NamedOutput, OutputAxis } from "../spec/choice.ts";
import type { RowAt } from "./attention.ts";
import { compile } from "./evaluate.ts";
import { type Point, startPoint } from "./point.ts";
import { surroundingsOf } from "./surroundings.ts";

export function outputsOf(
  call: Case,
  outputs: readonly NamedOutput[],
  rowAt: RowAt,
): Readonly<Record<string, NamedResult>> {
  const { shape } = call;
  const plain = surroundingsOf(call);

  /** A pair that does not see each other weighs nothing. */
  function look(point: Point): boolean {
    const { keys, s, p, lse } = rowAt(point.batch, point.head, point.row);
    const place = keys.indexOf(point.key);
    Object.assign(point, { s: s[place] ?? -Infinity, p: p[place] ?? 0, lse });
    return s[place] !== undefined;
  }

  const around = { ...plain, look };
  const extents: Readonly<Record<OutputAxis, number>> = {
    batch: shape.batch,
    head: shape.heads,
    kv: shape.kvHeads,
    query: shape.queries,
    key: shape.keys,
  };

  function pointAt(place: Readonly<Partial<Record<OutputAxis, number>>>): Point {
    const { batch = 0, query: row = 0, key = 0, kv = 0 } = place;
    const head = place.head ?? kv * (shape.heads / shape.kvHeads);
    const query = (plain.queryStart(batch) + row) | 0;
    const point = { ...startPoint(), batch, head, row, key, query };
    look(point);
    return point;
  }

  const results = outputs.map(({ name, axes, value }) => {
    const compute = compile(value, around, "real");
    const places = axes.reduce<Partial<Record<OutputAxis, number>>[]>(
      (known, axis) =>
        known.flatMap((place) => Array.from({ length: extents[axis] }, (_, at) => ({ ...place, [axis]: at }))),
      [{}],
    );
    const data = Float64Array.from(places, (place) => compute(pointAt(place)));
    return [name, { shape: axes.map((axis) => extents[axis]), data }] as const;
  });
  return Object.fromEntries(results);
}
