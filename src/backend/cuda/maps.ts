// Maps of the tensors whose tiles warpgroups are given: what the launcher encodes of query, key and value, and which calls
// have rows that cannot be copied so.

import type { Target } from "../../../targets/target.ts";
import type { Program } from "../../schedule/plan.ts";
import { sumsValues } from "../../schedule/split.ts";
import type { CudaLauncherView } from "../views-cuda.ts";
import { C_TYPES } from "./call.ts";
import { type Check, STATUSES } from "./checks.ts";
import { warpgroupSteps } from "./units.ts";

type MapView = CudaLauncherView["maps"][number];

/** None where no pass is one of warpgroups. */
export function mapsOf(program: Program, target: Target): readonly MapView[] {
  const [first] = warpgroupSteps(program, target);
  if (!first) return [];
  const { dims, tile, rows } = first.plan;
  const mapOf = (name: string, heads: string, tokens: string, dim: number, box: number): MapView => ({
    field: `${name}_map`,
    tensor: `static_cast<const ${C_TYPES[name === "query" ? rows.query : rows.stored].kernel}*>(call.${name})`,
    dim,
    extents: `{call.batch, call.${heads}, call.${tokens}}`,
    strides: `call.${name}_strides`,
    rows: box,
  });
  return [
    mapOf("query", "heads", "queries", dims.dim, tile.queries),
    mapOf("key", "kv_heads", "keys", dims.dim, tile.keys),
    ...(warpgroupSteps(program, target).some(({ plan }) => sumsValues(plan))
      ? [mapOf("value", "kv_heads", "keys", dims.valueDim, tile.keys)]
      : []),
  ];
}

export const tileChecks = (program: Program, target: Target): Check[] =>
  mapsOf(program, target).map(({ field, tensor, extents, strides }, index) => ({
    status: STATUSES.tiles + index,
    condition: `!few && !attnc::suits_tiles(${tensor}, ${extents}, ${strides})`,
    text: `rows of ${field.replace("_map", "")} are not aligned to 16 bytes, as target ${target.name} needs them`,
  }));
