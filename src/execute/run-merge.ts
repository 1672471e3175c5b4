// One merge step, interpreted: what the stretches of the keys left of a row becomes its result.

import { startPoint } from "../ir/evaluate.ts";
import { PART_WORDS } from "../schedule/buffers.ts";
import type { MergePlan } from "../schedule/plan.ts";
import type { Case } from "../spec/case.ts";
import { kvHeadOf } from "./environment.ts";
import { finishRow } from "./finish-row.ts";
import type { PlanBuffers } from "./plan-buffers.ts";
import { type Row, startRow } from "./plan-row.ts";

/** Joins the parts of every row. Throws where a row sees no key and the attention says `empty error`. */
export function runMerge(plan: MergePlan, call: Case, buffers: PlanBuffers): void {
  const { batch: batches, heads, queries, keys, valueDim } = call.shape;
  const width = valueDim + PART_WORDS;
  const stretches = Math.ceil(keys / plan.split.keys);
  const parts = buffers.scratch[plan.split.parts]!;
  for (let at = 0; at < batches * heads * queries; at++) {
    const head = Math.floor(at / queries) % heads;
    const batch = Math.floor(at / queries / heads);
    const point = { ...startPoint(), batch, head, kv: kvHeadOf(head, call.shape) };
    const row = startRow(point, at, valueDim);
    for (let index = 0; index < stretches; index++) {
      const first = (at * stretches + index) * width;
      addPart(row, parts.subarray(first, first + width));
    }
    for (let d = 0; d < valueDim; d++) row.values[d] = row.sum === 0 ? 0 : row.values[d]! / row.sum;
    finishRow(row, plan, call, buffers);
  }
}

/** Both sides are brought to the higher of their highest scores. */
function addPart(row: Row, part: Float64Array): void {
  const [highest, sum, seen] = [...part.subarray(row.values.length)] as [number, number, number];
  if (sum === 0) return;
  const most = Math.max(row.highest, highest);
  const [own, other] = [row.sum === 0 ? 0 : Math.exp(row.highest - most), Math.exp(highest - most)];
  for (let d = 0; d < row.values.length; d++) row.values[d] = row.values[d]! * own + part[d]! * other;
  row.sum = row.sum * own + sum * other;
  row.highest = most;
  row.seen += seen;
}
