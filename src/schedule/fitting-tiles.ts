// Where threads work in groups, a tile is as large as one group can hold: the target's own where it fits, else the largest
// of its halves.

import type { Target } from "../../targets/target.ts";
import type { Dims, Tile } from "./plan.ts";
import { tileLayout } from "./workgroup-layout.ts";

/** The target with tiles that its workgroups hold at these dims; undefined where the smallest is too large. */
export function withFittingTiles(target: Target, dims: Dims): Target | undefined {
  const { workgroup, split } = target;
  if (!workgroup) return target;
  const largerTiles = (target.largerTiles ?? []).filter((larger) => fits(larger, dims, workgroup));
  const tile = fittingTile(target, dims, workgroup);
  if (!tile || !split) return tile && { ...target, tile, largerTiles };
  const few = fittingTile({ registerTile: target.registerTile, ...split }, dims, workgroup);
  return few && { ...target, tile, largerTiles, split: { ...split, tile: few } };
}

type Sizes = Pick<Target, "tile" | "registerTile">;
type Group = NonNullable<Target["workgroup"]>;

function fits({ tile, registerTile }: Sizes, dims: Dims, { memoryBytes, invocations }: Group): boolean {
  const { bytes, threads } = tileLayout(tile, registerTile, dims);
  return bytes <= memoryBytes && threads <= invocations;
}

function fittingTile({ tile, registerTile }: Sizes, dims: Dims, group: Group): Tile | undefined {
  const { queries, keys } = tile;
  // Two bands and two strips: less is no tile.
  if (queries < 2 * registerTile.rows || keys < 2 * registerTile.columns) return undefined;
  if (fits({ tile, registerTile }, dims, group)) return tile;
  const half = keys > queries ? { queries, keys: keys / 2 } : { queries: queries / 2, keys };
  return fittingTile({ tile: half, registerTile }, dims, group);
}

/** The largest dim, of rows and values alike, for which there is a tile; 0 where there is none. */
export function largestDim(target: Target): number {
  let dim = target.limits.dim;
  while (dim > 0 && !withFittingTiles(target, { dim, valueDim: dim })) dim -= 1;
  return dim;
}
