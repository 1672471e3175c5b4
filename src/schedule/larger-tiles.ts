// A tile is as large as registers allow. What a thread holds grows with the length of a row, and with what a kernel must
// remember from tile to tile: where its rows stand, how its walk goes on.

import type { Target } from "../../targets/target.ts";
import { areWholeTiles } from "../ir/sides.ts";
import type { Dims, Program } from "./plan.ts";
import { attendSteps } from "./steps.ts";

/** The program with the largest of the target's tiles that suits its dims and its kernels.
 *  @param plan the program for a target with one tile */
export function withLargestTile(target: Target, dims: Dims, plan: (target: Target) => Program): Program {
  for (const { dim, values, tile, registerTile } of target.largerTiles ?? []) {
    if (Math.max(dims.dim, dims.valueDim) > dim) continue;
    // Its registers are found by it, and those of other tiles stay.
    const program = plan({ ...target, tile });
    if (!isWithinBlocks(program, tile)) continue;
    if (heldValues(program, registerTile.rows) <= values) return program;
  }
  return plan(target);
}

/** A walk skips what no call has chosen only where a tile lies in one block. */
const isWithinBlocks = ({ ir: { selections } }: Program, tile: Target["tile"]): boolean =>
  selections.every(({ sides }) => areWholeTiles(sides, tile));

/** Values that a thread of the largest kernel has at hand beside its scores and sums: of the head and of the walk, of each
 *  of its rows, and of as many keys. */
function heldValues(program: Program, rows: number): number {
  const held = attendSteps(program).map(
    ({ plan: { head, queryTile, row, key } }) => head.length + queryTile.length + rows * (row.length + key.length),
  );
  return Math.max(0, ...held);
}

/** The target's registers for kernels with that tile. */
export function registerTileOf(target: Target, tile: Target["tile"]): Target["registerTile"] {
  const same = (other: Target["tile"]) => other.queries === tile.queries && other.keys === tile.keys;
  const { split, reduce, largerTiles = [] } = target;
  const sizes = [...(split ? [split] : []), ...(reduce ? [reduce] : []), ...largerTiles].find((each) =>
    same(each.tile),
  );
  return sizes?.registerTile ?? target.registerTile;
}
