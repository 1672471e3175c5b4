// The bindings of a call as the passes of a program see them: its lengths, parameters and captured tensors, and the
// summaries of captured tensors that steps before them have made.

import type { Bindings } from "../ir/evaluate.ts";
import type { Value } from "../ops/op.ts";
import type { Program } from "../schedule/plan.ts";
import { summarySteps } from "../schedule/steps.ts";
import type { Case } from "../spec/case.ts";
import { bindCase } from "./environment.ts";
import { runSummary } from "./run-summary.ts";

/** The bindings of the call, with the summaries of captured tensors, which every pass reads and none writes. */
export function bindProgram(program: Program, call: Case): Bindings {
  const bindings = bindCase(program.ir, call);
  const elements = new Map<string, (at: readonly number[]) => Value>();
  for (const { plan } of summarySteps(program)) {
    const { shape, least, most } = runSummary(plan, call);
    const inside = (index: number, axis: number) => Math.max(0, Math.min(index, shape[axis]! - 1));
    const read = (values: Float64Array) => (at: readonly number[]) => {
      // Indices are clamped as those of the tensor itself are; an empty summary reads as zeros.
      const value = values[at.reduce((flat, index, axis) => flat * shape[axis]! + inside(index, axis), 0)] ?? 0;
      return plan.of.element === "bool" ? value !== 0 : value;
    };
    elements.set(plan.least.name, read(least)).set(plan.most.name, read(most));
  }
  return { ...bindings, load: (name, at, batch) => elements.get(name)?.(at) ?? bindings.load(name, at, batch) };
}
