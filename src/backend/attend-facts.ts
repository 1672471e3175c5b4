// What every backend asks of an attend plan before it prints it, whatever the language.

import type * as ir from "../ir/expr.ts";
import { float, op, quantity } from "../ir/make.ts";
import { readableTensors } from "../ir/selection.ts";
import { nodes, substitute } from "../ir/walk.ts";
import { planExpressions } from "../schedule/expressions.ts";
import type { Region } from "../schedule/loop.ts";
import type { AttendPlan, Program } from "../schedule/plan.ts";
import { summarySteps } from "../schedule/steps.ts";

/** Scores are kept in units of log2 where they become exponents, because exp2 is the cheapest exponential. */
export const usesLog2 = (plan: AttendPlan) => plan.normalize === "softmax";

/** Linear weights with a logarithm keep a maximum and a sum of exponentials beside the sum of scores. */
export const keepsLogarithm = (plan: AttendPlan) =>
  !usesLog2(plan) && plan.pass !== "replay" && (plan.writes.lse || plan.pass === "statistics");

/** Quantities that any expression of the plan reads. */
export const quantitiesOf = (plan: AttendPlan): ReadonlySet<ir.Quantity> =>
  new Set(nodes(...planExpressions(plan)).flatMap((expr) => (expr.kind === "quantity" ? [expr.name] : [])));

/** The score program, with the scale where it is applied to every pair; undefined where there is neither. */
export function scoreRegion({ scale, score }: AttendPlan): Region | undefined {
  if (scale.at === "query") return score;
  const { lets, value } = score ?? { lets: [], value: quantity("score") };
  const scaled = op("mul", scale.value, quantity("dot"));
  const replace = (expr: ir.Expr) => substitute(expr, (node) => (node === quantity("score") ? scaled : undefined));
  return { lets: lets.map((each) => ({ name: each.name, value: replace(each.value) })), value: replace(value) };
}

/** Whether the scores come out in units of log2 because the query rows are scaled to them: nothing reads them before. */
export const scalesToLog2 = (plan: AttendPlan) => usesLog2(plan) && scoreRegion(plan) === undefined;

/** What query rows are multiplied by as they are loaded; 1 where every pair is scaled. */
export function rowScale(plan: AttendPlan): ir.Expr {
  const folded = plan.scale.at === "query" ? plan.scale.value : float(1);
  return scalesToLog2(plan) ? timesLog2e(folded) : folded;
}

export function timesLog2e(value: ir.Expr): ir.Expr {
  if (value.kind === "const") return float(Number(value.value) * Math.LOG2E);
  return op("mul", value, float(Math.LOG2E));
}

/** The captured tensors, their summaries, and choices of blocks. */
export function capturedBy(program: Program): readonly ir.Tensor[] {
  const summaries = summarySteps(program).flatMap(({ plan: { least, most } }) => [least, most]);
  return [...readableTensors(program.ir), ...summaries];
}

const PASSES = {
  online: "one pass",
  statistics: "first of two passes, statistics of the rows",
  replay: "second of two passes",
  reduce: "statistics of the map",
};

/** For the heading of a kernel. */
export const summaryOf = ({ pass, split, normalize }: AttendPlan) =>
  `attention, ${split ? "one stretch of the keys" : PASSES[pass]}, normalize ${normalize}`;
