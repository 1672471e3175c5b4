// From the step that finds what keys are worth to the record that its template reads. One pair at a time, but for the product:
// it looks at few rows of the map.

import type { Expr } from "../../ir/expr.ts";
import { quantity } from "../../ir/make.ts";
import type { RowRange } from "../../ir/statistics.ts";
import { nodes } from "../../ir/walk.ts";
import type { ImportancePlan, Program, StepOf } from "../../schedule/plan.ts";
import { capturedBy } from "../attend-facts.ts";
import { render } from "../template.ts";
import { blockFunction } from "./choose.ts";
import type { Words } from "./layout.ts";
import { emptyBits, JOIN_ONE } from "./reduce.ts";
import { word } from "./scope.ts";
import { inStoredOrder, wordsView } from "./view.ts";
import type { ImportanceView } from "./views-order.ts";

const POSITION = "(i32.add (global.get $query_start) (local.get $row))";

/** @param weightsAt where in the scratch of a step there is room for a word a key, behind a row of f32 */
export function importanceView(
  program: Program,
  { name: step, plan }: StepOf<ImportancePlan>,
  given: Words,
  weightsAt: number,
): ImportanceView {
  const { dims, rows, importance } = plan;
  const { of, tensor, op, value, asked, takes, softmax, along } = importance;
  const words = plan.stored ? inStoredOrder(given, plan.stored) : given;
  const around = { step, words, tensors: capturedBy(program), dims, head: [] };
  const [heads, queries] = [word(words, "heads"), word(words, "queries")];
  const length = of === "key" ? word(words, "keys") : queries;
  const folded = { first: `(call $${step}.along_first)`, end: `(call $${step}.along_end)` };
  const all = (end: string) => ({ first: "(i32.const 0)", end });
  const own = `(i32.add (global.get $head) (i32.mul (global.get $batch) ${heads}))`;
  const weights = `(i32.add (global.get $scratch) (i32.const ${weightsAt}))`;
  const weightAt = `(i32.add ${weights} (i32.shl (local.get $key) (i32.const 2)))`;
  const bounds = (name: string, { first, end }: RowRange) => [
    blockFunction(`${name}_first`, [], first, around),
    blockFunction(`${name}_end`, [], end, around),
  ];
  const weight = softmax ? `(f32.load ${weightAt})` : "(f32.const 0)";
  const worth = `(call $${step}.value ${POSITION} (local.get $key) ${productFor(step, value)} ${weight})`;
  const meet = `(f32.store (local.get $at) (${JOIN_ONE.f32[op]} (f32.load (local.get $at)) ${worth}))`;
  const weigh = {
    step,
    weights,
    at: weightAt,
    position: POSITION,
    product: softmax ? productFor(step, softmax.of) : "",
  };
  return {
    ...{ step, at: wordsView(words), heads, length, kvHeads: word(words, "kvHeads") },
    line: `(i32.add ${word(words, `buffer.${tensor.name}`)} (i32.shl (i32.mul ${own} ${length}) (i32.const 2)))`,
    ...(of === "key"
      ? { what: "keys are worth to rows", rows: folded, keys: all("(global.get $keys)"), place: "$key" }
      : { what: "rows are worth to keys", rows: all(queries), keys: folded, place: "$row" }),
    emptyBits: emptyBits(op, importance.tensor),
    pass: asked ? `(br_if $passed (i32.eqz (call $${step}.asked ${POSITION} (i32.const 0))))` : "",
    weigh: softmax ? `(call $${step}.weigh (local.get $row))` : "",
    meet: takes ? `(if (call $${step}.takes ${POSITION} (local.get $key)) (then ${meet}))` : meet,
    product: productOf(rows.stored === "f16", dims.dim, words),
    functions: [
      ...(softmax
        ? [render("wasm/parts/weigh-keys", weigh), blockFunction("of", ["query", "key", "dot"], softmax.of, around)]
        : []),
      ...(softmax ? bounds("keys", softmax.keys) : []),
      ...bounds("along", along),
      ...(asked ? [blockFunction("asked", ["query", "key"], asked, around)] : []),
      ...(takes ? [blockFunction("takes", ["query", "key"], takes, around)] : []),
      blockFunction("value", ["query", "key", "dot", "weight"], value, around),
    ].map((code) => ({ code: code.trimEnd() })),
  };
}

/** The product of `$row` and `$key`, where an expression reads it. */
export const productFor = (step: string, expr: Expr): string =>
  nodes(expr).includes(quantity("dot")) ? `(call $${step}.product (local.get $row) (local.get $key))` : "(f32.const 0)";

/** Of `$row` and `$key`; a row of halves is made wide first. */
export function productOf(isHalf: boolean, dim: number, words: Words): string {
  const query = `(call $locate (i32.const ${words.query}) (global.get $head) (local.get $row))`;
  const key = `(call $locate (i32.const ${words.key}) (global.get $kv) (local.get $key))`;
  if (!isHalf) return `(call $dot_rows ${query} ${key} (i32.const ${dim}))`;
  const widen = `(call $widen_halves (global.get $scratch) (i32.const 0) ${key} (i32.const 0) (i32.const 1) (i32.const ${dim}))`;
  return `${widen}\n(call $dot_rows ${query} (global.get $scratch) (i32.const ${dim}))`;
}
