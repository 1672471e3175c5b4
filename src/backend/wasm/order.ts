// From the steps that store tokens in another order to the records that their templates read.

import type * as ir from "../../ir/expr.ts";
import { type OrderedBy, storedHeads } from "../../ir/order.ts";
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
  const [keys, queries] = [word(words, "keys"), word(words, "queries")];
  const { dims } = program;
  const around = { step, words, tensors: capturedBy(program), dims, head: [] };
  const [count, alive] = order.keys ? [keys, "(global.get $keys)"] : [queries, queries];
  const own = ownLine(order.per, words);
  const lineOf = (tensor: string, count: string) => lineAt(words, tensor, own, count);
  const workLine = (index: number) => {
    const lines = workLines(order);
    const line = `(i32.add (i32.mul ${own} (i32.const ${lines})) (i32.const ${index}))`;
    return lineAt(words, work, line, count);
  };
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
  const token = order.keys
    ? "(i32.const 0) (local.get $token)"
    : "(i32.add (global.get $query_start) (local.get $token)) (i32.const 0)";
  const sort = order.sort.map(({ value, descending }, index) => {
    const call = `(call $${step}.sort${index} ${token})`;
    return {
      line: workLine(index + 1),
      value: value.type === "float" ? `(call $rank_of_float ${call})` : call,
      compare: descending ? "i32.lt_s" : "i32.gt_s",
    };
  });
  const functions: readonly (readonly [string, ir.Expr])[] = [
    ...order.sort.map(({ value }, index) => [`sort${index}`, value] as const),
    ...order.coordinates.map(({ tensor, value }) => [functionName(tensor.name), value] as const),
  ];
  const { segment, places } = order;
  const follows = keysLine && rowsLine;
  const placesLine = places && lineOf(places.name, keys);
  const sortIt = `(call $${step}.sort (local.get $first) (local.get $end))`;
  const whole = `(i32.eq (i32.sub (local.get $end) (local.get $first)) (i32.const ${segment?.size}))`;
  const calls = [...(follows ? ["rows"] : []), ...(places ? ["places"] : [])];
  return {
    ...{ step, at: wordsView(words), count, alive, lines: LINES[order.per](words), line, sort, coordinates },
    within: segment ? `, in segments of ${segment.size}` : "",
    segmentEnd: segment ? `(call $min_int (i32.add (local.get $first) (i32.const ${segment.size})) ${alive})` : alive,
    sortSegment: segment?.complete ? `(if ${whole} (then ${sortIt}))` : sortIt,
    spare: workLine(0),
    after: calls.map((name) => `(call $${step}.${name})`).join("\n"),
    functions: [
      ...(follows ? [render("wasm/parts/rows-in-order", { step, keysLine, rowsLine, queries })] : []),
      ...(placesLine ? [render("wasm/parts/places-of-tokens", { step, count, line, placesLine })] : []),
      ...functions.map(([name, value]) => blockFunction(name, ["query", "key"], value, around)),
    ].map((code) => ({ code: code.trimEnd() })),
  };
}

type OfWords = (words: Words) => string;

const GROUP: OfWords = (words) => `(i32.div_u ${word(words, "heads")} ${word(words, "kvHeads")})`;

/** Lines of a batch, and the heads that one of them is of. */
const LINES: Readonly<Record<OrderedBy, (words: Words) => OrderView["lines"]>> = {
  batch: () => ({ count: "(i32.const 1)", head: "(i32.const 0)", kv: "(i32.const 0)" }),
  kv: (words) => ({
    count: word(words, "kvHeads"),
    head: `(i32.mul (local.get $line) ${GROUP(words)})`,
    kv: "(local.get $line)",
  }),
  head: (words) => ({
    count: word(words, "heads"),
    head: "(local.get $line)",
    kv: `(i32.div_u (local.get $line) ${GROUP(words)})`,
  }),
};

/** The number of a line, of the head at hand. */
const lineFor = (per: OrderedBy, words: Words, head: string, kv: string): string => {
  const ofBatch = (heads: string, own: string) =>
    `(i32.add ${own} (i32.mul (global.get $batch) ${word(words, heads)}))`;
  if (per === "batch") return "(global.get $batch)";
  return per === "kv" ? ofBatch("kvHeads", kv) : ofBatch("heads", head);
};

/** That of the head at hand. */
export const ownLine = (per: OrderedBy, words: Words) => lineFor(per, words, "(global.get $head)", "(global.get $kv)");

const lineAt = (words: Words, tensor: string, line: string, count: string): string =>
  `(i32.add ${word(words, `buffer.${tensor}`)} (i32.shl (i32.mul ${line} ${count}) (i32.const 2)))`;

const functionName = (tensor: string) => tensor.replace(/^order\./, "");

export function moveView({ name: step, plan }: StepOf<MovePlan>, words: Words): MoveView {
  const { to, order, dims, rows, writes } = plan;
  const stores = to === "stored";
  const [heads, kvHeads] = [word(words, "heads"), word(words, "kvHeads")];
  const [head, ofGroup] = ["(local.get $head)", "(i32.div_u (local.get $head) (local.get $group))"];
  const line = (tensor: string, count: string, kv: string) =>
    lineAt(words, tensor, lineFor(order.per, words, head, kv), count);
  const queries = word(words, "queries");
  const ofRows = order.rows && { heads, fromHead: head, count: queries, line: line(order.rows.name, queries, ofGroup) };
  const keys = word(words, "keys");
  const copies = storedHeads(order) === "heads";
  const ofKeys = order.keys && {
    ...(copies ? { heads, fromHead: ofGroup } : { heads: kvHeads, fromHead: head }),
    ...{ count: keys, line: line(order.keys.name, keys, head) },
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
