// The steps of an attention whose tokens are stored in another order: sort, move rows there, and move results back. What lies
// between reads scratch instead of the caller's tensors and is otherwise none the wiser.

import type * as ir from "../ir/expr.ts";
import { extent, int } from "../ir/make.ts";
import { orderTensors } from "../ir/order.ts";
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

export function orderSteps({ order, outputs }: ir.AttentionIr, dims: Dims, rows: Rows): OrderSteps | undefined {
  if (!order) return undefined;
  const tensors = orderTensors(order);
  const work = "order.work";
  const stored: Stored = { rows: order.rows !== undefined };
  const lse = outputs.lse;
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
      ...[...moved, ...results].map((name) => storedBuffer(name, dims, rows)),
    ],
  };
}

function storedBuffer(name: string, dims: Dims, rows: Rows): Buffer {
  const ofRows = [extent("batch"), extent("heads"), extent("queries")];
  const ofKeys = [extent("batch"), extent("kvHeads"), extent("keys")];
  const shapes: Readonly<Record<string, Pick<Buffer, "element" | "extents">>> = {
    query: { element: rows.query, extents: [...ofRows, int(dims.dim)] },
    key: { element: rows.stored, extents: [...ofKeys, int(dims.dim)] },
    value: { element: rows.stored, extents: [...ofKeys, int(dims.valueDim)] },
    out: { element: rows.query, extents: [...ofRows, int(dims.valueDim)] },
    lse: { element: "f32", extents: ofRows },
  };
  return { name: storedName(name), role: "scratch", ...shapes[name]! };
}

/** What a step reads and writes, by the scratch that stands for it. */
export function inStoredOrder<S extends Step>(step: S, stored: Stored | undefined): S {
  if (!stored) return step;
  const names = ["key", "value", ...(stored.rows ? ["query", "out", "lse"] : [])];
  const renamed = (all: readonly string[]) => all.map((name) => (names.includes(name) ? storedName(name) : name));
  return { ...step, plan: { ...step.plan, stored }, reads: renamed(step.reads), writes: renamed(step.writes) };
}
