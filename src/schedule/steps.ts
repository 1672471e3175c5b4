// The steps of a program by their kind.

import type { AttendPlan, BlockListPlan, Program, Step, StepOf, SummaryPlan } from "./plan.ts";

export const isAttend = (step: Step): step is StepOf<AttendPlan> => step.plan.kind === "attend";
export const isSummary = (step: Step): step is StepOf<SummaryPlan> => step.plan.kind === "summary";
export const isBlockList = (step: Step): step is StepOf<BlockListPlan> => step.plan.kind === "blocks";

/** The steps that compute attention, in order; there is at least one. */
export const attendSteps = ({ steps }: Program): readonly StepOf<AttendPlan>[] => steps.filter(isAttend);
export const summarySteps = ({ steps }: Program): readonly StepOf<SummaryPlan>[] => steps.filter(isSummary);
export const blockListSteps = ({ steps }: Program): readonly StepOf<BlockListPlan>[] => steps.filter(isBlockList);
