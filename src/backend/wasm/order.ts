// From the steps that store tokens in another order to the records that their templates read.

import type * as ir from "../../ir/expr.ts";
import { storedName, workLines } from "../../schedule/order.ts";
import type { MovePlan, OrderPlan, Program, StepOf } from "../../schedule/plan.ts";
import { capturedBy } from "../attend-facts.ts";
import { render } from "../template.ts";
import { blockFunction } from "./choose.ts";
import type { Words } from "./layout.ts";
import { word } from "./scope.ts";
import { wordsView } from "./view.ts";
import type { MoveView, OrderView } from "./views-order.ts";

export function orderView(program: Program, { name: step, plan }: StepOf<OrderPlan>, words: Words): OrderView {
  const { order, work } = plan;
  const [keys, queries, kvHeads] = [word(words, "keys"), word(words, "queries"), word(words, "kvHeads")];
  const { dims } = program;
  const around = { step, words, tensors: capturedBy(program), dims, head: [] };
  const [count, alive] = order.keys ? [keys, "(global.get $keys)"] : [queries, queries];
  const workLine = (index: number) =>
    `(i32.add ${word(words, `buffer.${work}`)} (i32.mul (i32.shl ${count} (i32.const 2)) ${lineIn(workLines(order), index)}))`;
  const lineOf = (tensor: string, count: string) => firstLine(words, tensor, count);
  const keysLine = order.keys && lineOf(order.keys.name, keys);
  const rowsLine = order.rows && lineOf(order.rows.name, queries);
  const line = keysLine ?? rowsLine!;
  const at = (start: string) => `(i32.load (i32.add ${start} (i32.shl (local.get $place) (i32.const 2))))`;
  const coordinates = order.coordinates.map(({ of, tensor }, index) => ({
    ...{ index, name: functionName(tensor.name) },
    ...(of === "key"
      ? { line: lineOf(tensor.name, keys), count: keys, token: `(i32.const 0) ${at(keysLine!)}` }
      : {
          line: lineOf(tensor.name, queries),
          count: queries,
          token: `(i32.add (global.get $query_start) ${at(rowsLine!)}) (i32.const 0)`,
        }),
  }));
  const sort = order.sort.map(({ descending }, index) => ({
    ...{ name: `sort${index}`, line: workLine(index + 1) },
    compare: descending ? "i32.lt_s" : "i32.gt_s",
  }));
  const functions: readonly (readonly [string, ir.Expr])[] = [
    ...order.sort.map(({ value }, index) => [`sort${index}`, value] as const),
    ...order.coordinates.map(({ tensor, value }) => [functionName(tensor.name), value] as const),
  ];
  const { segment } = order;
  const follows = keysLine && rowsLine;
  const sortIt = `(call $${step}.sort (local.get $first) (local.get $end))`;
  const whole = `(i32.eq (i32.sub (local.get $end) (local.get $first)) (i32.const ${segment?.size}))`;
  return {
    ...{ step, at: wordsView(words), count, alive, kvHeads, line, sort, coordinates },
    token: order.keys
      ? "(i32.const 0) (local.get $token)"
      : "(i32.add (global.get $query_start) (local.get $token)) (i32.const 0)",
    within: segment ? `, in segments of ${segment.size}` : "",
    segmentEnd: segment ? `(call $min_int (i32.add (local.get $first) (i32.const ${segment.size})) ${alive})` : alive,
    sortSegment: segment?.complete ? `(if ${whole} (then ${sortIt}))` : sortIt,
    spare: workLine(0),
    rows: follows ? `(call $${step}.rows)` : "",
    lines: [
      ...(keysLine ? [{ line: keysLine, count: keys }] : []),
      ...(rowsLine ? [{ line: rowsLine, count: queries }] : []),
      ...coordinates.map(({ line: own, count }) => ({ line: own, count })),
    ],
    functions: [
      ...(follows ? [render("wasm/parts/rows-in-order", { step, keysLine, rowsLine, queries })] : []),
      ...functions.map(([name, value]) => blockFunction(name, "pair", value, around)),
    ].map((code) => ({ code: code.trimEnd() })),
  };
}

/** The number of a line of the batch. */
const lineIn = (lines: number, index: number) =>
  `(i32.add (i32.mul (global.get $batch) (i32.const ${lines})) (i32.const ${index}))`;

/** The line of the first KV head of the batch. */
function firstLine(words: Words, tensor: string, count: string): string {
  const heads = `(i32.mul (global.get $batch) ${word(words, "kvHeads")})`;
  return `(i32.add ${word(words, `buffer.${tensor}`)} (i32.shl (i32.mul ${heads} ${count}) (i32.const 2)))`;
}

const functionName = (tensor: string) => tensor.replace(/^order\./, "");

export function moveView({ name: step, plan }: StepOf<MovePlan>, words: Words): MoveView {
  const { to, order, dims, rows, writes } = plan;
  const stores = to === "stored";
  const [heads, kvHeads] = [word(words, "heads"), word(words, "kvHeads")];
  const lineFor = (tensor: string, count: string, kv: string) => {
    const bytes = `(i32.shl (i32.mul ${kv} ${count}) (i32.const 2))`;
    return `(i32.add ${firstLine(words, tensor, count)} ${bytes})`;
  };
  const queries = word(words, "queries");
  const ofGroup = "(i32.div_u (local.get $head) (local.get $group))";
  const ofRows = order.rows && { heads, count: queries, line: lineFor(order.rows.name, queries, ofGroup) };
  const keys = word(words, "keys");
  const ofKeys = order.keys && {
    ...{ heads: kvHeads, count: keys },
    line: lineFor(order.keys.name, keys, "(local.get $head)"),
  };
  const storedBytes = rows.stored === "f16" ? 2 : 4;
  const results = [{ name: "out", bytes: dims.valueDim * 4 }, ...(writes.lse ? [{ name: "lse", bytes: 4 }] : [])];
  const moves = stores
    ? [
        ...(ofKeys
          ? [
              { name: "key", bytes: dims.dim * storedBytes, ...ofKeys },
              { name: "value", bytes: dims.valueDim * storedBytes, ...ofKeys },
            ]
          : []),
        ...(ofRows ? [{ name: "query", bytes: dims.dim * 4, ...ofRows }] : []),
      ]
    : results.map((result) => ({ ...result, ...ofRows! }));
  const rowsOf = stores ? { toRow: "$place", fromRow: "$token" } : { toRow: "$token", fromRow: "$place" };
  return {
    ...{ step, at: wordsView(words), heads, kvHeads },
    what: stores ? "rows into stored order" : "results into the order of the call",
    moves: moves.map((move, index) => {
      const [own, other] = [words[placeName(move.name)]!, words[storedName(move.name)]!];
      return { ...move, index, ...rowsOf, ...(stores ? { from: own, to: other } : { from: other, to: own }) };
    }),
  };
}

/** Where the address of a tensor and its strides stand in the parameter block; `lse` has only an address of its own. */
const placeName = (tensor: string) => (tensor === "lse" ? "lse.rows" : tensor);
