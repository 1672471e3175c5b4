// Which programs are for warpgroups with tiles that are copied for them. The others go the way of warps or of single threads,
// and whoever asks is told why.

import { areWholeTiles } from "../ir/sides.ts";
import type { AttendPlan, Program } from "./plan.ts";
import { attendSteps } from "./steps.ts";

/** Rows must be whole 16 bytes to be copied as tiles. */
const ALIGNED_HALVES = 8;

/** A walk with more values takes so many registers that few are left beside more sums than these. Tried on the examples, so
 *  that none spills. */
export const LARGE_WALK = 64;
const MOST_SUMS_BESIDE = 192;

/** Values that a walk has at hand: of the head, and of the query tile. */
export const walkValues = ({ head, queryTile }: Pick<AttendPlan, "head" | "queryTile">) =>
  head.length + queryTile.length;

/** Why the program, planned for a target of warpgroups, should go another way; undefined where it should not. */
export function whyNoWarpgroups(program: Program): string | undefined {
  const { plan } = attendSteps(program).find((step) => !step.plan.split)!;
  const { dims, tile, rows, normalize } = plan;
  if (plan.stored) return "maps of tiles are of the tensors of the call, and its tokens are stored in another order";
  if (rows.query === "f32") return "tiles are made of f16 or bf16, and rows are f32";
  if (rows.query === "f16" && normalize !== "softmax") return "weights that no softmax bounds may be too large for f16";
  const ragged = [dims.dim, dims.valueDim].find((length) => length % ALIGNED_HALVES !== 0);
  if (ragged !== undefined) return `rows of ${ragged} elements are no multiple of 16 bytes`;
  if (walkValues(plan) > LARGE_WALK && dims.valueDim > MOST_SUMS_BESIDE) {
    return `a walk with ${walkValues(plan)} values leaves no registers for rows of ${dims.valueDim} sums`;
  }
  const small = program.ir.selections.find(({ sides }) => !areWholeTiles(sides, tile));
  if (!small) return undefined;
  const { query, key } = small.sides;
  if (query.kind === "bounds" || key.kind === "bounds")
    return "a tile may lie in several of the chunks that a call chooses";
  return `blocks of ${query.size} × ${key.size} that a call chooses are smaller than tiles of ${tile.queries} × ${tile.keys}`;
}
