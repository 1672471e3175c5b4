// Outputs that an attention names: their expression at every place of their axes, with the rows of the map at hand.

import type { Case, NamedResult } from "../spec/case.ts";
import type { NamedOutput, OutputAxis, Sparsity } from "../spec/choice.ts";
import type { RowAt } from "./attention.ts";
import { compile } from "./evaluate.ts";
import { type Point, type Surroundings, startPoint } from "./point.ts";
import { blockCount } from "./selection.ts";
import { sightOf } from "./sight.ts";
import { surroundingsOf } from "./surroundings.ts";

export function outputsOf(
  call: Case,
  outputs: readonly NamedOutput[],
  rowAt: RowAt,
): Readonly<Record<string, NamedResult>> {
  const plain = surroundingsOf(call);

  /** A pair that does not see each other weighs nothing. */
  function look(point: Point): boolean {
    const { keys, s, p, lse } = rowAt(point.batch, point.head, point.row);
    const place = keys.indexOf(point.key);
    const visible = Number(s[place] !== undefined);
    Object.assign(point, { s: s[place] ?? -Infinity, p: p[place] ?? 0, lse, visible });
    return visible === 1;
  }

  const [selection] = outputs.some(({ value }) => value.kind === "chosen") ? sightOf(call).selections : [];
  // A batch may have fewer keys than the longest one.
  const chosen = ({ batch, head, i, j }: Point) => selection!(batch, head).chosen[i]![j] ?? false;
  const around = { ...plain, look, chosen };
  const results = outputs.map(({ name, axes, value }) => {
    const compute = compile(value, around, "real");
    const points = placesOf(call, axes, plain);
    const data = Float64Array.from(points, (point) => {
      look(point);
      return compute(point);
    });
    return [name, { shape: axes.map((axis) => extentOf(axis, call)), data }] as const;
  });
  return Object.fromEntries(results);
}

function extentOf(axis: OutputAxis, call: Case): number {
  const { batch, heads, kvHeads, queries, keys } = call.shape;
  if (axis === "queryBlock" || axis === "keyBlock") {
    const [{ rows, keys: columns }] = call.attention.sparsities as readonly [Sparsity];
    return axis === "queryBlock" ? blockCount(rows, queries, call) : blockCount(columns, keys, call);
  }
  return { batch, head: heads, kv: kvHeads, query: queries, key: keys }[axis];
}

/** The places of an output, in row-major order. One without an axis stands at its 0. */
export function placesOf(
  call: Case,
  axes: readonly OutputAxis[],
  { queryStart }: Pick<Surroundings, "queryStart">,
): readonly Point[] {
  const places = axes.reduce<Partial<Record<OutputAxis, number>>[]>(
    (known, axis) =>
      known.flatMap((place) => Array.from({ length: extentOf(axis, call) }, (_, at) => ({ ...place, [axis]: at }))),
    [{}],
  );
  return places.map(({ batch = 0, query: row = 0, key = 0, kv = 0, head, queryBlock: i = 0, keyBlock: j = 0 }) => {
    const own = head ?? kv * (call.shape.heads / call.shape.kvHeads);
    return { ...startPoint(), batch, head: own, row, key, i, j, query: (queryStart(batch) + row) | 0 };
  });
}
