// The kernels of a program: one for every step but a choice, an importance, a sort and a move. A choice is two or three, because the scores of
// all heads must be there before a head that shares them chooses, and their choices before these are joined; a sort is one for
// each of its parts, and a move one for each tensor.

import { sharedChoices } from "../../ir/selection.ts";
import { importanceParts, type MovedTensor, movedTensors, type OrderPart, orderParts } from "../../schedule/order.ts";
import type { ChoosePlan, ImportancePlan, MovePlan, OrderPlan, Program, Step, StepOf } from "../../schedule/plan.ts";
import { isChoose, isImportance, isMove, isOrder } from "../../schedule/steps.ts";
import { stepName } from "./scope.ts";

type PartOf<Plan extends Step["plan"], Own> = Omit<StepOf<Plan>, "plan"> & { readonly plan: Omit<Plan, "kind"> & Own };

/** The first part of a choice. */
export type ScoreStep = PartOf<ChoosePlan, { readonly kind: "score" }>;
/** The last part, of heads that share choices. */
export type AgreeStep = PartOf<ChoosePlan, { readonly kind: "agree" }>;
/** A part of a sort. */
export type SortStep = PartOf<OrderPlan, { readonly kind: "sort"; readonly part: OrderPart }>;
/** The softmax of the rows of an importance. */
export type WeighStep = PartOf<ImportancePlan, { readonly kind: "weigh-keys" }>;
/** A tensor of a move. */
export type MovedStep = PartOf<MovePlan, { readonly kind: "moved"; readonly tensor: MovedTensor }>;

export type KernelStep =
  | Exclude<Step, StepOf<OrderPlan> | StepOf<MovePlan>>
  | ScoreStep
  | AgreeStep
  | WeighStep
  | SortStep
  | MovedStep;
export type Kernel = { readonly name: string; readonly step: KernelStep };

export const isScore = (step: KernelStep): step is ScoreStep => step.plan.kind === "score";
export const isWeigh = (step: KernelStep): step is WeighStep => step.plan.kind === "weigh-keys";
export const isSort = (step: KernelStep): step is SortStep => step.plan.kind === "sort";
export const isMoved = (step: KernelStep): step is MovedStep => step.plan.kind === "moved";

export const isAgree = (step: KernelStep): step is AgreeStep => step.plan.kind === "agree";

/** In the order in which a call runs them. */
export function kernelsOf(program: Program): readonly Kernel[] {
  return program.steps.flatMap(kernelsOfStep).map((step) => ({ name: `${program.name}_${stepName(step)}`, step }));
}

function kernelsOfStep(step: Step): readonly KernelStep[] {
  if (isChoose(step)) return partsOfChoice(step);
  if (isImportance(step)) {
    const weigh: WeighStep = { ...step, name: `weigh.${step.name}`, plan: { ...step.plan, kind: "weigh-keys" } };
    return importanceParts(step.plan).map((part) => (part === "importance" ? step : weigh));
  }
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

function partsOfChoice(step: StepOf<ChoosePlan>): readonly KernelStep[] {
  const part = <Kind extends "score" | "agree">(kind: Kind) => ({
    ...step,
    name: step.name.replace(/^choose/, kind),
    plan: { ...step.plan, kind },
  });
  return [part("score"), step, ...(sharedChoices(step.plan.selection) ? [part("agree")] : [])];
}
