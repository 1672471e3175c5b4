// The values of a distance as a kernel has them: computed once, at a pair of its distance that need not lie within the
// sequence, and read by every other pair of it. A plan that puts there what is no function of the distance gives a wrong
// answer here. Kept for one head at a time.

import type { Point } from "../ir/evaluate.ts";
import type { AttendPlan } from "../schedule/plan.ts";
import type { SetLocals } from "./plan-values.ts";

/** Leaves the values of the point's distance in its locals.
 *  @param compute computes them at a point */
export function diagonalLocals({ diagonal, tile }: AttendPlan, compute: SetLocals): SetLocals {
  if (diagonal.length === 0) return () => {};
  let known = new Map<number, Point["locals"]>();
  let head = "";
  return (point) => {
    const current = `${point.batch} ${point.head}`;
    if (current !== head) [known, head] = [new Map(), current];
    const distance = (point.key - point.query) | 0;
    const locals = known.get(distance) ?? localsAt(point);
    known.set(distance, locals);
    for (const { name } of diagonal) {
      point.locals.decide[name] = locals.decide[name]!;
      point.locals.real[name] = locals.real[name]!;
    }
  };

  /** Where the kernel looks: along the last row of the tile. */
  function localsAt({ locals: { decide, real }, ...point }: Point): Point["locals"] {
    const away = tile.queries - 1;
    const moved = { query: (point.query + away) | 0, key: (point.key + away) | 0 };
    const elsewhere: Point = { ...point, ...moved, locals: { decide: { ...decide }, real: { ...real } } };
    compute(elsewhere);
    return elsewhere.locals;
  }
}
