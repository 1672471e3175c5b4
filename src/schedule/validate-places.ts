// What must hold of the expressions of a plan by the place in which each stands: which locals it sees, how often its value
// may change, and its type.

import { combineRates, ONE_HEAD, type Rate, rates } from "../analysis/depends.ts";
import { diagonals } from "../analysis/diagonal.ts";
import { nodes } from "../ir/walk.ts";
import type { ScalarType } from "../ops/op.ts";
import type { Place, Placed } from "./expressions.ts";
import { LOOP_LOCALS } from "./traversal.ts";

/** Whose locals a place sees beside its own. */
const SEEN: Readonly<Record<Place, readonly Place[]>> = {
  head: [],
  tile: ["head"],
  next: ["head", "tile"],
  may: ["head", "tile"],
  must: ["head", "tile"],
  row: ["head"],
  scale: ["head", "row"],
  sink: ["head", "row"],
  key: ["head"],
  diagonal: ["head"],
  score: ["head", "row", "key", "diagonal"],
  mask: ["head", "row", "key", "diagonal"],
  weight: ["head", "row", "key", "diagonal"],
  fold: ["head", "row", "key", "diagonal"],
};

export const RATES: Readonly<Record<Rate, number>> = { constant: 0, head: 0, row: 1, key: 2, pair: 2 };

/** The most often that a place's expressions may change.
 *  @param scale how often the scale may */
function rateLimit(place: Place, scale: number): number {
  if (place === "head") return RATES.head;
  if (place === "tile" || place === "row" || place === "sink") return RATES.row;
  return place === "scale" ? scale : RATES.pair;
}

/** Breaches of the laws on locals and rates.
 *  @param scale how often the scale may change
 *  @param axes how often coordinates do */
export function placeBreaches(all: readonly Placed[], scale: number, axes = ONE_HEAD): string[] {
  const breaches: string[] = [];
  const defined = new Map<string, Placed>();
  const rateOfLocal = new Map<string, Rate>(LOOP_LOCALS);
  const ofDistance = new Set<string>();
  for (const placed of all) {
    const { place, local, value } = placed;
    for (const node of nodes(value)) {
      if (node.kind !== "local" || (LOOP_LOCALS.has(node.name) && WALKING.has(place))) continue;
      const home = defined.get(node.name);
      if (!home) breaches.push(`${place} reads ${node.name} before it is defined`);
      else if (home.place !== place && !SEEN[place].includes(home.place))
        breaches.push(`${place} cannot see ${node.name}`);
      else if (home.value.type !== node.type) breaches.push(`${place} reads ${node.name} as ${node.type}`);
    }
    const rate = rates([value], rateOfLocal, axes).get(value)!;
    if (RATES[rate] > rateLimit(place, scale) || (place === "key" && combineRates(rate, "key") === "pair"))
      breaches.push(`${place} ${local ?? "value"} changes with every ${rate}`);
    if (place === "diagonal" && RATES[rate] > RATES.head && !diagonals([value], rateOfLocal, ofDistance).has(value))
      breaches.push(`diagonal ${local ?? "value"} is no function of q - k`);
    if (local === undefined) continue;
    if (place === "diagonal") ofDistance.add(local);
    if (defined.has(local)) breaches.push(`${local} is defined twice`);
    defined.set(local, placed);
    rateOfLocal.set(local, rate);
  }
  return breaches;
}

/** Places that see the locals of the loop over tiles. */
const WALKING: ReadonlySet<Place> = new Set<Place>(["tile", "next", "may", "must"]);

const TYPES: Readonly<Partial<Record<Place, ScalarType>>> = {
  next: "int",
  may: "bool",
  must: "bool",
  scale: "float",
  sink: "float",
  score: "float",
  mask: "bool",
  weight: "float",
};

/** Places whose values have another type than they must; a fold may have any. */
export const typeBreaches = (all: readonly Placed[]) =>
  all
    .filter(({ place, local, value }) => local === undefined && place !== "fold" && TYPES[place] !== value.type)
    .map(({ place, value }) => `${place} yields a ${value.type}`);
