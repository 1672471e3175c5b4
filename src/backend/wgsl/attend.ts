// From an attend step to the record that its template reads.

import type { Target } from "../../../targets/target.ts";
import type { AttendPlan, BlockList, Program, StepOf, Tile, Walking } from "../../schedule/plan.ts";
import { sumsValues } from "../../schedule/split.ts";
import { printAll } from "../simt/print.ts";
import { type Surroundings, scopeOf } from "../simt/scope.ts";
import { walkOf } from "../simt/walk.ts";
import type { WgslAttendView, WgslEnterView, WgslLengthsView } from "../views-wgsl.ts";
import { columnsFor } from "./columns.ts";
import { contextOf, part, type StepContext } from "./context.ts";
import { foldFunctions, foldStatements, toldInts } from "./folds.ts";
import { highestView } from "./highest.ts";
import { pairsOf } from "./pairs.ts";
import { factField, readRows, writeRows } from "./places.ts";
import { productsView, stagings } from "./products.ts";
import { closeStatements, openStatements, rowStatements, rowVariables, weighStatements } from "./rows.ts";
import { rowsView } from "./split.ts";

export function attendView(
  program: Program,
  { name, plan, reads }: StepOf<AttendPlan>,
  around: Surroundings,
  target: Target,
): WgslAttendView {
  const context = contextOf(program, plan, around, target);
  const { layout } = context;
  const rows = rowsView(plan);
  const pairs = pairsOf(context);
  const columns = sumsValues(plan) ? columnsFor(plan.dims.valueDim, layout.strips, "strip") : [];
  const keepsProducts = plan.weight && context.quantities.has("dot");
  const { list, may: _may, must: _must, ...jumps } = plan.traversal;
  // Where no list fits, every tile of a run is visited with its mask: asking each again would double the shader.
  const traversal = list ? jumps : plan.traversal;
  const walk = walkText({ ...plan, traversal }, plan.mask !== undefined, around, plan.tile, rows.endKey);
  return {
    step: name,
    ...rows,
    ...highestView(context),
    ...{ layout, tile: plan.tile, dims: plan.dims, threads: layout.threads, strips: layout.strips },
    functions: [
      ...readRows(program, reads),
      ...(plan.writes.out ? writeRows(program) : []),
      ...loads(context),
      ...pairs.functions,
      ...foldFunctions(context),
    ].map((code) => ({ code: code.trimEnd() })),
    ...enterView(program, plan, rows.span, around),
    rowVariables: rowVariables(context),
    rowStatements: rowStatements(context),
    openStatements: openStatements(context),
    columns,
    beforeWalk: list ? part("before-listed", listView(list, plan.tile)) : "",
    advance: part(list ? "advance-listed" : "advance", { tile: plan.tile, walk }),
    ...productsView(context),
    foldMemory: toldInts(context),
    scaled: pairs.scaled,
    pairStatements: [...(keepsProducts ? ["let products = scores;"] : []), pairs.pairStatements].join("\n"),
    weighStatements: [weighStatements(context, columns), pairs.weightStatements].join("\n").trimEnd(),
    sumStatements: plan.reduce ? foldStatements(context) : sumsValues(plan) ? addValues(context, columns) : "",
    closeStatements: closeStatements(context, columns),
  };
}

/** Statements that find the position of query row 0, and what they lead to. */
export function startView({ ir: attention }: Program, around: Surroundings): WgslLengthsView {
  const { statements, results } = printAll([attention.queryStart], scopeOf(around).scope, around.dialect, "s");
  return { startStatements: statements, start: results[0]! };
}

/** What a query tile knows before it meets a key. */
export function enterView(
  program: Program,
  walking: Walking,
  span: WgslEnterView["span"],
  around: Surroundings,
): WgslEnterView {
  const { head, queryTile } = walkOf(walking, true, around);
  return { ...startView(program, around), headStatements: head, queryTileStatements: queryTile, span };
}

/** Statements that move `first_key` to the next tile and decide `masked`.
 *  @param endKey behind the last key */
export function walkText(
  walking: Walking,
  hasMask: boolean,
  around: Surroundings,
  tile: Tile,
  endKey = "keys",
): string {
  const { next, may, must } = walkOf(walking, hasMask, around);
  return part("walk", { next, may, must, tile, endKey });
}

/** Adds the weighted values of a tile, as many at a time as there is room for. */
function addValues({ plan: { tile, dims }, layout }: StepContext, columns: readonly object[]): string {
  return part("add-values", { tile, dims, layout, columns });
}

/** Where the list of blocks lies in `facts`; its place is negative where there is none. */
export function listView({ counts, tiles }: BlockList, tile: Tile) {
  return {
    tile,
    tiles: `call.${factField(tiles)}`,
    counts: `call.${factField(counts)}`,
    lastQuery: tile.queries - 1,
    lastKey: tile.keys - 1,
  };
}

/** Functions that bring rows into workgroup memory, and the products of rows with themselves. */
export function loads(context: StepContext): readonly string[] {
  const { plan, layout, quantities } = context;
  const { dim, valueDim } = plan.dims;
  const { threads, valueKeys } = layout;
  const norm = (tensor: string, columns: number) => part("squared-norm", { tensor, columns });
  return [
    ...stagings(context),
    ...(sumsValues(plan) ? [part("stage-value", { columns: valueDim, threads, count: valueKeys * valueDim })] : []),
    ...(quantities.has("queryNorm2") ? [norm("query", dim)] : []),
    ...(quantities.has("keyNorm2") ? [norm("key", dim)] : []),
    ...(quantities.has("valueNorm2") ? [norm("value", valueDim)] : []),
  ];
}
