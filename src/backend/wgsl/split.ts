// Where the rows of a workgroup come from: a tile of one head, or the heads that share a stretch of the keys, and what such a
// stretch leaves to the merge.

import { PART_WORDS } from "../../schedule/buffers.ts";
import type { AttendPlan, MergePlan, Program, StepOf, Tile } from "../../schedule/plan.ts";
import type { WgslMergeView, WgslRowsView } from "../views-wgsl.ts";
import { columnsFor } from "./columns.ts";
import { marksEmptyRows, part } from "./context.ts";
import { readRows, writeRows } from "./places.ts";

/** The rows of a tile of one head. */
export const spanOf = ({ queries }: Tile) => ({
  first: "first_row",
  end: `min(first_row + ${queries}, call.queries)`,
});

/** How the rows of a step are counted, and over which keys they go. */
export function rowsView({ tile, split }: AttendPlan): WgslRowsView {
  if (!split) {
    return {
      coordinates: part("coordinates", { tile }),
      ownRow: part("own-row", {}),
      queryHead: "head",
      span: spanOf(tile),
      ...{ firstKey: "0", endKey: "keys" },
    };
  }
  const { keys, packs } = split;
  return {
    coordinates: part("coordinates-split", { tile, packs, stretch: keys, lastOfStretch: keys - 1 }),
    ownRow: part("own-row-split", {}),
    queryHead: "first_head",
    // The walk is asked about all rows of a head.
    span: { first: "0", end: "call.queries" },
    ...{ firstKey: `stretch * ${keys}`, endKey: `min(keys, (stretch + 1) * ${keys})` },
  };
}

/** Statements that leave the sums of the rows in the parts of the stretch. */
export function writeParts(plan: AttendPlan, columns: readonly object[]): string {
  const { valueDim } = plan.dims;
  const seen = marksEmptyRows(plan) ? "min(whole_seen[r], 1.0)" : "1.0";
  return part("write-parts", { columns, seen, ownRow: rowsView(plan).ownRow, valueDim, width: valueDim + PART_WORDS });
}

/** Threads of a workgroup that merges one row. */
export const MERGE_THREADS = 64;

export function mergeView(program: Program, { name, plan, reads }: StepOf<MergePlan>): WgslMergeView {
  const { valueDim } = plan.dims;
  const columns = columnsFor(valueDim, MERGE_THREADS, "thread");
  return {
    step: name,
    threads: MERGE_THREADS,
    stretch: plan.split.keys,
    lastOfStretch: plan.split.keys - 1,
    ...{ valueDim, width: valueDim + PART_WORDS, columns },
    functions: [...readRows(program, reads), ...writeRows(program)].map((code) => ({ code: code.trimEnd() })),
    marksEmpty: plan.empty !== "zero",
    emptyStatements: plan.empty === "zero" ? "" : part(`merge-${plan.empty}`, { columns }),
    lse: plan.writes.lse,
  };
}
