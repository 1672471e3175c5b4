// The steps of an attention whose tokens are stored in another order: sort, move rows there, and move results back. What lies
// between reads scratch instead of the caller's tensors and is otherwise none the wiser.

import { dependencies } from "../analysis/depends.ts";
import type * as ir from "../ir/expr.ts";
import { type Importance, importanceRoots } from "../ir/importance.ts";
import { extent, int } from "../ir/make.ts";
import { lineExtents, type Order, orderTensors, sortedSide, storedHeads } from "../ir/order.ts";
import { keepsLse } from "../ir/statistics.ts";
import { statisticsBuffer } from "./buffers.ts";
import type { Buffer, Dims, ImportancePlan, MovePlan, OrderPlan, Program, Rows, Step, StepOf, Stored } from "./plan.ts";
import { isAttend } from "./steps.ts";

/** Name of the scratch in which a tensor of the call lies in stored order. */
export const storedName = (tensor: string) => `stored.${tensor}`;

/** The tensor of the call that a scratch stands for, or the name itself. */
export const calledName = (name: string) => name.replace(/^stored\./, "");

/** Lines that tokens are sorted in: of tokens, and of each thing that they are sorted by. */
export const workLines = ({ sort }: Pick<Order, "sort">) => sort.length + 1;

export type OrderSteps = {
  readonly stored: Stored;
  readonly before: readonly Step[];
  readonly after: readonly Step[];
  readonly scratch: readonly Buffer[];
};

/** @param ofCall what the call binds; some of it is stored in order
 *  @param sharesRows whether threads share the softmax of a row */
export function orderSteps(
  attention: ir.AttentionIr,
  dims: Dims,
  rows: Rows,
  ofCall: readonly Buffer[],
  sharesRows: boolean,
): OrderSteps | undefined {
  const { order } = attention;
  if (!order) return undefined;
  const tensors = orderTensors(order);
  const work = "order.work";
  const keyHeads = storedHeads(order);
  const stored: Stored = { keys: order.keys !== undefined, rows: order.rows !== undefined, keyHeads };
  const worth = order.importances.map((importance) => importanceStep(importance, dims, rows, sharesRows));
  const lse = keepsLse(attention);
  const sorted = extent(sortedSide(order) === "key" ? "keys" : "queries");
  const move = (to: "stored" | "call"): MovePlan => ({ kind: "move", to, order, dims, rows, writes: { lse } });
  const moved = [...(stored.keys ? ["key", "value"] : []), ...(stored.rows ? ["query"] : [])];
  const results = stored.rows ? ["out", ...(lse ? ["lse"] : [])] : [];
  const sort: Step = {
    name: "order",
    plan: { kind: "order", order, work },
    reads: [...dependencies(...order.sort.map(({ value }) => value)).tensors, "key_lengths", "query_start"],
    writes: [work, ...tensors.map(({ name }) => name)],
  };
  const store: StepOf<MovePlan> = {
    name: "store",
    plan: move("stored"),
    reads: [...moved, ...tensors.map(({ name }) => name)],
    writes: moved.map(storedName),
  };
  const restore: StepOf<MovePlan> = {
    name: "restore",
    plan: move("call"),
    reads: [...results.map(storedName), ...(order.rows ? [order.rows.name] : [])],
    writes: results,
  };
  return {
    stored,
    before: [...worth.map(({ step }) => step), sort, store],
    after: stored.rows ? [restore] : [],
    scratch: [
      ...worth.flatMap(({ scratch }) => scratch),
      { name: work, role: "scratch", element: "i32", extents: [...lineExtents(order), int(workLines(order)), sorted] },
      ...tensors.map(({ name, extents }): Buffer => ({ name, role: "scratch", element: "i32", extents })),
      ...ofCall
        .filter(({ name }) => moved.includes(name) || results.includes(name))
        .map((buffer) => storedBuffer(buffer, keyHeads)),
    ],
  };
}

/** @param sharesRows whether threads share the softmax of a row */
export function importanceStep(importance: Importance, dims: Dims, rows: Rows, sharesRows = false) {
  const { tensor, softmax } = importance;
  const statistics = softmax && sharesRows ? `${tensor.name}.rows` : undefined;
  const step: StepOf<ImportancePlan> = {
    name: tensor.name.replace(/^order\./, ""),
    plan: { kind: "importance", importance, ...(statistics && { statistics }), dims, rows },
    reads: [
      "query",
      "key",
      ...dependencies(...importanceExpressions(importance)).tensors,
      "key_lengths",
      "query_start",
    ],
    writes: [...(statistics ? [statistics] : []), tensor.name],
  };
  const scratch: readonly Buffer[] = [
    ...(statistics ? [statisticsBuffer(statistics)] : []),
    { name: tensor.name, role: "scratch", element: "f32", extents: tensor.extents },
  ];
  return { step, scratch };
}

const importanceExpressions = (importance: Importance): readonly ir.Expr[] =>
  importanceRoots([importance]).map(({ expr }) => expr);

/** Keys and values may have more heads where they are stored than the call has. */
function storedBuffer(buffer: Buffer, keyHeads: Stored["keyHeads"]): Buffer {
  const extents = buffer.extents.map((each) => (each === extent("kvHeads") ? extent(keyHeads) : each));
  return { ...buffer, name: storedName(buffer.name), role: "scratch", extents };
}

/** The tensors of a call for which scratch stands between the sort and the way back. */
export const storedTensors = ({ keys, rows }: Stored): readonly MovedTensor[] => [
  ...(keys ? (["key", "value"] as const) : []),
  ...(rows ? (["query", "out", "lse"] as const) : []),
];

/** Tensors of the call for which scratch in stored order stands. */
export function storedNames(program: Pick<Program, "steps" | "buffers">): readonly MovedTensor[] {
  const { stored } = program.steps.find(isAttend)!.plan;
  const names = stored ? storedTensors(stored) : [];
  return names.filter((name) => program.buffers.some((buffer) => buffer.name === name));
}

/** A tensor that a step moves. */
export type MovedTensor = "query" | "key" | "value" | "out" | "lse";

/** Whose rows it has, and how many elements are in one. */
export function movedRows(tensor: MovedTensor, { dim, valueDim }: Dims) {
  const side = tensor === "key" || tensor === "value" ? "key" : "query";
  return { side, width: { query: dim, key: dim, value: valueDim, out: valueDim, lse: 1 }[tensor] } as const;
}

/** Those of a step, in their order. */
export const movedTensors = ({ writes }: StepOf<MovePlan>) => writes.map(calledName) as readonly MovedTensor[];

/** What a sort is made of on machines of many threads; rows that follow keys are found last. */
export type OrderPart = "runs" | "places" | "rows";
export const orderParts = ({ order }: OrderPlan): readonly OrderPart[] => [
  ...(["runs", "places"] as const),
  ...(order.keys && order.rows ? (["rows"] as const) : []),
];

/** What an importance is made of there: the softmax of every row first, where there is one. */
export type ImportancePart = "weigh-keys" | "importance";
export const importanceParts = ({ statistics }: ImportancePlan): readonly ImportancePart[] => [
  ...(statistics ? (["weigh-keys"] as const) : []),
  "importance",
];

/** What a step reads and writes, by the scratch that stands for it. */
export function inStoredOrder<S extends Step>(step: S, stored: Stored | undefined): S {
  if (!stored) return step;
  const names: readonly string[] = storedTensors(stored);
  const renamed = (all: readonly string[]) => all.map((name) => (names.includes(name) ? storedName(name) : name));
  return { ...step, plan: { ...step.plan, stored }, reads: renamed(step.reads), writes: renamed(step.writes) };
}
