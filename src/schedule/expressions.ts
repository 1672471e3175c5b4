// Every expression that a plan holds, with the place it stands in. Whoever must look at all of them (validation, dumps,
// emitters collecting functions and constants) asks here, so that none is forgotten when a plan gets a new field.

import type * as ir from "../ir/expr.ts";
import { nodes } from "../ir/walk.ts";
import type { Let, Region } from "./loop.ts";
import type { AttendPlan } from "./plan.ts";

/** Where an expression is computed; `tile` is once a query tile, `next`, `may` and `must` once a key tile,
 *  `key` once a key of it, `diagonal` once a distance of its queries and keys. */
export type Place =
  | "head"
  | "tile"
  | "next"
  | "may"
  | "must"
  | "row"
  | "key"
  | "diagonal"
  | "scale"
  | "score"
  | "mask"
  | "weight"
  | "sink";

/** An expression of a plan; `local` is the name that its value gets. */
export type Placed = { readonly place: Place; readonly local?: string; readonly value: ir.Expr };

/** In the order in which a kernel computes them. */
export function placedExpressions(plan: AttendPlan): readonly Placed[] {
  const { next, may, must } = plan.traversal;
  const regions = { score: plan.score, mask: plan.mask, weight: plan.weight?.region, next, may, must };
  const regionsOf = (places: readonly (keyof typeof regions)[]) =>
    places.flatMap((place) => {
      const region = regions[place];
      if (!region) return [];
      const lets = region.lets.map(({ name, value }) => ({ place, local: name, value }));
      return [...lets, { place, value: region.value }];
    });
  return [
    ...plan.head.map(({ name, value }) => ({ place: "head", local: name, value }) as const),
    ...plan.queryTile.map(({ name, value }) => ({ place: "tile", local: name, value }) as const),
    ...regionsOf(["next", "may", "must"]),
    ...plan.row.map(({ name, value }) => ({ place: "row", local: name, value }) as const),
    ...plan.key.map(({ name, value }) => ({ place: "key", local: name, value }) as const),
    ...plan.diagonal.map(({ name, value }) => ({ place: "diagonal", local: name, value }) as const),
    { place: "scale", value: plan.scale.value },
    ...(plan.sink ? [{ place: "sink", value: plan.sink } as const] : []),
    ...regionsOf(["mask", "score", "weight"]),
  ];
}

/** The expressions without their places. */
export function planExpressions(plan: AttendPlan): readonly ir.Expr[] {
  return placedExpressions(plan).map(({ value }) => value);
}

/** True if one of the regions reads one of the values by its name. */
export function readsOneOf(values: readonly Let[], ...regions: readonly Region[]): boolean {
  const names = new Set(values.map(({ name }) => name));
  const read = nodes(...regions.flatMap(({ lets, value }) => [...lets.map((each) => each.value), value]));
  return read.some((expr) => expr.kind === "local" && names.has(expr.name));
}
