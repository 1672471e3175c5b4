// Every expression that a plan holds, with the place it stands in. Whoever must look at all of them (validation, dumps,
// emitters collecting functions and constants) asks here, so that none is forgotten when a plan gets a new field.

import type * as ir from "../ir/expr.ts";
import { nodes } from "../ir/walk.ts";
import type { Let, Region } from "./loop.ts";
import type { AttendPlan, Walking } from "./plan.ts";

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
  | "fold"
  | "sink";

/** An expression of a plan; `local` is the name that its value gets. */
export type Placed = { readonly place: Place; readonly local?: string; readonly value: ir.Expr };

/** In the order in which a kernel computes them. */
export function placedExpressions(plan: AttendPlan): readonly Placed[] {
  return [
    ...walkExpressions(plan),
    ...placedLets("row", plan.row),
    ...placedLets("key", plan.key),
    ...placedLets("diagonal", plan.diagonal),
    { place: "scale", value: plan.scale.value },
    ...(plan.sink ? [{ place: "sink", value: plan.sink } as const] : []),
    ...placedRegion("mask", plan.mask),
    ...placedRegion("score", plan.score),
    ...placedRegion("weight", plan.weight?.region),
    ...(plan.reduce?.folds ?? []).flatMap(({ region }) => placedRegion("fold", region)),
  ];
}

/** Those of the walk. */
export function walkExpressions({ head, queryTile, traversal }: Walking): readonly Placed[] {
  return [
    ...placedLets("head", head),
    ...placedLets("tile", queryTile),
    ...placedRegion("next", traversal.next),
    ...placedRegion("may", traversal.may),
    ...placedRegion("must", traversal.must),
  ];
}

const placedLets = (place: Place, lets: readonly Let[]): readonly Placed[] =>
  lets.map(({ name, value }) => ({ place, local: name, value }));

const placedRegion = (place: Place, region: Region | undefined): readonly Placed[] =>
  region ? [...placedLets(place, region.lets), { place, value: region.value }] : [];

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
