// Flash decoding: a call of few query rows is split over its keys, so that a whole device has work, and the parts are merged
// by their log-sum-exps (Dao et al., 2023, https://crfm.stanford.edu/2023/10/12/flashdecoding.html).

import type { Target } from "../../targets/target.ts";
import { dependencies } from "../analysis/depends.ts";
import type * as ir from "../ir/expr.ts";
import { keepsLse } from "../ir/statistics.ts";
import type { AttendPlan, Dims, MergePlan, Rows, Split, StepOf } from "./plan.ts";
import { needsReplay, type WeightForm } from "./weight.ts";

/** Whether the pass adds up values, be it for a result or for a merge. */
export const sumsValues = ({ writes, split }: Pick<AttendPlan, "writes" | "split">) =>
  writes.out || split !== undefined;

/** How calls of few rows are split; undefined where the target does not, and where parts cannot be joined: they are relative
 *  to their own highest scores, so the weights must be those of a softmax, in one pass.
 *  @param parts name of the scratch between the steps */
export function chooseSplit(
  { mask, normalize }: ir.AttentionIr,
  target: Target,
  weight: WeightForm | undefined,
  parts: string,
): Split | undefined {
  if (!target.split || normalize.kind !== "softmax" || needsReplay(weight, normalize.kind)) return undefined;
  // One walk over the keys must do for all heads of a tile.
  return { keys: target.split.keys, packs: !dependencies(mask).axes.has("head"), parts };
}

/** The step that joins the parts. Of a row that saw nothing it may need the values, whose mean `empty uniform` asks for. */
export function mergeStep(attention: ir.AttentionIr, split: Split, dims: Dims, rows: Rows): StepOf<MergePlan> {
  const { empty } = attention;
  const lse = keepsLse(attention);
  return {
    name: "merge",
    plan: { kind: "merge", split, dims, rows, empty, writes: { out: true, lse } },
    calls: "few",
    reads: [...(empty === "uniform" ? ["value", "key_lengths"] : []), split.parts],
    writes: ["out", ...(lse ? ["lse"] : [])],
  };
}
