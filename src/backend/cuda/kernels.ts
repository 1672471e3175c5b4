// The kernels of a program: one for every step but a choice, which is two, because the scores of all heads must be there
// before a head that shares them chooses.

import type { ChoosePlan, Program, Step, StepOf } from "../../schedule/plan.ts";
import { isChoose } from "../../schedule/steps.ts";
import { stepName } from "./scope.ts";

/** The first half of a choice. */
export type ScorePlan = Omit<ChoosePlan, "kind"> & { readonly kind: "score" };
export type ScoreStep = Omit<StepOf<ChoosePlan>, "plan"> & { readonly plan: ScorePlan };

export type KernelStep = Step | ScoreStep;
export type Kernel = { readonly name: string; readonly step: KernelStep };

export const isScore = (step: KernelStep): step is ScoreStep => step.plan.kind === "score";

/** In the order in which a call runs them. */
export function kernelsOf(program: Program): readonly Kernel[] {
  const steps = program.steps.flatMap((step): KernelStep[] => (isChoose(step) ? [scoreStep(step), step] : [step]));
  return steps.map((step) => ({ name: `${program.name}_${stepName(step)}`, step }));
}

function scoreStep(step: StepOf<ChoosePlan>): ScoreStep {
  return { ...step, name: step.name.replace(/^choose/, "score"), plan: { ...step.plan, kind: "score" } };
}
