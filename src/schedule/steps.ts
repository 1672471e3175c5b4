// The steps of a program by their kind.

import type { AttendPlan, Program, Step, StepOf, SummaryPlan } from "./plan.ts";

export const isAttend = (step: Step): step is StepOf<AttendPlan> => step.plan.kind === "attend";
export const isSummary = (step: Step): step is StepOf<SummaryPlan> => step.plan.kind === "summary";

/** The steps that compute attention, in order; there is at least one. */
export const attendSteps = ({ steps }: Program): readonly StepOf<AttendPlan>[] => steps.filter(isAttend);
export const summarySteps = ({ steps }: Program): readonly StepOf<SummaryPlan>[] => steps.filter(isSummary);
