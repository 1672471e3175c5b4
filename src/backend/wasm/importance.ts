// From the step that finds what keys are worth to the record that its template reads. One pair at a time, but for the products:
// it looks at few rows of the map.

import type { RowRange } from "../../ir/statistics.ts";
import type { ImportancePlan, Program, StepOf } from "../../schedule/plan.ts";
import { capturedBy } from "../attend-facts.ts";
import { render } from "../template.ts";
import { blockFunction } from "./choose.ts";
import type { Words } from "./layout.ts";
import { LANES, listKeys, multiplyFour, NEXT_FOUR, productsFunction } from "./listed-keys.ts";
import { emptyBits, JOIN_ONE } from "./reduce.ts";
import { word } from "./scope.ts";
import { inStoredOrder, wordsView } from "./view.ts";
import type { ImportanceView } from "./views-order.ts";

/** The next four from `$key` on; behind the last it comes again. */
const NEXT_KEYS = LANES.map(
  ({ index }) => `(call $min_int (i32.add (local.get $key) (i32.const ${index})) (local.get $last))`,
);

const POSITION = "(i32.add (global.get $query_start) (local.get $row))";

/** @param freeAt where in the scratch of a step there is room for two words a key, behind four rows of f32 */
export function importanceView(
  program: Program,
  { name: step, plan }: StepOf<ImportancePlan>,
  given: Words,
  freeAt: number,
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
  const weights = `(i32.add (global.get $scratch) (i32.const ${freeAt}))`;
  const weightAt = `(i32.add ${weights} (i32.shl (local.get $key) (i32.const 2)))`;
  const bounds = (name: string, { first, end }: RowRange) => [
    blockFunction(`${name}_first`, [], first, around),
    blockFunction(`${name}_end`, [], end, around),
  ];
  const weight = softmax ? `(f32.load ${weightAt})` : "(f32.const 0)";
  const worth = `(call $${step}.value ${POSITION} (local.get $key) (local.get $product) ${weight})`;
  const meet = `(f32.store (local.get $at) (${JOIN_ONE.f32[op]} (f32.load (local.get $at)) ${worth}))`;
  const weigh = {
    step,
    weights,
    position: POSITION,
    multiply: softmax ? multiplyFour(step, softmax.of, NEXT_KEYS) : "",
    lanes: LANES,
  };
  const byKey = of === "key";
  const list = `(i32.add ${weights} (i32.shl (global.get $keys) (i32.const 2)))`;
  const { functions, ...listed } = listKeys(around, list, byKey ? all("(global.get $keys)") : folded, POSITION, takes);
  const ofHalves = { isHalf: rows.stored === "f16", words };
  return {
    ...{ step, at: wordsView(words), heads, length, kvHeads: word(words, "kvHeads") },
    line: `(i32.add ${word(words, `buffer.${tensor.name}`)} (i32.shl (i32.mul ${own} ${length}) (i32.const 2)))`,
    ...(byKey
      ? { what: "keys are worth to rows", rows: folded, place: "$key" }
      : { what: "rows are worth to keys", rows: all(queries), place: "$row" }),
    emptyBits: emptyBits(op, importance.tensor),
    pass: asked ? `(br_if $passed (i32.eqz (call $${step}.asked ${POSITION} (i32.const 0))))` : "",
    weigh: softmax ? `(call $${step}.weigh (local.get $row))` : "",
    ...listed,
    multiply: multiplyFour(step, value, NEXT_FOUR),
    meet,
    functions: [
      ...(softmax
        ? [render("wasm/parts/weigh-keys", weigh), blockFunction("of", ["query", "key", "dot"], softmax.of, around)]
        : []),
      ...(softmax ? bounds("keys", softmax.keys) : []),
      ...bounds("along", along),
      ...(asked ? [blockFunction("asked", ["query", "key"], asked, around)] : []),
      ...functions,
      ...productsFunction(step, [value, ...(softmax ? [softmax.of] : [])], dims.dim, ofHalves),
      blockFunction("value", ["query", "key", "dot", "weight"], value, around),
    ].map((code) => ({ code: code.trimEnd() })),
  };
}
