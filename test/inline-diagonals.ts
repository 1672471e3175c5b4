// The same program without tables of distances: every pair computes for itself what it would read from one. What a table
// is held to, bit for bit, and what it is timed against.

import type * as ir from "../src/ir/expr.ts";
import { substitute } from "../src/ir/walk.ts";
import type { Region } from "../src/schedule/loop.ts";
import type { AttendPlan, Program } from "../src/schedule/plan.ts";
import { isAttend } from "../src/schedule/steps.ts";

export function inlineDiagonals(program: Program): Program {
  const steps = program.steps.map((step) => (isAttend(step) ? { ...step, plan: inlinePlan(step.plan) } : step));
  return { ...program, steps };
}

function inlinePlan(plan: AttendPlan): AttendPlan {
  const values = new Map<string, ir.Expr>();
  const inline = (expr: ir.Expr) =>
    substitute(expr, (node) => (node.kind === "local" ? values.get(node.name) : undefined));
  for (const { name, value } of plan.diagonal) values.set(name, inline(value));
  const region = ({ lets, value }: Region): Region => ({
    lets: lets.map((each) => ({ ...each, value: inline(each.value) })),
    value: inline(value),
  });
  const { score, mask, weight } = plan;
  return {
    ...plan,
    diagonal: [],
    ...(score ? { score: region(score) } : {}),
    ...(mask ? { mask: region(mask) } : {}),
    ...(weight ? { weight: { ...weight, region: region(weight.region) } } : {}),
  };
}
