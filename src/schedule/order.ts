// The steps of an attention whose tokens are stored in another order: sort, move rows there, and move results back. What lies
// between reads scratch instead of the caller's tensors and is otherwise none the wiser.

import type * as ir from "../ir/expr.ts";
import { extent, int } from "../ir/make.ts";
import { orderTensors } from "../ir/order.ts";
import { keepsLse } from "../ir/statistics.ts";
import type { Buffer, Dims, MovePlan, Rows, Step, StepOf, Stored } from "./plan.ts";

/** Name of the scratch in which a tensor of the call lies in stored order. */
export const storedName = (tensor: string) => `stored.${tensor}`;

/** Scratch [queries]: which rows have a place already. */
export const takenName = "order.taken";

export type OrderSteps = {
  readonly stored: Stored;
  readonly before: readonly Step[];
  readonly after: readonly Step[];
  readonly scratch: readonly Buffer[];
};

/** @param ofCall what the call binds; some of it is stored in order */
export function orderSteps(
  attention: ir.AttentionIr,
  dims: Dims,
  rows: Rows,
  ofCall: readonly Buffer[],
): OrderSteps | undefined {
  const { order } = attention;
  if (!order) return undefined;
  const tensors = orderTensors(order);
  const work = "order.work";
  const stored: Stored = { rows: order.rows !== undefined };
  const lse = keepsLse(attention);
  const move = (to: "stored" | "call"): MovePlan => ({ kind: "move", to, order, dims, rows, writes: { lse } });
  const moved = ["key", "value", ...(stored.rows ? ["query"] : [])];
  const results = stored.rows ? ["out", ...(lse ? ["lse"] : [])] : [];
  const sort: Step = {
    name: "order",
    plan: { kind: "order", order, work },
    reads: ["key_lengths", "query_start"],
    writes: [work, ...(stored.rows ? [takenName] : []), ...tensors.map(({ name }) => name)],
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
    before: [sort, store],
    after: stored.rows ? [restore] : [],
    scratch: [
      { name: work, role: "scratch", element: "i32", extents: [int(order.sort.length + 1), extent("keys")] },
      ...(stored.rows
        ? [{ name: takenName, role: "scratch", element: "i32", extents: [extent("queries")] } as const]
        : []),
      ...tensors.map(({ name, extents }): Buffer => ({ name, role: "scratch", element: "i32", extents })),
      ...ofCall
        .filter(({ name }) => moved.includes(name) || results.includes(name))
        .map((buffer): Buffer => ({ ...buffer, name: storedName(buffer.name), role: "scratch" })),
    ],
  };
}

/** The tensors of a call for which scratch stands between the sort and the way back. */
export const storedTensors = ({ rows }: Stored): readonly string[] => [
  ...["key", "value"],
  ...(rows ? ["query", "out", "lse"] : []),
];

/** What a step reads and writes, by the scratch that stands for it. */
export function inStoredOrder<S extends Step>(step: S, stored: Stored | undefined): S {
  if (!stored) return step;
  const names = storedTensors(stored);
  const renamed = (all: readonly string[]) => all.map((name) => (names.includes(name) ? storedName(name) : name));
  return { ...step, plan: { ...step.plan, stored }, reads: renamed(step.reads), writes: renamed(step.writes) };
}
