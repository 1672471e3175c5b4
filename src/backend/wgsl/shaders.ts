// The shaders of a program in the order in which they run: one a step, but more where all of what some workgroups write
// is read by others, for which there is no barrier.

import { sharedChoices } from "../../ir/selection.ts";
import type { Program, Step } from "../../schedule/plan.ts";
import { isChoose } from "../../schedule/steps.ts";
import { ownName } from "../simt/dialect.ts";

export type Shader = {
  readonly name: string;
  readonly entryPoint: string;
  /** What it binds, and how many workgroups it takes. */
  readonly step: Step;
  /** The part of the step that it computes; absent: all of it. */
  readonly part?: "scores" | "choice" | "agreement";
};

export const shadersOf = ({ steps }: Program): readonly Shader[] =>
  steps.flatMap((step): Shader[] =>
    isChoose(step)
      ? [
          { ...named(`scores.${step.plan.selection.name}`), step, part: "scores" },
          { ...named(step.name), step, part: "choice" },
          ...(sharedChoices(step.plan.selection)
            ? [{ ...named(`agree.${step.plan.selection.name}`), step, part: "agreement" as const }]
            : []),
        ]
      : [{ ...named(step.name), step }],
  );

/** A step is named after tensors, dots and all. */
const named = (name: string) => ({ name, entryPoint: `run_${ownName(name)}`.replace(/_$/, "") });
