// Products of the rows of a tile with its keys: each thread adds up its own, or they come in matrices, which a subgroup
// multiplies at once and each thread then reads its own from.

import type { AttendPlan } from "../../schedule/plan.ts";
import type { WgslProductsView } from "../views-wgsl.ts";
import { part, type StepContext } from "./context.ts";
import { scoresOf } from "./scores.ts";
import { rowsView } from "./split.ts";

/** What the kernel needs for them, and the statements that make `score0`, `score1`, … */
export function productsView({ plan, layout }: StepContext): WgslProductsView {
  const { dims, tile, matrix } = plan;
  const view = { dims, layout, scores: scoresOf(layout), queryHead: rowsView(plan).queryHead };
  if (!matrix) return { products: part("products", view), matrixMemory: "", subgroupPlace: "" };
  const across = tile.keys / matrix.columns;
  const blocks = across * (tile.queries / matrix.rows);
  const scores = view.scores.map(({ index, offset }) => ({ index, offset: offset * tile.queries }));
  return {
    products: part("products-matrix", { ...view, scores, tile, matrix, across, blocks }),
    matrixMemory: part("matrix-memory", { layout, tile }),
    subgroupPlace: ", @builtin(subgroup_id) subgroup: u32, @builtin(num_subgroups) subgroups: u32",
  };
}

/** Functions that bring columns of query rows and of keys into workgroup memory. */
export function stagings({ plan, layout }: StepContext): readonly string[] {
  const { tile, dims, split, matrix } = plan;
  const { bands, chunk, pitch, keyPitch, threads } = layout;
  const rows = { width: chunk, columns: dims.dim, threads };
  const columns = (tensor: "query" | "key", to: string, pitch: number) =>
    part("stage-columns", { ...rows, tensor, rows: NAMES[tensor], to, pitch, count: tile[TILED[tensor]] * chunk });
  const inVectors = { ...rows, pitch, count: bands * chunk };
  return [
    matrix ? columns("query", "staged_rows", tile.queries) : part(split ? "stage-split" : "stage-own", inVectors),
    columns("key", "staged", keyPitch),
  ];
}

const NAMES = { query: "rows", key: "keys" } as const;
const TILED = { query: "queries", key: "keys" } as const satisfies Record<string, keyof AttendPlan["tile"]>;
