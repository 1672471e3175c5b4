// From the step that folds the pairs of blocks to the record that its template reads.

import type { BlockFold } from "../../ir/pair-fold.ts";
import type { PairsPlan, Program, StepOf } from "../../schedule/plan.ts";
import { countOf, endStatements } from "../simt/blocks.ts";
import type { Surroundings } from "../simt/scope.ts";
import type { Printed } from "../views.ts";
import type { WgslPairsView } from "../views-wgsl.ts";
import { startView } from "./attend.ts";
import { part, printedCall } from "./context.ts";
import { WGSL } from "./dialect.ts";
import { JOINS, nothingOf } from "./folds.ts";
import { OWN_QUERY } from "./importance.ts";
import { CHOICE_THREADS } from "./keep-rules.ts";
import { placeOf, readRows } from "./places.ts";

export function pairsView(
  program: Program,
  { plan: { fold, sides, dims } }: StepOf<PairsPlan>,
  step: string,
  around: Surroundings,
): WgslPairsView {
  const functions: Printed[] = readRows(program, ["query", "key"]).map((code) => ({ code }));
  const along = (of: "row" | "key", { op, takes, value }: BlockFold) => {
    const taken = printedCall(`takes_${of}`, takes, `Whether a ${of} takes part.`, around);
    const worth = printedCall(`worth_of_${of}`, value, `What a ${of} comes to.`, around);
    functions.push(...taken.functions, ...worth.functions);
    // What hides a block hides it however often it is added.
    const sum = "select(folded + next, HIDDEN, min(folded, next) < LEAST)";
    const nothing = nothingOf(op, { element: "f32" });
    return { nothing, takes: taken.call, value: worth.call, joined: op === "sum" ? sum : JOINS[op]("folded", "next") };
  };
  return {
    ...{ step, threads: CHOICE_THREADS, functions },
    ...{ ofRows: along("row", fold.rows), ofKeys: along("key", fold.keys) },
    ...startView(program, around),
    ...{ ownQuery: OWN_QUERY, product: part("row-product", { dim: dims.dim }) },
    rowStatements: endStatements(sides.query, "query", around),
    keyStatements: endStatements(sides.key, "key", around),
    ...{ rowBlocks: countOf(sides.query, "query", WGSL), keyBlocks: countOf(sides.key, "key", WGSL) },
    foldedAt: placeOf(fold.tensor.name),
  };
}
