// One attend step, interpreted as a kernel runs it: query tiles, for each the key tiles of the plan's traversal, running
// statistics of every row, and an epilogue. The ragged edge is guarded apart from the mask, and the mask is looked at on
// tiles that are not proved full and nowhere else, so a plan that visits or masks too little gives a wrong answer here.
// Numbers are f64; a mask decides in f32.

import { dependencies } from "../analysis/depends.ts";
import { type Bindings, type Point, startPoint } from "../ir/evaluate.ts";
import type * as ir from "../ir/expr.ts";
import { planExpressions } from "../schedule/expressions.ts";
import type { AttendPlan } from "../schedule/plan.ts";
import { type KeyRange, visits } from "../schedule/traversal.ts";
import type { Case } from "../spec/case.ts";
import { kvHeadOf } from "./environment.ts";
import { finishRow } from "./finish-row.ts";
import type { PlanBuffers } from "./plan-buffers.ts";
import { type Row, type RowPass, rowPass, type Seen, startRow } from "./plan-row.ts";
import { type PlanValues, planValues } from "./plan-values.ts";
import type { BlockLists } from "./run-block-list.ts";
import { type FoldedMap, rangeOf } from "./run-statistics.ts";
import type { Subgroups } from "./subgroups.ts";
import { highestOf, type TellHighest, tellingHighest } from "./tell-highest.ts";
import { type QueryTile, tileValues } from "./walk.ts";
import { type WorkItem, workItems } from "./work-items.ts";

/** How many key tiles a step met, over all query tiles of all heads. */
export type TileCounts = { visited: number; masked: number; skipped: number };

/** Runs the step.
 *  @param lists tiles to visit instead of those of the walk
 *  @param subgroups those of the device, where the plan has threads that exchange by them
 *  @param folded where a pass for statistics leaves them
 *  Throws where a row sees no key and the attention says `empty error`. */
export function runAttend(
  plan: AttendPlan,
  call: Case,
  bindings: Bindings,
  buffers: PlanBuffers,
  lists?: BlockLists,
  subgroups?: Subgroups,
  folded?: FoldedMap,
): TileCounts {
  const counts = { visited: 0, masked: 0, skipped: 0 };
  const kernel = makeKernel({ plan, call, bindings, buffers, lists }, subgroups, folded);
  for (const item of workItems(plan, call, rowsOf(plan, bindings))) attendTile(kernel, item, counts);
  return counts;
}

/** Query rows of a batch that take part; undefined where all do. */
function rowsOf({ reduce }: AttendPlan, bindings: Bindings) {
  if (!reduce?.rows) return undefined;
  const [first, end] = rangeOf(reduce.rows, bindings);
  return (batch: number) => ({ first: first({ ...startPoint(), batch }), end: end({ ...startPoint(), batch }) });
}

type Kernel = {
  readonly plan: AttendPlan;
  readonly call: Case;
  readonly bindings: Bindings;
  readonly buffers: PlanBuffers;
  readonly values: PlanValues;
  readonly pass: RowPass;
  /** The tiles to visit, where a step before has written them down. */
  readonly lists?: BlockLists | undefined;
  /** Products of row vectors that the plan's expressions read. */
  readonly reads: ReadonlySet<ir.Quantity>;
  readonly tellHighest: TellHighest;
};

function makeKernel(
  given: Pick<Kernel, "plan" | "call" | "bindings" | "buffers" | "lists">,
  subgroups: Subgroups | undefined,
  folded: FoldedMap | undefined,
): Kernel {
  const { plan, bindings, buffers } = given;
  const reads = dependencies(...planExpressions(plan)).quantities;
  const values = planValues(plan, bindings);
  const places = (plan.reduce?.folds ?? []).map((fold) => folded!.placeOf(fold));
  const weigh = (row: Row, { key, score }: Seen, p: number) => {
    if (!values.weight && values.folds.length === 0) return p;
    measure({ buffers, reads }, row, key);
    values.key(row.point);
    values.diagonal(row.point);
    Object.assign(row.point.quantities, { score, weight: p });
    for (const [fold, valueAt] of values.folds.entries()) {
      folded!.add(places[fold]!, row.point, row.at % given.call.shape.queries, valueAt(row.point));
    }
    if (!plan.weight || !values.weight) return p;
    const weight = values.weight(row.point);
    return plan.weight.form === "factor" ? weight * p : weight;
  };
  const { exchange, tile } = plan;
  const tellHighest: TellHighest =
    exchange && subgroups ? tellingHighest(exchange, tile.queries, subgroups) : (seen) => seen.map(highestOf);
  return { ...given, values, reads, tellHighest, pass: rowPass(plan, buffers, weigh) };
}

function attendTile(kernel: Kernel, { tile, rows: own, keys: all, stretch }: WorkItem, counts: TileCounts): void {
  const { plan } = kernel;
  const rows = own.map(({ head, row }) => openRow(kernel, { ...tile, head }, row, stretch));
  let visited = 0;
  const listed = kernel.lists?.[tile.batch]?.[tile.first / plan.tile.queries];
  for (const { firstKey, masked } of listed ??
    visits(plan.mask !== undefined, all, plan.tile, tileValues(kernel, tile))) {
    const keys = { first: firstKey, end: Math.min(firstKey + plan.tile.keys, all.end) };
    const seen = rows.map((row) => visibleKeys(kernel, row, keys, masked));
    const highest = kernel.tellHighest(seen, firstKey);
    for (const [index, row] of rows.entries()) kernel.pass.see(row, seen[index]!, highest[index]!);
    visited += 1;
    counts.masked += masked ? 1 : 0;
  }
  counts.visited += visited;
  counts.skipped += Math.max(0, Math.ceil((all.end - all.first) / plan.tile.keys)) - visited;
  for (const row of rows) closeRow(kernel, row);
}

/** Sets everything that is computed once a head and once a row, and takes the sink in, once a row. */
function openRow(
  { plan, call, bindings, buffers, values, pass, reads }: Kernel,
  { batch, head }: QueryTile,
  row: number,
  stretch: WorkItem["stretch"],
): Row {
  const kv = kvHeadOf(head, call.shape);
  const query = (bindings.extent("queryStart", batch) + row) | 0;
  const point: Point = { ...startPoint(), batch, head, kv, query };
  const at = (batch * call.shape.heads + head) * call.shape.queries + row;
  const state = startRow(point, at * stretch.count + stretch.index, call.shape.valueDim);
  const stored = buffers.queryRow(batch, head, row);
  if (reads.has("queryNorm2")) point.quantities.queryNorm2 = dot(stored, stored);
  values.head(point);
  const knowsLse = plan.pass === "replay" || plan.pass === "reduce";
  if (knowsLse) pass.open(state, Number.NEGATIVE_INFINITY);
  values.row(point);
  const sink = stretch.index === 0 ? values.sink?.(point) : undefined;
  if (!knowsLse) pass.open(state, sink ?? Number.NEGATIVE_INFINITY);
  const scale = plan.scale.at === "query" ? values.scale(point) : 1;
  state.query = Float64Array.from(stored, (element) => element * scale);
  return state;
}

/** Keys of a tile that the row sees. Only those in range are ever read; a score of −inf hides its key. */
function visibleKeys(kernel: Kernel, row: Row, keys: KeyRange, applyMask: boolean): Seen[] {
  const { plan, buffers, values } = kernel;
  const { point } = row;
  const seen: Seen[] = [];
  for (let key = keys.first; key < keys.end; key++) {
    const product = measure(kernel, row, key);
    values.key(point);
    values.diagonal(point);
    if (applyMask && !values.mask!(point)) continue;
    point.quantities.score = plan.scale.at === "pair" ? values.scale(point) * product : product;
    const score = values.score?.(point) ?? point.quantities.score;
    if (score === Number.NEGATIVE_INFINITY) continue;
    seen.push({ key, score, value: buffers.valueRow(point.batch, point.kv, key) });
  }
  return seen;
}

/** Moves the row's point to a key and sets the products of row vectors that the plan reads; returns that of Q and K. */
function measure({ buffers, reads }: Pick<Kernel, "buffers" | "reads">, { point, query }: Row, key: number): number {
  const { batch, kv, quantities } = point;
  const stored = buffers.keyRow(batch, kv, key);
  const value = buffers.valueRow(batch, kv, key);
  const product = dot(query, stored);
  point.key = key;
  quantities.dot = product;
  if (reads.has("keyNorm2")) quantities.keyNorm2 = dot(stored, stored);
  if (reads.has("valueNorm2")) quantities.valueNorm2 = dot(value, value);
  return product;
}

/** Writes what the step writes for a row: results, or what the next step needs. */
function closeRow({ plan, call, buffers, pass }: Kernel, row: Row): void {
  if (row.seen > 0 || plan.pass === "statistics" || plan.split) pass.close(row);
  finishRow(row, plan, call, buffers);
}

function dot(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let sum = 0;
  for (let d = 0; d < left.length; d++) sum += left[d]! * right[d]!;
  return sum;
}
