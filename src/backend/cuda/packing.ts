// Rows of several heads in one tile of a warpgroup's pass: how many of a head, by its binary logarithm, is the launcher's to
// say, who knows the lengths of the call. In C over the record of a call, in Python over its lengths.

import type { Target } from "../../../targets/target.ts";
import type { AttendPlan, Program } from "../../schedule/plan.ts";
import { warpgroupSteps } from "./units.ts";

/** The field of the record. */
const ROW_BITS = "row_bits";

export const packsRows = (program: Program, target: Target) =>
  warpgroupSteps(program, target).some(({ plan }) => plan.warpgroups?.packs);

/** Fields and values that the launcher fills in, in C. */
export const packedOf = (program: Program, target: Target) =>
  bitsOf(program, target).map((bits) => ({
    field: ROW_BITS,
    value: `attnc::rows_of_head(call.heads / call.kv_heads, call.queries, ${bits})`,
  }));

/** The same in Python. */
export const pythonPacked = (program: Program, target: Target) =>
  Object.fromEntries(bitsOf(program, target).map((bits) => [ROW_BITS, pythonBits(bits)]));

function bitsOf(program: Program, target: Target): readonly number[] {
  if (!packsRows(program, target)) return [];
  return [Math.log2(warpgroupSteps(program, target)[0]!.plan.tile.queries)];
}

const pythonBits = (bits: number) => `rows_of_head(heads // kv_heads, queries, ${bits})`;

/** Tiles of a pass over all keys, in C. */
export function tilesOf({ tile, warpgroups }: AttendPlan): string {
  if (!warpgroups?.packs) {
    return `1LL * call.batch * ((call.queries + ${tile.queries - 1}) / ${tile.queries}) * call.heads`;
  }
  const tokens = `((call.queries + (1LL << call.${ROW_BITS}) - 1) >> call.${ROW_BITS})`;
  return `call.batch * ${tokens} * (call.heads / (${tile.queries} >> call.${ROW_BITS}))`;
}

/** The same in Python. */
export function pythonTiles({ tile, warpgroups }: AttendPlan): string {
  if (!warpgroups?.packs) return `batch * (-(-queries // ${tile.queries})) * heads`;
  const bits = pythonBits(Math.log2(tile.queries));
  return `batch * (-(-queries // (1 << ${bits}))) * (heads // (${tile.queries} >> ${bits}))`;
}
