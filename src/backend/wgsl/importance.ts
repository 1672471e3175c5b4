// From the step that finds what keys are worth to the records that its templates read. Where there is a softmax, it is a shader
// of its own: no barrier spans the workgroups that share a row.

import type * as ir from "../../ir/expr.ts";
import { rowsOf } from "../../ir/importance.ts";
import { quantity } from "../../ir/make.ts";
import type { FoldOp, RowRange } from "../../ir/statistics.ts";
import { nodes } from "../../ir/walk.ts";
import type { ImportancePart } from "../../schedule/order.ts";
import type { ImportancePlan, Program, StepOf } from "../../schedule/plan.ts";
import type { Surroundings } from "../simt/scope.ts";
import { startView } from "./attend.ts";
import { part, printedCall } from "./context.ts";
import { placeOf, readRows } from "./places.ts";
import type { WgslImportanceView, WgslWeighKeysView } from "./views-order.ts";

export const IMPORTANCE_THREADS = 64;

const FOLDS: Readonly<Record<FoldOp, { readonly empty: string; readonly join: (value: string) => string }>> = {
  sum: { empty: "0.0", join: (value) => `worth + ${value}` },
  max: { empty: "HIDDEN", join: (value) => `max(worth, ${value})` },
  min: { empty: "-HIDDEN", join: (value) => `min(worth, ${value})` },
};

/** Who is worth something to whom. */
const SIDES = {
  key: { own: "key", other: "row", alive: "keys", length: "call.keys" },
  query: { own: "row", other: "key", alive: "call.queries", length: "call.queries" },
} as const;

/** Where the query row at hand begins. */
export const OWN_QUERY = "call.query_offset + batch * call.query_batch + head * call.query_head + row * call.query_row";

export function importanceView(
  program: Program,
  { plan }: StepOf<ImportancePlan>,
  piece: ImportancePart,
  step: string,
  around: Surroundings,
): WgslImportanceView | WgslWeighKeysView {
  const { importance, statistics, dims } = plan;
  const { softmax, op, tensor } = importance;
  const functions = readRows(program, ["query", "key"]).map((code) => ({ code }));
  const call = (name: string, value: ir.Expr, comment: string) => {
    const printed = printedCall(name, value, comment, around);
    functions.push(...printed.functions);
    return printed.call;
  };
  const bounds = (name: string, { first, end }: RowRange) => ({
    first: call(`first_of_${name}s`, first, "Where a range begins."),
    end: call(`end_of_${name}s`, end, "Where a range ends."),
  });
  const of = softmax
    ? { of: call("value_of", softmax.of, "What the softmax is of."), keys: bounds("key", softmax.keys) }
    : undefined;
  const common = {
    ...{ step, threads: IMPORTANCE_THREADS, functions, ownQuery: OWN_QUERY },
    ...startView(program, around),
    product: part("row-product", { dim: dims.dim }),
  };
  if (piece === "weigh-keys") {
    return { ...common, ...of!, rows: bounds("row", rowsOf(importance)), statisticsAt: placeOf(statistics!) };
  }
  const asked = importance.asked && call("is_asked", importance.asked, "Whether anybody asks what a row is worth.");
  const taken = importance.takes && call("takes_part", importance.takes, "Whether a pair takes part.");
  const value = call("worth_of", importance.value, "What a key is worth to a row.");
  const readsWeight = nodes(importance.value).includes(quantity("weight"));
  return {
    ...common,
    ...SIDES[importance.of],
    along: bounds("place", importance.along),
    empty: FOLDS[op].empty,
    join: FOLDS[op].join(value),
    pass: asked === undefined ? "" : `let query = query_start + row;\nif (!${asked}) { return; }`,
    skip: taken === undefined ? "" : `if (!${taken}) { continue; }`,
    weigh: of && readsWeight ? part("weigh-key", { ...of, statisticsAt: placeOf(statistics!) }) : "",
    importanceAt: placeOf(tensor.name),
  };
}
