// The kernels of a program: one for every step but a choice, a sort and a move. A choice is two, because the scores of all heads
// must be there before a head that shares them chooses; a sort is one for each of its parts, and a move one for each tensor.

import { type MovedTensor, movedTensors, type OrderPart, orderParts } from "../../schedule/order.ts";
import type { ChoosePlan, MovePlan, OrderPlan, Program, Step, StepOf } from "../../schedule/plan.ts";
import { isChoose, isMove, isOrder } from "../../schedule/steps.ts";
import { stepName } from "./scope.ts";

type PartOf<Plan extends Step["plan"], Own> = Omit<StepOf<Plan>, "plan"> & { readonly plan: Omit<Plan, "kind"> & Own };

/** The first half of a choice. */
export type ScoreStep = PartOf<ChoosePlan, { readonly kind: "score" }>;
/** A part of a sort. */
export type SortStep = PartOf<OrderPlan, { readonly kind: "sort"; readonly part: OrderPart }>;
/** A tensor of a move. */
export type MovedStep = PartOf<MovePlan, { readonly kind: "moved"; readonly tensor: MovedTensor }>;

export type KernelStep = Exclude<Step, StepOf<OrderPlan> | StepOf<MovePlan>> | ScoreStep | SortStep | MovedStep;
export type Kernel = { readonly name: string; readonly step: KernelStep };

export const isScore = (step: KernelStep): step is ScoreStep => step.plan.kind === "score";
export const isSort = (step: KernelStep): step is SortStep => step.plan.kind === "sort";
export const isMoved = (step: KernelStep): step is MovedStep => step.plan.kind === "moved";

/** In the order in which a call runs them. */
export function kernelsOf(program: Program): readonly Kernel[] {
  return program.steps.flatMap(kernelsOfStep).map((step) => ({ name: `${program.name}_${stepName(step)}`, step }));
}

function kernelsOfStep(step: Step): readonly KernelStep[] {
  if (isChoose(step)) return [scoreStep(step), step];
  if (isOrder(step)) {
    const sort = (part: OrderPart): SortStep => ({ ...partOf(step, part), plan: { ...step.plan, kind: "sort", part } });
    return orderParts(step.plan).map(sort);
  }
  if (isMove(step)) {
    const { plan } = step;
    const moved = (tensor: MovedTensor): MovedStep => ({
      ...partOf(step, tensor),
      plan: { ...plan, kind: "moved", tensor },
    });
    return movedTensors(step).map(moved);
  }
  return [step];
}

const partOf = <Own extends { readonly name: string }>(step: Own, part: string) => ({
  ...step,
  name: `${step.name}.${part}`,
});

function scoreStep(step: StepOf<ChoosePlan>): ScoreStep {
  return { ...step, name: step.name.replace(/^choose/, "score"), plan: { ...step.plan, kind: "score" } };
}
