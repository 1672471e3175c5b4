// The loops of the steps that store tokens in another order: what keys are worth, the sort, and the moves.

import { printExpr } from "../ir/print.ts";
import type { ImportancePlan, MovePlan, OrderPlan, StepOf } from "./plan.ts";
import { inside } from "./print.ts";

export function importanceLoops({ name, plan: { importance } }: StepOf<ImportancePlan>): string[] {
  const { of, tensor, op, along, softmax, value } = importance;
  const [each, place, others] = of === "key" ? ["key k", "k", "rows"] : ["row q", "q", "keys"];
  const own = softmax ? [`p = softmax of ${printExpr(softmax.of)} along the keys of a row`] : [];
  return [
    `step ${name}: for each batch b, each query head h and each ${each}`,
    ...inside(1, [...own, `${tensor.name}[b, h, ${place}] = ${op} of ${printExpr(value)}`]),
    ...inside(2, [`over the ${others} ${printExpr(along.first)} to before ${printExpr(along.end)}`]),
  ];
}

export function orderLoops({ name, plan: { order } }: StepOf<OrderPlan>): string[] {
  const by = order.sort.map(({ value, descending }) => `${printExpr(value)}${descending ? " descending" : ""}`);
  const { line, each } = ORDER_LINES[order.per];
  const [tensor, tokens] = order.keys ? ["order.key", "keys k"] : ["order.row", "rows q"];
  return [
    `step ${name}: for each ${each} and each segment of its tokens`,
    ...inside(1, [`${tensor}[${line}, place] = the ${tokens}, sorted by ${by.join(", then ")}`]),
  ];
}

const ORDER_LINES = {
  batch: { line: "b", each: "batch b" },
  kv: { line: "b, kv", each: "batch b, each KV head kv" },
  head: { line: "b, h", each: "batch b, each query head h" },
} as const;

export function moveLoops({ name, plan: { to }, reads, writes }: StepOf<MovePlan>): string[] {
  const what = to === "stored" ? "each row of" : "each row of what was computed,";
  return [
    `step ${name}: for ${what} ${reads.filter((read) => !read.startsWith("order.")).join(", ")}`,
    ...inside(1, [`moved to ${writes.join(", ")}`]),
  ];
}
