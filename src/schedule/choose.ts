// From an attention to a program, from the expressions, the target and the dims alone. One pass with running statistics
// wherever that is enough; a statistics pass and a replay where the weight must see final p; what is decided inside of a
// pass is in attend.ts. Nothing here prints code.

import type { RowElement, Target } from "../../targets/target.ts";
import { dependencies, rateOf } from "../analysis/depends.ts";
import { promisesOf } from "../analysis/promises.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import type * as ir from "../ir/expr.ts";
import { float, op, quantity } from "../ir/make.ts";
import { keepsLse } from "../ir/statistics.ts";
import { substitute } from "../ir/walk.ts";
import { attendStep, type Context } from "./attend.ts";
import { blockListStep } from "./block-list.ts";
import { blockListBuffers, callBuffers, partsBuffer, statisticsBuffer, summaryBuffers } from "./buffers.ts";
import { planExpressions } from "./expressions.ts";
import { type FactsFrom, factsOf } from "./facts.ts";
import { findMisfits } from "./fit.ts";
import { withFittingTiles } from "./fitting-tiles.ts";
import { foldDims } from "./fold-dims.ts";
import { withLargestTile } from "./larger-tiles.ts";
import { freshName, takenNames } from "./names.ts";
import { inStoredOrder, orderSteps } from "./order.ts";
import type { AttendPlan, BlockList, Dims, Program, Step, StepOf } from "./plan.ts";
import { selectionSteps } from "./selection.ts";
import { chooseSplit, mergeStep } from "./split.ts";
import { foldSteps, placesRead, reducePasses, statisticsBuffers } from "./statistics.ts";
import { isSummary } from "./steps.ts";
import { summariesOf } from "./summaries.ts";
import { withCounter } from "./warpgroup-work.ts";
import { needsReplay, type WeightForm, weightForm } from "./weight.ts";

/** The steps that compute the attention on the target, for rows that are made of `element`.
 *  Problems: E0601, E0602, E0603, E0606, E0607; the program is well-formed with them too, but no target runs it. */
export type Planner = (target: Target, element?: RowElement) => Outcome<Program>;

/** Plans for several targets. What is proved of the mask holds for all of them, and proving it is most of the time of a plan. */
export function planner(attention: ir.AttentionIr, dims: Dims): Planner {
  const folded = foldDims(attention, dims);
  const factsFrom = factsOf(folded);
  return (target, element = "f32") => {
    const plan = (sized: Target) => programOf(folded, factsFrom, sized, dims, element);
    const fitting = withFittingTiles(target, dims) ?? target;
    return { value: withLargestTile(fitting, dims, plan), problems: findMisfits(attention, target, dims, element) };
  };
}

/** A plan for one target. */
export const planProgram = (attention: ir.AttentionIr, target: Target, dims: Dims, element?: RowElement) =>
  planner(attention, dims)(target, element);

function programOf(
  attention: ir.AttentionIr,
  factsFrom: FactsFrom,
  target: Target,
  dims: Dims,
  element: RowElement,
): Program {
  const weight = weightForm(attention.weight);
  const summaries = summariesOf(attention, target.tile);
  const rows = target.rows[element] ?? { query: element, stored: element };
  const context: Context = {
    attention,
    target,
    dims,
    rows,
    taken: takenNames(attention),
    facts: factsFrom(summaries),
    ...scoring(attention),
  };
  const { steps, scratch } = passes(context, weight);
  const few = splitSteps(context, weight);
  const reduce = reduceSteps(context);
  const read = dependencies(
    ...[...steps, ...(few ? [few.split] : []), ...reduce].flatMap(({ plan }) => planExpressions(plan)),
  );
  const ofCall = callBuffers(attention, dims, rows);
  const ordering = orderSteps(attention, dims, rows, ofCall, target.split !== undefined);
  const choice = selectionSteps(attention, dims, rows, promisesOf(attention), context.taken);
  const before = [
    ...(ordering?.before ?? []),
    ...choice.steps.map((step) => inStoredOrder(step, ordering?.stored)),
    ...summaries.steps(read.tensors),
  ];
  const blocks = blockListStep(freshName("blocks", context.taken), attention.mask, steps[0]!.plan);
  const counted = steps.map((step) => withCounter(blocks ? withList(step, blocks.plan.list) : step, context.taken));
  const buffers = [
    ...ofCall,
    ...(ordering?.scratch ?? []),
    ...choice.scratch,
    ...before.filter(isSummary).flatMap(summaryBuffers),
    ...(blocks ? blockListBuffers(blocks) : []),
    ...scratch,
    ...counted.flatMap((pass) => pass.scratch),
    ...(few ? [few.parts] : []),
    ...statisticsBuffers(attention),
  ];
  const after = [
    ...(ordering?.after ?? []),
    ...reduce.map((step) => inStoredOrder(step, ordering?.stored)),
    ...foldSteps(attention),
  ];
  const listed = [...(blocks ? [blocks] : []), ...counted.map(({ step }) => inStoredOrder(step, ordering?.stored))];
  return {
    ...{ name: attention.name, ir: attention, dims, buffers },
    ...(few
      ? { steps: [...before, ...listed.map(forMany), few.split, few.merge, ...after], few: few.when }
      : { steps: [...before, ...listed, ...after] }),
  };
}

const forMany = (step: Step): Step => ({ ...step, calls: "many" });

/** The pass, with a list of blocks to visit. */
function withList({ plan, reads, ...step }: StepOf<AttendPlan>, list: BlockList): StepOf<AttendPlan> {
  const traversal = { ...plan.traversal, list };
  // It is one of tiles that lie in one head.
  const { warpgroups } = plan;
  const sharing = warpgroups && { warpgroups: { ...warpgroups, packs: false } };
  return { ...step, plan: { ...plan, ...sharing, traversal }, reads: [...reads, list.counts, list.tiles] };
}

/** One pass, or two with the statistics of the rows between them. */
function passes(context: Context, weight: WeightForm | undefined) {
  const { normalize } = context.attention;
  const lse = keepsLse(context.attention);
  if (!needsReplay(weight, normalize.kind)) {
    const writes = { out: true, lse };
    return { steps: [attendStep(context, { name: "attend", pass: "online", weight, writes })], scratch: [] };
  }
  const statistics = freshName("statistics", context.taken);
  const onlyLse = { out: false, lse };
  const onlyOut = { out: true, lse: false };
  const steps = [
    attendStep(context, { name: "statistics", pass: "statistics", statistics, writes: onlyLse }),
    attendStep(context, { name: "replay", pass: "replay", statistics, weight, writes: onlyOut }),
  ];
  return { steps, scratch: [statisticsBuffer(statistics)] };
}

/** The passes over the map for its statistics, none where no output is named. */
function reduceSteps(context: Context): readonly StepOf<AttendPlan>[] {
  const { attention, target } = context;
  return reducePasses(attention.statistics?.ofMap ?? [], target).map((reduce) => {
    const step = attendStep(context, { name: reduce.name, pass: "reduce", reduce, writes: { out: false, lse: false } });
    const places = placesRead(attention).filter((place) => !step.reads.includes(place));
    return { ...step, reads: [...step.reads, ...places, "lse"], writes: reduce.folds.map(({ tensor }) => tensor.name) };
  });
}

/** The way of calls with few rows, on targets that have one. */
function splitSteps(context: Context, weight: WeightForm | undefined) {
  const { attention, target, dims, rows, taken } = context;
  // Few rows of a prompt are not worth another order, and those of a decode step have none.
  const split = attention.order ? undefined : chooseSplit(attention, target, weight, freshName("parts", taken));
  if (!split) return undefined;
  const writes = { out: false, lse: false };
  const step = attendStep(context, { name: "split", pass: "online", split, weight, writes });
  return {
    split: { ...step, calls: "few" } as const,
    merge: mergeStep(attention, split, dims, rows),
    parts: partsBuffer(split, dims, target.split!.scratchBytes),
    when: { queries: target.split!.queries, parts: split.parts },
  };
}

/** Where the scale is applied. It goes into the query rows, dim multiplications a row instead of one a pair, unless it
 *  varies with the key (then it becomes part of the score) or the program reads the unscaled product itself. */
function scoring(attention: ir.AttentionIr): Pick<Context, "scale" | "score"> {
  const { scale, score, weight } = attention;
  const rate = rateOf(scale);
  if (rate === "key" || rate === "pair") {
    const scaled = op("mul", scale, quantity("dot"));
    const inside = substitute(score, (node) => (node === quantity("score") ? scaled : undefined));
    return { scale: { at: "query", value: float(1) }, score: inside };
  }
  const readsDot = dependencies(score, weight).quantities.has("dot");
  return { scale: { at: readsDot ? "pair" : "query", value: scale }, score };
}
