// A target may have other tiles where rows are short: what a thread holds grows with the length of a row, and a tile takes
// the room that is left.

import type { Target } from "../../targets/target.ts";
import type { Dims } from "./plan.ts";

/** The target with the tiles that it has for rows of these lengths. */
export function forDims<T extends Target>(target: T, { dim, valueDim }: Dims): T {
  const short = target.shortRows?.find((each) => Math.max(dim, valueDim) <= each.dim);
  return short ? { ...target, tile: short.tile, registerTile: short.registerTile } : target;
}
