// Runs a program from its plans, before any code is printed: the level that shows whether scheduling changed the
// meaning. It interprets steps over named buffers like a kernel, in f64, and counts what it did, so that tests can ask
// whether tiles were skipped and whether the mask was left out where it was proved.

import type { Target } from "../../targets/target.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { lowerAttention } from "../ir/lower.ts";
import { optimize } from "../passes/index.ts";
import { planProgram } from "../schedule/choose.ts";
import { stepsFor } from "../schedule/few.ts";
import type { Program } from "../schedule/plan.ts";
import { isAttend, isBlockList, isMerge } from "../schedule/steps.ts";
import type { Case, Result } from "../spec/case.ts";
import { runAttend, type TileCounts } from "./attend-plan.ts";
import { bindProgram } from "./bind-program.ts";
import { allocateBuffers } from "./plan-buffers.ts";
import { type BlockLists, runBlockList } from "./run-block-list.ts";
import { runMerge } from "./run-merge.ts";
import { foldMap } from "./run-statistics.ts";
import type { Runner } from "./runner.ts";
import { storedCall } from "./stored-call.ts";
import type { Subgroups } from "./subgroups.ts";

/** The plan for the plain Wasm target. What a target cannot load is no obstacle here: everything is a number. */
export const planRunner: Runner = {
  level: "plan",
  available: () => true,
  run: async (call) => runProgram(planCase(call), call).result,
};

export type StepTrace = TileCounts & { readonly step: string };

/** The program that the call's attention compiles to at its dims. */
export function planCase(call: Case, target: Target = wasmSimd128): Program {
  const attention = optimize(lowerAttention(call.attention, { consts: call.params }));
  const { dim, valueDim } = call.shape;
  return planProgram(attention, target, { dim, valueDim }).value;
}

/** Runs the steps that the call takes, in order.
 *  @param subgroups of the device that is played, for plans whose threads exchange by them
 *  Throws where a row sees no key and the attention says `empty error`. */
export function runProgram(
  program: Program,
  given: Case,
  subgroups?: Subgroups,
): { result: Result; trace: readonly StepTrace[] } {
  const { call, restore } = storedCall(program.ir, given);
  const buffers = allocateBuffers(program, call);
  const bindings = bindProgram(program, call);
  const trace: StepTrace[] = [];
  const folded = foldMap(program.ir, call, bindings);
  const known = folded?.bindings ?? bindings;
  let lists: BlockLists | undefined;
  for (const step of stepsFor(program, call.shape)) {
    if (isBlockList(step)) lists = runBlockList(step.plan, call, bindings);
    if (isAttend(step)) {
      const own = step.plan.traversal.list && lists;
      trace.push({ step: step.name, ...runAttend(step.plan, call, known, buffers, own, subgroups, folded) });
    }
    if (isMerge(step)) runMerge(step.plan, call, buffers);
  }
  const { lse, ...result } = restore({ out: buffers.out, lse: buffers.lse });
  const named = folded && { named: folded.results(lse!) };
  return { result: { ...result, ...(program.ir.outputs.lse && { lse: lse! }), ...named }, trace };
}
