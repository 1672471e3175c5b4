// From the steps that store tokens in another order to the records that their templates read. A sort is runs, places and,
// where rows follow keys, rows: no barrier spans workgroups, so each is a shader of its own. A move is a shader for each tensor.

import type { Expr } from "../../ir/expr.ts";
import { type Order, type OrderedBy, sortedSide, storedHeads, tokensOf } from "../../ir/order.ts";
import { type MovedTensor, movedRows, type OrderPart, workLines } from "../../schedule/order.ts";
import type { MovePlan, OrderPlan, Program, StepOf } from "../../schedule/plan.ts";
import { lineOf, RUN, runsOf } from "../simt/order.ts";
import type { Surroundings } from "../simt/scope.ts";
import type { Printed } from "../views.ts";
import { startView } from "./attend.ts";
import { part, printedCall } from "./context.ts";
import { elementIn, placeOf } from "./places.ts";
import type { WgslMoveView, WgslPlacesView, WgslRowsInOrderView, WgslRunsView, WgslRunView } from "./views-order.ts";

/** How many tokens there are of each side, and how many of them are sorted. */
const LENGTHS = {
  query: { length: "call.queries", alive: "call.queries", position: "let query = query_start + token;" },
  key: { length: "call.keys", alive: "keys", position: "let key = token;" },
} as const;

type OrderStep = StepOf<OrderPlan>;

/** The view of a part by the name of its template. */
export function orderView(
  program: Program,
  { plan }: OrderStep,
  piece: OrderPart,
  step: string,
  around: Surroundings,
): WgslRunsView | WgslPlacesView | WgslRowsInOrderView {
  const found = { runs: runsView, places: placesView, rows: rowsView }[piece];
  return found(program, plan, step, around);
}

function runsView(program: Program, plan: OrderPlan, step: string, around: Surroundings): WgslRunsView {
  const sort = plan.order.sort.map(({ value, descending }, index) => {
    const { functions, call } = printedCall(`sort${index}`, value, "What tokens are sorted by.", around);
    const rank = value.type === "float" ? `rank_of_float(${call})` : call;
    return { functions, value: descending ? `~${rank}` : rank };
  });
  return {
    ...runView(program, plan, step, around),
    functions: sort.flatMap(({ functions }) => functions),
    values: sort.map(({ value }) => value).join(", "),
  };
}

function placesView(program: Program, plan: OrderPlan, step: string, around: Surroundings): WgslPlacesView {
  const side = sortedSide(plan.order);
  const { length } = LENGTHS[side];
  return {
    ...runView(program, plan, step, around),
    ...resultsOf(plan, side, "token", around),
    loads: plan.order.sort.map((_, index) => `bitcast<i32>(facts[at + ${index + 1} * ${length}])`).join(", "),
  };
}

/** Runs of a segment, and where they lie. */
function runView(program: Program, plan: OrderPlan, step: string, around: Surroundings): WgslRunView {
  const { order, work } = plan;
  const lengths = LENGTHS[sortedSide(order)];
  const segmentSize = order.segment ? String(order.segment.size) : lengths.length;
  return {
    ...{ step, threads: RUN, ...lengths, segmentSize, heads: HEADS_OF[order.per], line: lineOf(order.per) },
    ...startView(program, around),
    ...placeOfRun(order),
    leaveShort: order.segment?.complete ? part("leave-short", { segmentSize, alive: lengths.alive }) : "",
    workAt: placeOf(work),
    lines: workLines(order),
    sort: order.sort.map((_, index) => ({ index, line: index + 1 })),
  };
}

const GROUP = "max(call.heads / max(call.kv_heads, 1), 1)";

/** The heads that an order is of. */
const HEADS_OF: Readonly<Record<OrderedBy, string>> = {
  batch: "let head = 0;\nlet kv = 0;",
  kv: `let kv = i32(group.y);\nlet head = kv * ${GROUP};`,
  head: `let head = i32(group.y);\nlet kv = head / ${GROUP};`,
};

/** Segment of a run, and where the run begins. */
function placeOfRun(order: Order): Pick<WgslRunView, "segmentFirst" | "first"> {
  const runs = runsOf(order);
  if (runs === undefined) return { segmentFirst: "0", first: `i32(group.x) * ${RUN}` };
  return {
    segmentFirst: `(i32(group.x) / ${runs}) * ${order.segment!.size}`,
    first: `segment_first + (i32(group.x) % ${runs}) * ${RUN}`,
  };
}

function rowsView(program: Program, plan: OrderPlan, step: string, around: Surroundings): WgslRowsInOrderView {
  const { functions, results } = resultsOf(plan, "query", "row", around);
  const { per } = plan.order;
  return {
    ...{ step, threads: RUN, functions, heads: HEADS_OF[per], line: lineOf(per) },
    ...startView(program, around),
    keysAt: placeOf(plan.order.keys!.name),
    write: part("write-row", { results, line: lineOf(per) }),
  };
}

/** What is written of a token: its number, and what expressions read of it. */
function resultsOf({ order }: OrderPlan, side: "query" | "key", token: string, around: Surroundings) {
  const coordinates = order.coordinates.filter(({ of }) => of === side);
  const printed = coordinates.map(({ tensor, value }, index) => coordinate(tensor.name, value, index, around));
  return {
    functions: printed.flatMap(({ functions }) => functions),
    results: [
      { name: "own_token", value: token, at: placeOf(tokensOf(order, side)!.name), index: "place" },
      ...(side === "key" && order.places
        ? [{ name: "own_place", value: "place", at: placeOf(order.places.name), index: "token" }]
        : []),
      ...printed.map(({ result }) => result),
    ],
  };
}

function coordinate(tensor: string, value: Expr, index: number, around: Surroundings) {
  const { functions, call } = printedCall(`coordinate${index}`, value, "A coordinate of a token.", around);
  return {
    functions: functions as readonly Printed[],
    result: { name: `own_coordinate${index}`, value: call, at: placeOf(tensor), index: "place" },
  };
}

/** Rows that a workgroup moves: few, so that many workgroups have some, and enough for the most that there may be. */
export const MOVED_ROWS = 16;

const MOVE_THREADS = 64;

export function moveView(program: Program, plan: MovePlan, tensor: MovedTensor, step: string): WgslMoveView {
  const { order, dims, to } = plan;
  const { side, width } = movedRows(tensor, dims);
  const { length } = LENGTHS[side];
  const copy = elementIn(program, tensor) === "f16" ? "copy-half" : "copy-word";
  // Keys of KV heads are read by them, or by each query head that stores its own.
  const isOfKv = side === "key" && storedHeads(order) === "kvHeads";
  const heads = isOfKv ? "call.kv_heads" : "call.heads";
  const called = side === "key" ? "kv" : "head";
  return {
    ...{ step, tensor, threads: MOVE_THREADS, rows: MOVED_ROWS, width, length, heads, line: lineOf(order.per) },
    kv: isOfKv ? "head" : `head / ${GROUP}`,
    orderAt: placeOf(tokensOf(order, side)!.name),
    // lse is contiguous, and its head is one of the rows of the call.
    called:
      tensor === "lse"
        ? "(batch * call.heads + head) * call.queries + token"
        : `call.${tensor}_offset + batch * call.${tensor}_batch + ${called} * call.${tensor}_head + token * call.${tensor}_row + column`,
    copy: part(copy, to === "stored" ? { from: "called", to: "stored" } : { from: "stored", to: "called" }),
  };
}
