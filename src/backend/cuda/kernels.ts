// The kernels of a program: one for every step but a choice, which is two or three, because the scores of all heads must be
// there before a head that shares them chooses, and their choices before these are joined.

import { sharedChoices } from "../../ir/selection.ts";
import type { ChoosePlan, Program, Step, StepOf } from "../../schedule/plan.ts";
import { isChoose } from "../../schedule/steps.ts";
import { stepName } from "./scope.ts";

/** The first part of a choice. */
export type ScorePlan = Omit<ChoosePlan, "kind"> & { readonly kind: "score" };
export type ScoreStep = Omit<StepOf<ChoosePlan>, "plan"> & { readonly plan: ScorePlan };

/** The last part, of heads that share choices. */
export type AgreePlan = Omit<ChoosePlan, "kind"> & { readonly kind: "agree" };
export type AgreeStep = Omit<StepOf<ChoosePlan>, "plan"> & { readonly plan: AgreePlan };

export type KernelStep = Step | ScoreStep | AgreeStep;
export type Kernel = { readonly name: string; readonly step: KernelStep };

export const isScore = (step: KernelStep): step is ScoreStep => step.plan.kind === "score";

export const isAgree = (step: KernelStep): step is AgreeStep => step.plan.kind === "agree";

/** In the order in which a call runs them. */
export function kernelsOf(program: Program): readonly Kernel[] {
  const steps = program.steps.flatMap((step): KernelStep[] => (isChoose(step) ? partsOf(step) : [step]));
  return steps.map((step) => ({ name: `${program.name}_${stepName(step)}`, step }));
}

function partsOf(step: StepOf<ChoosePlan>): KernelStep[] {
  const part = <Kind extends "score" | "agree">(kind: Kind) => ({
    ...step,
    name: step.name.replace(/^choose/, kind),
    plan: { ...step.plan, kind },
  });
  return [part("score"), step, ...(sharedChoices(step.plan.selection) ? [part("agree")] : [])];
}
