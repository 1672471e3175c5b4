// The end of a row: what becomes of one that saw no key, and where its results go.

import type { AttendPlan } from "../schedule/plan.ts";
import type { Case } from "../spec/case.ts";
import { keysAlive } from "./environment.ts";
import type { PlanBuffers } from "./plan-buffers.ts";
import { lseOf, type Row } from "./plan-row.ts";

/** Writes the row's results.
 *  Throws where it saw no key and the attention says `empty error`. */
export function finishRow(
  row: Row,
  { empty, writes }: Pick<AttendPlan, "empty" | "writes">,
  call: Case,
  buffers: PlanBuffers,
): void {
  const { batch, head, kv } = row.point;
  if (writes.lse) buffers.lse[row.at] = lseOf(row);
  if (!writes.out) return;
  if (row.seen === 0 && empty === "error") {
    throw new Error(`no key is visible to a query row of batch ${batch}, head ${head}`);
  }
  if (row.seen === 0 && empty === "uniform") {
    const alive = keysAlive(call, batch);
    for (let key = 0; key < alive; key++) {
      const value = buffers.valueRow(batch, kv, key);
      for (let d = 0; d < value.length; d++) row.values[d]! += value[d]! / alive;
    }
  }
  buffers.out.set(row.values, row.at * call.shape.valueDim);
}
