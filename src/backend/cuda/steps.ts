// From the steps that prepare a walk to the records that their templates read: summaries of captured tensors, and the list
// of blocks.

import { isHalf } from "../../ir/scalar.ts";
import type { BlockListPlan, MergePlan, Program, StepOf, SummaryPlan } from "../../schedule/plan.ts";
import { operand, ownName } from "../simt/dialect.ts";
import { type Surroundings, storedExtent } from "../simt/scope.ts";
import { walkOf } from "../simt/walk.ts";
import type { CudaBlocksView, CudaMergeView, CudaSummaryView } from "../views-cuda.ts";
import { listFields, walkView } from "./attend.ts";
import { C_TYPES } from "./call.ts";
import { CUDA } from "./dialect.ts";
import { mergeRow } from "./row-steps.ts";
import { stepName } from "./scope.ts";

export function blocksView(step: StepOf<BlockListPlan>, kernel: string, around: Surroundings): CudaBlocksView {
  const { plan } = step;
  const { head, queryTile, ...walk } = walkOf(plan, true, around);
  return {
    step: stepName(step),
    kernel,
    tile: plan.tile,
    grouped: plan.group > 1,
    group: plan.group * plan.tile.keys,
    head: head.join("\n"),
    queryTile: queryTile.join("\n"),
    ...walkView(walk),
    ...listFields(plan.list),
  };
}

export function mergeView(
  program: Program,
  step: StepOf<MergePlan>,
  kernel: string,
  size: { readonly threads: number; readonly sharedBytes: number },
): CudaMergeView {
  const { split, dims } = step.plan;
  const element = C_TYPES[program.buffers.find(({ name }) => name === "query")!.element].kernel;
  return {
    ...{
      step: stepName(step),
      kernel,
      valueDim: dims.valueDim,
      keys: split.keys,
      parts: ownName(split.parts),
      element,
    },
    ...size,
    ...mergeRow(step.plan, element),
  };
}

export function summaryView(step: StepOf<SummaryPlan>, kernel: string): CudaSummaryView {
  const { plan } = step;
  const { of, least, most, stretch, rows: band } = plan;
  const lengths = of.extents.map((extent) => storedExtent(extent, CUDA).text);
  return {
    step: stepName(step),
    kernel,
    tensor: ownName(of.name),
    stretch,
    band,
    matrices: matricesOf(plan),
    height: band === 1 ? "1" : lengths.at(-2)!,
    length: lengths.at(-1)!,
    least: ownName(least.name),
    most: ownName(most.name),
    element: C_TYPES[of.element].kernel,
    kept: C_TYPES[least.element].kernel,
    load: isHalf(of.element) ? "widen" : "",
    type: least.element === "f32" ? "float" : "int",
  };
}

/** The tensor as matrices of rows; a matrix has one row where rows are summarised alone. */
export function matricesOf({ of, rows }: SummaryPlan): string {
  const outer = of.extents.slice(0, rows === 1 ? -1 : -2);
  return ["1LL", ...outer.map((extent) => operand(storedExtent(extent, CUDA)))].join(" * ");
}
