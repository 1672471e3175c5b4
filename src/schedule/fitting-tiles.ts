// Where threads work in groups, a tile is as large as one group can hold: the target's own where it fits, else the largest
// of its halves.

import type { Target } from "../../targets/target.ts";
import type { Dims, Tile } from "./plan.ts";
import { OWN, tileLayout } from "./workgroup-layout.ts";

/** The target with tiles that its workgroups hold at these dims; undefined where the smallest is too large. */
export function withFittingTiles(target: Target, dims: Dims): Target | undefined {
  const { workgroup, split } = target;
  if (!workgroup) return target;
  const tile = fittingTile(target.tile, dims, workgroup);
  if (!tile || !split) return tile && { ...target, tile };
  const few = fittingTile(split.tile, dims, workgroup);
  return few && { ...target, tile, split: { ...split, tile: few } };
}

/** Two bands and two strips: less is no tile. */
const LEAST = 2 * OWN;

function fittingTile({ queries, keys }: Tile, dims: Dims, group: NonNullable<Target["workgroup"]>): Tile | undefined {
  if (queries < LEAST || keys < LEAST) return undefined;
  const { bytes, threads } = tileLayout({ queries, keys }, dims);
  if (bytes <= group.memoryBytes && threads <= group.invocations) return { queries, keys };
  const half = keys > queries ? { queries, keys: keys / 2 } : { queries: queries / 2, keys };
  return fittingTile(half, dims, group);
}

/** The largest dim, of rows and values alike, for which there is a tile; 0 where there is none. */
export function largestDim(target: Target): number {
  let dim = target.limits.dim;
  while (dim > 0 && !withFittingTiles(target, { dim, valueDim: dim })) dim -= 1;
  return dim;
}
