// What differs between the kinds of pass, as pieces of text: how a row's statistics begin, what its scores become, and how
// it ends. Softmax keeps a running maximum; `sum` and `none` weigh linearly; a replay knows the statistics already.

import type { AttendPlan, MergePlan, Program } from "../../schedule/plan.ts";
import { sumsValues } from "../../schedule/split.ts";
import { keepsLogarithm, usesLog2 } from "../attend-facts.ts";
import { ownName } from "../simt/dialect.ts";
import { render } from "../template.ts";
import { leaveRows } from "./folds.ts";

/** Name of the part that prints what happens to a row of scores. */
const WEIGHTS = {
  online: { softmax: "weigh-softmax", sum: "weigh-linear", none: "weigh-linear" },
  statistics: { softmax: "weigh-softmax", sum: "weigh-linear", none: "weigh-linear" },
  replay: { softmax: "weigh-replay", sum: "weigh-scaled", none: "weigh-plain" },
  reduce: { softmax: "weigh-known", sum: "weigh-scaled", none: "weigh-plain" },
} as const;

/** Fields of a row beside its highest score and its sum. */
export function rowStatistics(plan: AttendPlan, readsLse: boolean): readonly string[] {
  if (keepsLogarithm(plan)) return ["float log_highest", "float log_sum"];
  if (plan.pass === "replay") return ["float inverse", "float lse"];
  return [...(rescalesLater(plan) ? ["float rescale"] : []), ...(readsLse || plan.reduce ? ["float lse"] : [])];
}

/** Whether sums are under way when a softmax learns by what they must be multiplied. */
const rescalesLater = (plan: AttendPlan) =>
  WEIGHTS[plan.pass][plan.normalize] === "weigh-softmax" && plan.warpgroups?.ahead === true;

/** What is made up for once the sums are back. */
export const rescaleLater = (plan: AttendPlan) =>
  rescalesLater(plan)
    ? part("rescale-rows", { sums: part("rescale-sums", { by: "rows[i].rescale" }) })
    : "// Sums stay as they are.";

/** Statements that begin row `i`. */
export function reopenRow(plan: AttendPlan): string {
  if (keepsLogarithm(plan)) return "rows[i].log_highest = -infinity();\nrows[i].log_sum = 0.0f;";
  if (plan.reduce) return part("reopen-known", {});
  if (plan.pass !== "replay") return "// Nothing is known of the row yet.";
  return part(usesLog2(plan) ? "reopen-softmax" : "reopen-linear", { statistics: ownName(plan.statistics!) });
}

function rescaleNow(plan: AttendPlan): string {
  if (rescalesLater(plan)) return "row.rescale = rescale;";
  return sumsValues(plan) ? part("rescale-sums", { by: "rescale" }) : "// There are no sums of values.";
}

/** Statements that leave the weights for those that need them.
 *  @param weight rewrites one
 *  @param keep where the thread leaves it */
export const storeWeights = (weight: string, keep: string): string => part("store-weights", { weight, keep });

/** What becomes of a tile's scores.
 *  @param use what the weights are for, where the pass needs them */
export function weighRows(plan: AttendPlan, use: string): string {
  const statistics = [
    part(WEIGHTS[plan.pass][plan.normalize], { rescale: rescaleNow(plan) }),
    ...(keepsLogarithm(plan) ? [part("weigh-logarithm", {})] : []),
  ];
  const isUsed = sumsValues(plan) || plan.reduce !== undefined;
  return part("weigh", {
    statistics: statistics.join("\n"),
    store: isUsed ? use : "// This pass keeps the statistics alone.",
  });
}

/** Ends the rows and writes their results.
 *  @param place the tile's number, and statements that find where it stands */
export function closeRows(
  { ir: { order } }: Program,
  plan: AttendPlan,
  element: string,
  { block, found }: { readonly block: string; readonly found: string },
  sink: string | undefined,
): string {
  if (plan.reduce) {
    const { finish, writes } = leaveRows(plan.reduce, order);
    return part("close", { block, place: found, finish, writes: writes.join("\n") });
  }
  const isReplay = plan.pass === "replay";
  const statistics = plan.statistics === undefined ? "" : ownName(plan.statistics);
  const seen = isReplay ? "row.lse" : "row.highest";
  const writes = [
    ...(plan.pass === "statistics" ? [part("write-statistics", { statistics, ...statisticsOf(plan) })] : []),
    ...(plan.writes.lse ? [part("write-lse", { lse: lseOf(plan), first: "lane" })] : []),
    ...(plan.writes.out ? [writeOut(plan, element, isReplay ? "1.0f" : "factor", seen)] : []),
    ...(plan.writes.out && plan.empty === "error"
      ? [part("count-empty", { empty: `${seen} == -infinity()`, first: "lane" })]
      : []),
  ];
  if (plan.split) {
    const parts = part("write-part", { parts: ownName(plan.split.parts) });
    return part("close", { block, place: found, finish: finishRow(plan, sink), writes: parts });
  }
  const finish = isReplay ? "// The weights were final." : finishRow(plan, sink);
  return part("close", { block, place: found, finish, writes: writes.join("\n") });
}

function writeOut(plan: AttendPlan, element: string, factor: string, seen: string): string {
  return part("write-out", { element, factor, write: writeElement(plan, element, `${seen} == -infinity()`) });
}

/** Writes element `d` of a row.
 *  @param empty true where the row saw nothing */
const writeElement = (plan: Pick<AttendPlan, "empty">, element: string, empty: string) =>
  part(plan.empty === "uniform" ? "write-uniform" : "write-element", { element, empty });

/** What a merge writes of its row. */
export function mergeRow(plan: MergePlan, element: string): { readonly write: string; readonly writes: string } {
  const writes = [
    ...(plan.writes.lse ? [part("write-lse", { lse: "(base + log2f(total)) * LN_2", first: "thread" })] : []),
    ...(plan.empty === "error" ? [part("count-empty", { empty: "any == 0.0f", first: "thread" })] : []),
  ];
  return { write: writeElement(plan, element, "any == 0.0f"), writes: writes.join("\n") };
}

/** From the row's statistics to `factor` and `total`. */
function finishRow(plan: AttendPlan, sink = "-infinity()"): string {
  if (usesLog2(plan)) return part("finish-softmax", { sink, first: plan.split ? "inside && stretch == 0" : "inside" });
  return part("finish-linear", {
    factor: plan.normalize === "none" ? "1.0f" : "total == 0.0f ? 0.0f : 1.0f / total",
  });
}

/** Natural logarithm of the denominator; −inf for a row that saw nothing. A sum of exponentials is 0 only there, and then its
 *  maximum, −inf, is the logarithm too. */
const lseOf = (plan: AttendPlan) =>
  usesLog2(plan)
    ? "(base + log2f(total)) * LN_2"
    : "row.log_highest + (row.log_sum == 0.0f ? 0.0f : logf(row.log_sum))";

/** What the second pass is told; see AttendPlan. */
function statisticsOf(plan: AttendPlan): { first: string; second: string } {
  if (!usesLog2(plan)) return { first: "total", second: lseOf(plan) };
  const empty = "row.highest == -infinity()";
  return { first: `${empty} ? -infinity() : base`, second: `${empty} ? 0.0f : total` };
}

const part = (name: string, view: object): string => render(`cuda/parts/${name}`, view).trimEnd();
