// The steps of a program by their kind.

import type {
  AttendPlan,
  BlockListPlan,
  ChoosePlan,
  FoldPlan,
  ImportancePlan,
  MergePlan,
  MovePlan,
  OrderPlan,
  PairsPlan,
  PoolPlan,
  Program,
  Step,
  StepOf,
  SummaryPlan,
} from "./plan.ts";

export const isAttend = (step: Step): step is StepOf<AttendPlan> => step.plan.kind === "attend";
export const isSummary = (step: Step): step is StepOf<SummaryPlan> => step.plan.kind === "summary";
export const isBlockList = (step: Step): step is StepOf<BlockListPlan> => step.plan.kind === "blocks";
export const isMerge = (step: Step): step is StepOf<MergePlan> => step.plan.kind === "merge";
export const isPool = (step: Step): step is StepOf<PoolPlan> => step.plan.kind === "pool";
export const isPairs = (step: Step): step is StepOf<PairsPlan> => step.plan.kind === "pairs";
export const isImportance = (step: Step): step is StepOf<ImportancePlan> => step.plan.kind === "importance";
export const isOrder = (step: Step): step is StepOf<OrderPlan> => step.plan.kind === "order";
export const isMove = (step: Step): step is StepOf<MovePlan> => step.plan.kind === "move";
export const isChoose = (step: Step): step is StepOf<ChoosePlan> => step.plan.kind === "choose";

export const isFold = (step: Step): step is StepOf<FoldPlan> => step.plan.kind === "fold";

/** The steps that compute attention whatever the number of rows, in order; there is at least one. */
export const attendSteps = ({ steps }: Program): readonly StepOf<AttendPlan>[] =>
  steps.filter(isAttend).filter(({ plan }) => !plan.split && !plan.reduce);
/** Those that go over the map once more for its statistics, one or none. */
export const reduceSteps = ({ steps }: Program): readonly StepOf<AttendPlan>[] =>
  steps.filter(isAttend).filter(({ plan }) => plan.reduce);
/** Those that do so for calls of few rows, one or none. */
export const splitSteps = ({ steps }: Program): readonly StepOf<AttendPlan>[] =>
  steps.filter(isAttend).filter(({ plan }) => plan.split);
export const mergeSteps = ({ steps }: Program): readonly StepOf<MergePlan>[] => steps.filter(isMerge);
export const summarySteps = ({ steps }: Program): readonly StepOf<SummaryPlan>[] => steps.filter(isSummary);
export const blockListSteps = ({ steps }: Program): readonly StepOf<BlockListPlan>[] => steps.filter(isBlockList);
export const poolSteps = ({ steps }: Program): readonly StepOf<PoolPlan>[] => steps.filter(isPool);
export const chooseSteps = ({ steps }: Program): readonly StepOf<ChoosePlan>[] => steps.filter(isChoose);
