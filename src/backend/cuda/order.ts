// From the steps that store tokens in another order to the records that their templates read. A sort is two or three kernels, as
// nothing waits for all blocks of one, and a move is a kernel for each tensor.

import type { Expr } from "../../ir/expr.ts";
import { type Order, type OrderedBy, sortedSide, storedHeads, tokensOf } from "../../ir/order.ts";
import { movedRows, storedName, workLines } from "../../schedule/order.ts";
import type { OrderPlan, Program } from "../../schedule/plan.ts";
import { ownName } from "../simt/dialect.ts";
import { lineOf, RUN, runsOf } from "../simt/order.ts";
import type { Surroundings } from "../simt/scope.ts";
import { render } from "../template.ts";
import { C_TYPES } from "./call.ts";
import type { MovedStep, SortStep } from "./kernels.ts";
import { deviceFunction, stepName } from "./scope.ts";
import type { CudaMoveView, CudaPlacesView, CudaRowsView, CudaRunsView, CudaRunView } from "./views-order.ts";

type BlockSize = { readonly threads: number; readonly sharedBytes: number };

/** How many tokens there are of each side, how many of them are sorted, and the position of one. */
const LENGTHS = {
  query: { length: "call.queries", alive: "call.queries", position: "const int query = add(query_start, token);" },
  key: { length: "call.keys", alive: "keys", position: "const int key = token;" },
} as const;

export function runsView(step: SortStep, kernel: string, around: Surroundings, size: BlockSize): CudaRunsView {
  const sort = step.plan.order.sort.map(({ value, descending }, index) => {
    const { code, called } = deviceFunction(`sort${index}`, { lets: [], value }, around);
    const rank = value.type === "float" ? `rank_of_float(${called()})` : called();
    return { code, value: descending ? `~${rank}` : rank };
  });
  return {
    ...runView(step, kernel),
    ...size,
    functions: sort.map(({ code }) => ({ code })),
    values: sort.map(({ value }) => value).join(", "),
    loads: sort.map((_, index) => `told[i + ${index} * THREADS]`).join(", "),
  };
}

export function placesView(step: SortStep, kernel: string, around: Surroundings): CudaPlacesView {
  const side = sortedSide(step.plan.order);
  const { functions, write } = resultsOf(step.plan, side, "token", around);
  const loads = step.plan.order.sort.map((_, index) => `work[at + ${index + 1}LL * length]`).join(", ");
  return { ...runView(step, kernel), functions, write, loads };
}

export function rowsView(step: SortStep, kernel: string, around: Surroundings, size: BlockSize): CudaRowsView {
  const { functions, write } = resultsOf(step.plan, "query", "row", around);
  return {
    ...{ step: stepName(step), kernel, ...size, functions, write, heads: HEADS_OF[step.plan.order.per] },
    keys: ownName(step.plan.order.keys!.name),
  };
}

/** A run of a segment, and where it lies. */
function runView(step: SortStep, kernel: string): CudaRunView {
  const { order, work } = step.plan;
  return {
    ...{ step: stepName(step), kernel, threads: RUN, heads: HEADS_OF[order.per] },
    ...LENGTHS[sortedSide(order)],
    ...placeOfRun(order),
    work: ownName(work),
    lines: workLines(order),
    sort: order.sort.map((_, index) => ({ index, line: index + 1 })),
  };
}

/** The heads that a line is of. */
const HEADS_OF: Readonly<Record<OrderedBy, string>> = {
  batch: "const int batch = line, head = 0, kv = 0;",
  kv: "const int batch = line / call.kv_heads, kv = line % call.kv_heads, head = kv * (call.heads / call.kv_heads);",
  head: "const int batch = line / call.heads, head = line % call.heads, kv = head / (call.heads / call.kv_heads);",
};

type RunPlace = Pick<CudaRunView, "runs" | "segmentFirst" | "segmentLast" | "segmentEnd" | "first">;

function placeOfRun(order: Order): RunPlace {
  const { segment } = order;
  const runs = runsOf(order);
  const { length } = LENGTHS[sortedSide(order)];
  const alive = "minimum(segment_last, alive)";
  if (!segment || !runs) {
    const whole = { segmentFirst: "0", segmentLast: "length", segmentEnd: alive, first: "run * THREADS" };
    return { runs: `(${length} + ${RUN - 1}) / ${RUN}`, ...whole };
  }
  const { size, complete } = segment;
  return {
    runs: `(${length} + ${size - 1}) / ${size} * ${runs}`,
    segmentFirst: `run / ${runs} * ${size}`,
    segmentLast: `segment_first + ${size}`,
    segmentEnd: complete ? "segment_last <= alive ? segment_last : segment_first" : alive,
    first: `segment_first + run % ${runs} * THREADS`,
  };
}

/** What is written of a token: its number, and what expressions read of it. */
function resultsOf({ order }: Pick<OrderPlan, "order">, side: "query" | "key", token: string, around: Surroundings) {
  const coordinates = order.coordinates
    .filter(({ of }) => of === side)
    .map(({ tensor, value }, index) => coordinate(tensor.name, value, index, around));
  const results = [
    { name: "own_token", value: token, field: ownName(tokensOf(order, side)!.name), index: "place" },
    ...(side === "key" && order.places
      ? [{ name: "own_place", value: "place", field: ownName(order.places.name), index: "token" }]
      : []),
    ...coordinates.map(({ result }) => result),
  ];
  return {
    functions: coordinates.map(({ code }) => ({ code })),
    write: render("cuda/parts/write-token", { results, length: LENGTHS[side].length }).trimEnd(),
  };
}

function coordinate(tensor: string, value: Expr, index: number, around: Surroundings) {
  const { code, called } = deviceFunction(`coordinate${index}_of`, { lets: [], value }, around);
  return { code, result: { name: `own_coordinate${index}`, value: called(), field: ownName(tensor), index: "place" } };
}

export function moveView({ buffers }: Program, step: MovedStep, kernel: string): CudaMoveView {
  const { order, dims, to, tensor } = step.plan;
  const { side, width } = movedRows(tensor, dims);
  const element = C_TYPES[buffers.find(({ name }) => name === tensor)!.element].kernel;
  const type = to === "stored" ? `const ${element}` : element;
  // Keys of KV heads are read by them, or by each query head that stores its own.
  const isOfKv = side === "key" && storedHeads(order) === "kvHeads";
  const head = side === "key" ? "kv" : "head";
  const called =
    tensor === "lse"
      ? "call.lse + row_index(call, batch, head, token)"
      : `static_cast<${type}*>(call.${tensor}) + batch * call.${tensor}_strides[0] + ${head} * call.${tensor}_strides[1] + token * call.${tensor}_strides[2]`;
  const stored = `call.${ownName(storedName(tensor))} + index * WIDTH`;
  return {
    ...{ step: stepName(step), kernel, tensor, element, width, line: lineOf(order.per) },
    ...(isOfKv
      ? { heads: "call.kv_heads", kv: "head" }
      : { heads: "call.heads", kv: "head / (call.heads / call.kv_heads)" }),
    length: LENGTHS[side].length,
    order: ownName(tokensOf(order, side)!.name),
    ...(to === "stored" ? { from: called, to: stored } : { from: stored, to: called }),
  };
}
