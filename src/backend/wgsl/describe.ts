// What the runtime must know to dispatch the shaders, from the program: see src/runtime/webgpu-description.ts.

import type { Feature, Target } from "../../../targets/target.ts";
import { sortedSide, storedHeads } from "../../ir/order.ts";
import { sharedChoices } from "../../ir/selection.ts";
import { blocksOnSide } from "../../ir/sides.ts";
import type { ScratchExtent } from "../../runtime/description.ts";
import type { WebgpuDescription, WorkgroupExtent } from "../../runtime/webgpu-description.ts";
import { type MovedTensor, movedRows, storedNames } from "../../schedule/order.ts";
import type { FoldPlan, OrderPlan, Program, Step } from "../../schedule/plan.ts";
import {
  attendSteps,
  isAttend,
  isBlockList,
  isChoose,
  isFold,
  isImportance,
  isMerge,
  isMove,
  isOrder,
  isPairs,
  isPool,
  isSummary,
  reduceSteps,
  splitSteps,
} from "../../schedule/steps.ts";
import type { PlaceAxis } from "../../spec/choice.ts";
import { describeCall, extentOf, scratchExtentOf } from "../describe-call.ts";
import { LENGTH_OF, LINES_OF, RUN, runsOf } from "../simt/order.ts";
import { layoutOf } from "./context.ts";
import { FACT_THREADS } from "./facts.ts";
import { IMPORTANCE_THREADS } from "./importance.ts";
import { MOVED_ROWS } from "./order.ts";
import { bindingsOf, factNames, fieldsOf, foldNames } from "./places.ts";
import { type Shader, shadersOf } from "./shaders.ts";

export function describe(program: Program, target: Target, files: readonly string[]): WebgpuDescription {
  const layouts = [...attendSteps(program), ...splitSteps(program)].map(({ plan }) => layoutOf(plan, target));
  const ofFolds = reduceSteps(program).map(({ plan }) => layoutOf(plan, target));
  const steps = shadersOf(program).map((shader, index) => ({
    ...{ name: shader.name, entryPoint: shader.entryPoint, file: files[index]! },
    bindings: bindingsOf(program, shader).map(({ of, access }) => ({ of, access })),
    workgroups: workgroupsOf(shader),
    ...(shader.step.calls ? { calls: shader.step.calls } : {}),
    ...(hasStored(shader.step) ? { stored: true as const } : {}),
  }));
  const { order } = program.ir;
  const stored = storedNames(program);
  const most = Math.max(...steps.map(({ bindings }) => bindings.length));
  return {
    ...describeCall(program),
    rows: rowsOf(program),
    steps,
    fields: fieldsOf(program).map(({ of, type }) => ({ of, type })),
    facts: factNames(program),
    ...(program.ir.statistics ? { folds: foldNames(program) } : {}),
    ...(stored.length > 0 ? { stored } : {}),
    ...(program.few ? { few: program.few } : {}),
    features: gpuFeatures(target),
    limits: {
      maxComputeWorkgroupStorageSize: Math.max(
        ...layouts.map(({ bytes }) => bytes),
        // Of folds of ints strips tell each other in memory of their own.
        ...ofFolds.map(({ bytes, threads }) => bytes + 16 * threads),
      ),
      maxComputeInvocationsPerWorkgroup: Math.max(
        order ? RUN : FACT_THREADS,
        ...[...layouts, ...ofFolds].map(({ threads }) => threads),
      ),
      maxStorageBuffersPerShaderStage: Math.max(most, target.workgroup!.storageBuffers),
    },
  };
}

/** Features that a device must have. */
export const gpuFeatures = ({ features }: Target): readonly GPUFeatureName[] =>
  features.flatMap((feature) => GPU_FEATURES[feature] ?? []);

const GPU_FEATURES: Readonly<Partial<Record<Feature, GPUFeatureName>>> = {
  subgroups: "subgroups",
  // An experiment, which no library of types knows.
  "subgroup-matrices": "chromium-experimental-subgroup-matrix" as GPUFeatureName,
};

/** What all passes of a program have in common. */
function rowsOf(program: Program): WebgpuDescription["rows"] {
  const { query, stored } = attendSteps(program)[0]!.plan.rows;
  if (query === "bf16" || stored === "bf16") throw new Error("WGSL reads no bf16: a bug in the plan");
  return { query, stored };
}

/** Whether a step finds rows where they are stored in order. */
const hasStored = ({ plan }: Step) => "stored" in plan && plan.stored !== undefined;

function workgroupsOf({ step, part }: Shader): readonly (readonly WorkgroupExtent[])[] {
  if (isSummary(step)) {
    const { of, stretch, rows } = step.plan;
    const extents = of.extents.map(extentOf);
    const outer = extents.slice(0, rows === 1 ? -1 : -2);
    return [
      [{ stretches: extents.at(-1)!, of: stretch * FACT_THREADS }],
      rows === 1 ? [] : [{ stretches: extents.at(-2)!, of: rows }],
      outer,
    ];
  }
  if (isBlockList(step)) return [[{ stretches: "queries", of: step.plan.tile.queries * FACT_THREADS }], ["batch"], []];
  if (isPool(step)) {
    const { pool, side } = step.plan;
    const heads = pool.of === "query" ? "heads" : "kvHeads";
    return [[scratchExtentOf(blocksOnSide(side, pool.of).count)], [heads], ["batch"]];
  }
  if (isPairs(step)) {
    return [[scratchExtentOf(blocksOnSide(step.plan.sides.query, "query").count)], ["heads"], ["batch"]];
  }
  if (isMerge(step)) return [["queries"], ["heads"], ["batch"]];
  if (isFold(step)) return foldWorkgroups(step.plan);
  if (isAttend(step) && step.plan.reduce?.walks === "keys") {
    return [[{ stretches: "keys", of: step.plan.tile.keys }], ["heads"], ["batch"]];
  }
  if (isAttend(step) && step.plan.split) {
    const { tile, split } = step.plan;
    const stretches = { stretches: "keys", of: split.keys } as const;
    const rows = { rowsOfHeads: split.packs ? "sharing" : "alone", of: tile.queries } as const;
    return [[stretches, rows], [split.packs ? "kvHeads" : "heads"], ["batch"]];
  }
  if (isChoose(step)) {
    const { selection, stored } = step.plan;
    const rows = scratchExtentOf(blocksOnSide(selection.sides.query, "query").count);
    const groups = stored?.keyHeads === "heads" ? "calledKvHeads" : "kvHeads";
    if (part === "agreement") return [[rows], sharedChoices(selection)!.over === "group" ? [groups] : [], ["batch"]];
    return [part === "choice" && selection.line === "all" ? [] : [rows], ["heads"], ["batch"]];
  }
  if (isAttend(step)) {
    return [[{ stretches: "queries", of: step.plan.tile.queries }], ["heads"], ["batch"]];
  }
  if (isImportance(step)) {
    const length = LENGTH_OF[step.plan.importance.of];
    const each = part === "importance" ? { stretches: length, of: IMPORTANCE_THREADS } : "queries";
    return [[each], ["heads"], ["batch"]];
  }
  if (isOrder(step)) return [part === "rows" ? [] : runsIn(step.plan), LINES_OF[step.plan.order.per], ["batch"]];
  if (isMove(step)) {
    const { side } = movedRows(part as MovedTensor, step.plan.dims);
    const heads = side === "key" ? storedHeads(step.plan.order) : "heads";
    return [[{ stretches: LENGTH_OF[side], of: MOVED_ROWS }], [heads], ["batch"]];
  }
  throw new Error("a step of an unknown kind: a bug in the plan");
}

/** Places of a fold: along the longest axis, lines, batches. */
function foldWorkgroups({ fold: { axes, tensor } }: FoldPlan): readonly (readonly WorkgroupExtent[])[] {
  const counts = (...wanted: readonly PlaceAxis[]) =>
    tensor.extents.filter((_, axis) => wanted.includes(axes[axis]!)).map(scratchExtentOf);
  const rows = axes.includes("key") ? counts("query") : [];
  return [
    [...rows, ...counts(axes.includes("key") ? "key" : "query").map(inThreads)],
    counts("head", "kv"),
    counts("batch"),
  ];
}

/** Workgroups that have a thread for each of so many places. */
const inThreads = (count: ScratchExtent): ScratchExtent =>
  typeof count === "object" ? { ...count, of: count.of * FACT_THREADS } : { stretches: count, of: FACT_THREADS };

/** Runs of a sort: those of each segment, or of the whole. */
function runsIn({ order }: OrderPlan): readonly WorkgroupExtent[] {
  const length = LENGTH_OF[sortedSide(order)];
  const runs = runsOf(order);
  return runs === undefined ? [{ stretches: length, of: RUN }] : [{ stretches: length, of: order.segment!.size }, runs];
}
