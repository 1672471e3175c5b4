// Runs a program from its plans, before any code is printed: the level that shows whether scheduling changed the
// meaning. It interprets steps over named buffers like a kernel, in f64, and counts what it did, so that tests can ask
// whether tiles were skipped and whether the mask was left out where it was proved.

import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import type { Bindings } from "../ir/evaluate.ts";
import { lowerAttention } from "../ir/lower.ts";
import type { Value } from "../ops/op.ts";
import { optimize } from "../passes/index.ts";
import { planProgram } from "../schedule/choose.ts";
import type { Program } from "../schedule/plan.ts";
import { attendSteps, summarySteps } from "../schedule/steps.ts";
import type { Case, Result } from "../spec/case.ts";
import { runAttend, type TileCounts } from "./attend-plan.ts";
import { bindCase } from "./environment.ts";
import { allocateBuffers } from "./plan-buffers.ts";
import { runSummary } from "./run-summary.ts";
import type { Runner } from "./runner.ts";

/** The plan for the plain Wasm target. What a target cannot load is no obstacle here: everything is a number. */
export const planRunner: Runner = {
  level: "plan",
  available: () => true,
  run: async (call) => runProgram(planCase(call), call).result,
};

export type StepTrace = TileCounts & { readonly step: string };

/** The program that the call's attention compiles to at its dims. */
export function planCase(call: Case): Program {
  const attention = optimize(lowerAttention(call.attention, { consts: call.params }));
  const { dim, valueDim } = call.shape;
  return planProgram(attention, wasmSimd128, { dim, valueDim }).value;
}

/** Runs the steps in order. Throws where a row sees no key and the attention says `empty error`. */
export function runProgram(program: Program, call: Case): { result: Result; trace: readonly StepTrace[] } {
  const buffers = allocateBuffers(program, call);
  const bindings = bindSummaries(bindCase(program.ir, call), program, call);
  const trace = attendSteps(program).map(({ name, plan }) => ({
    step: name,
    ...runAttend(plan, call, bindings, buffers),
  }));
  const { out, lse } = buffers;
  return { result: program.ir.outputs.lse ? { out, lse } : { out }, trace };
}

/** The same bindings with the summaries of captured tensors, which every pass reads and none writes. */
function bindSummaries(bindings: Bindings, program: Program, call: Case): Bindings {
  const elements = new Map<string, (at: readonly number[]) => Value>();
  for (const { plan } of summarySteps(program)) {
    const { shape, least, most } = runSummary(plan, call);
    const read = (values: Float64Array) => (at: readonly number[]) => {
      const value = values[at.reduce((flat, index, axis) => flat * shape[axis]! + index, 0)] ?? 0;
      return plan.of.element === "bool" ? value !== 0 : value;
    };
    elements.set(plan.least.name, read(least)).set(plan.most.name, read(most));
  }
  return { ...bindings, load: (name, at, batch) => elements.get(name)?.(at) ?? bindings.load(name, at, batch) };
}
