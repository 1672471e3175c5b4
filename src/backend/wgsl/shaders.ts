// The shaders of a program in the order in which they run: one a step, but more where all of what some workgroups write is
// read by others, for which there is no barrier, and where a step moves several tensors.

import { sharedChoices } from "../../ir/selection.ts";
import {
  type ImportancePart,
  importanceParts,
  type MovedTensor,
  movedTensors,
  type OrderPart,
  orderParts,
} from "../../schedule/order.ts";
import type { Program, Step } from "../../schedule/plan.ts";
import { isChoose, isImportance, isMove, isOrder } from "../../schedule/steps.ts";
import { ownName } from "../simt/dialect.ts";

export type Shader = {
  readonly name: string;
  readonly entryPoint: string;
  /** What it binds, and how many workgroups it takes. */
  readonly step: Step;
  /** The part of the step that it computes, or the tensor that it moves; absent: all of it. */
  readonly part?: "scores" | "choice" | "agreement" | ImportancePart | OrderPart | MovedTensor;
};

export const shadersOf = ({ steps }: Program): readonly Shader[] => steps.flatMap(shadersOfStep);

function shadersOfStep(step: Step): readonly Shader[] {
  if (isChoose(step)) {
    return [
      { ...named(`scores.${step.plan.selection.name}`), step, part: "scores" },
      { ...named(step.name), step, part: "choice" },
      ...(sharedChoices(step.plan.selection)
        ? [{ ...named(`agree.${step.plan.selection.name}`), step, part: "agreement" as const }]
        : []),
    ];
  }
  if (isImportance(step)) {
    return importanceParts(step.plan).map((part) => ({
      ...named(part === "importance" ? step.name : `${part}.${step.name}`),
      ...{ step, part },
    }));
  }
  if (isOrder(step)) return orderParts(step.plan).map((part) => ({ ...named(`${step.name}.${part}`), step, part }));
  if (isMove(step)) return movedTensors(step).map((part) => ({ ...named(`${step.name}.${part}`), step, part }));
  return [{ ...named(step.name), step }];
}

/** A step is named after tensors, dots and all. */
const named = (name: string) => ({ name, entryPoint: `run_${ownName(name.replaceAll("-", "_"))}`.replace(/_$/, "") });
