// Maps of the tensors whose tiles warpgroups are given: what the launcher encodes of query, key and value, and which calls
// have rows that cannot be copied so.

import type { RowElement, Target } from "../../../targets/target.ts";
import type { Program } from "../../schedule/plan.ts";
import { sumsValues } from "../../schedule/split.ts";
import type { CudaLauncherView } from "../views-cuda.ts";
import { C_TYPES } from "./call.ts";
import { type Check, STATUSES } from "./checks.ts";
import { packsRows } from "./packing.ts";
import { warpgroupSteps } from "./units.ts";

type TileMap = {
  readonly tensor: "query" | "key" | "value";
  readonly element: RowElement;
  readonly dim: number;
  /** Names of the lengths of its axes. */
  readonly heads: string;
  readonly tokens: string;
  /** Rows of a box; with `packs`, of as many heads as lie in a tile together. */
  readonly rows: number;
  readonly packs: boolean;
};

/** What is copied in tiles; nothing where no pass is one of warpgroups. */
export function tileMaps(program: Program, target: Target): readonly TileMap[] {
  const steps = warpgroupSteps(program, target);
  if (steps.length === 0) return [];
  const { dims, tile, rows } = steps[0]!.plan;
  const ofKeys = { element: rows.stored, heads: "kv_heads", tokens: "keys", rows: tile.keys, packs: false };
  const query: TileMap = {
    ...{ tensor: "query", element: rows.query, dim: dims.dim, heads: "heads", tokens: "queries", rows: tile.queries },
    packs: packsRows(program, target),
  };
  const readsValues = steps.some(({ plan }) => sumsValues(plan));
  return [
    query,
    { tensor: "key", dim: dims.dim, ...ofKeys },
    ...(readsValues ? [{ tensor: "value", dim: dims.valueDim, ...ofKeys } as const] : []),
  ];
}

export const fieldOfMap = ({ tensor }: TileMap) => `${tensor}_map`;

/** The launcher's part. */
export const mapsOf = (program: Program, target: Target): CudaLauncherView["maps"] =>
  tileMaps(program, target).map((map) => ({
    field: fieldOfMap(map),
    ...argumentsOf(map),
    dim: map.dim,
    rows: map.packs ? "1 << call.row_bits" : String(map.rows),
    together: map.packs ? `${map.rows} >> call.row_bits` : "1",
  }));

const argumentsOf = ({ tensor, element, heads, tokens }: TileMap) => ({
  tensor: `static_cast<const ${C_TYPES[element].kernel}*>(call.${tensor})`,
  extents: `{call.batch, call.${heads}, call.${tokens}}`,
  strides: `call.${tensor}_strides`,
});

export const tileChecks = (program: Program, target: Target): Check[] =>
  tileMaps(program, target).map((map, index) => {
    const { tensor, extents, strides } = argumentsOf(map);
    return {
      status: STATUSES.tiles + index,
      condition: `!few && !attnc::suits_tiles(${tensor}, ${extents}, ${strides})`,
      text: `rows of ${map.tensor} are not aligned to 16 bytes, as target ${target.name} needs them`,
    };
  });
