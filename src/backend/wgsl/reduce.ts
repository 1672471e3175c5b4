// From a pass that folds the map along the queries to the record that its template reads: a workgroup has a tile of keys, and goes
// over the tiles of query rows whose walks come to it.

import type { Target } from "../../../targets/target.ts";
import type { AttendPlan, Program, StepOf } from "../../schedule/plan.ts";
import { type Fold, nameOf, rangesOf } from "../simt/folds.ts";
import type { Surroundings } from "../simt/scope.ts";
import { letStatements, walkOf } from "../simt/walk.ts";
import type { WgslReduceView } from "../views-wgsl.ts";
import { enterView, loads } from "./attend.ts";
import { contextOf, part, type StepContext } from "./context.ts";
import { foldFunctions, foldStatements, JOINS, nothingOf, orderedPlace, typeOf } from "./folds.ts";
import { pairsOf } from "./pairs.ts";
import { placeOf, readRows } from "./places.ts";
import { productsView } from "./products.ts";
import { openStatements, rowStatements, rowVariables, weighStatements } from "./rows.ts";
import { rowsView } from "./split.ts";

/** The pass that goes from key tile to key tile. */
export function reduceView(
  program: Program,
  { name, plan, reads }: StepOf<AttendPlan>,
  around: Surroundings,
  target: Target,
): WgslReduceView {
  const context = contextOf(program, plan, around, target);
  const { layout } = context;
  const { folds, rows } = plan.reduce!;
  const pairs = pairsOf(context);
  const { next, may, must } = walkOf(plan, plan.mask !== undefined, around);
  const types = ["f32", "i32"].filter((type) => folds.some((fold) => typeOf(fold) === type));
  return {
    step: name,
    ...enterView(program, plan, rowsView(plan).span, around),
    ...{ layout, tile: plan.tile, threads: layout.threads, strips: layout.strips },
    told: types.map((type) => ({ name: `told_${type}`, type })),
    functions: [...readRows(program, reads), ...loads(context), ...pairs.functions, ...foldFunctions(context)].map(
      (code) => ({ code: code.trimEnd() }),
    ),
    rangeStatements: letStatements(rangesOf(plan.reduce!), around, "f"),
    firstRow: rows ? `rows_first / ${plan.tile.queries} * ${plan.tile.queries}` : "0",
    endRow: rows ? "rows_end" : "rows",
    stays: plan.traversal.next ? part("stays", next) : "",
    ...{ may, must },
    rowVariables: rowVariables(context),
    rowStatements: rowStatements(context),
    openStatements: openStatements(context),
    products: productsView(context).products,
    scaled: pairs.scaled,
    pairStatements: pairs.pairStatements,
    weighStatements: weighStatements(context, []),
    foldStatements: foldStatements(context),
    sums: folds.map((fold, index) => ({
      ...{ name: nameOf(index), type: typeOf(fold) },
      ofNothing: Array(layout.ownKeys).fill(nothingOf(fold.op, fold.tensor)).join(", "),
      leave: leaveKey(context, fold, nameOf(index)),
    })),
  };
}

/** Statements that join what the bands know of key `j`, and write it. */
function leaveKey({ layout, order }: StepContext, fold: Fold, name: string): string {
  const told = `told_${typeOf(fold)}`;
  return part("leave-key", {
    ...{ layout, name, told, at: placeOf(fold.tensor.name) },
    join: JOINS[fold.op]("whole", `${told}[strip * ${layout.bands} + other]`),
    key: orderedPlace(order, "keys", "key"),
  });
}
