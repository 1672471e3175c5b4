// The WGSL backend: shaders that are complete in themselves, one or more a step.

import type { Target } from "../../../targets/target.ts";
import type { ImportancePart, MovedTensor, OrderPart } from "../../schedule/order.ts";
import type { AttendPlan, Program, StepOf } from "../../schedule/plan.ts";
import {
  isAttend,
  isBlockList,
  isChoose,
  isFold,
  isImportance,
  isMerge,
  isMove,
  isOrder,
  isPairs,
  isPool,
  isSummary,
} from "../../schedule/steps.ts";
import type { Backend, Emission } from "../backend.ts";
import { libraryFor } from "../simt/library.ts";
import type { Surroundings } from "../simt/scope.ts";
import { render } from "../template.ts";
import type { WgslModuleView } from "../views-wgsl.ts";
import { attendView } from "./attend.ts";
import { agreeView, chooseView, poolView, scoresView } from "./choose.ts";
import { part } from "./context.ts";
import { describe, gpuFeatures } from "./describe.ts";
import { WGSL } from "./dialect.ts";
import { blocksView, summaryView } from "./facts.ts";
import { foldView } from "./fold.ts";
import { importanceView } from "./importance.ts";
import { floatText } from "./numbers.ts";
import { moveView, orderView } from "./order.ts";
import { pairsView } from "./pairs-of-blocks.ts";
import { type Binding, bindingsOf, fieldsOf, surroundingsOf } from "./places.ts";
import { reduceView } from "./reduce.ts";
import { withRolledLoops } from "./rolled.ts";
import { type Shader, shadersOf } from "./shaders.ts";
import { mergeView } from "./split.ts";

export const wgsl: Backend<"wgsl"> = { name: "wgsl", emit };

function emit(program: Program, target: Target<"wgsl">): Emission<"wgsl"> {
  const around = surroundingsOf(program);
  const files = shadersOf(program).map((shader) => ({
    name: fileName(program, shader),
    text: print(program, shader, around, target),
    kind: "wgsl" as const,
  }));
  return {
    files,
    description: describe(
      program,
      target,
      files.map(({ name }) => name),
    ),
  };
}

/** A program of one step is one file under the attention's name. */
const fileName = ({ name, steps }: Program, shader: Shader) =>
  steps.length === 1 ? `${name}.wgsl` : `${name}.${shader.name}.wgsl`;

/** Scores below LEAST hide their key; what hides one is HIDDEN. No score of a model comes near either. */
const CONSTANTS = [
  { name: "HIDDEN", value: floatText(Number.NEGATIVE_INFINITY) },
  { name: "LEAST", value: "-1e30" },
  { name: "LOG2E", value: floatText(Math.LOG2E) },
  { name: "LN2", value: floatText(Math.LN2) },
];

function print(program: Program, shader: Shader, around: Surroundings, target: Target): string {
  const bindings = bindingsOf(program, shader);
  // In a shader, words of a name are joined by underscores.
  const features = gpuFeatures(target).map((feature) => feature.replaceAll("-", "_"));
  const text = render(...bodyOf(program, shader, around, target));
  const body = target.loops === "rolled" ? withRolledLoops(text) : text;
  const searches = bindings.flatMap(({ variable: buffer }) =>
    body.includes(`count_below_${buffer}(`) ? [part("count-below", { buffer })] : [],
  );
  const view: WgslModuleView = {
    title: `${program.name}, ${shader.name}: attention compiled for ${target.description}`,
    features,
    fields: fieldsOf(program),
    bindings: [...bindings.map(bindingView), uniformView(bindings.length)],
    constants: CONSTANTS.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(body)),
    step: body,
    library: [...searches, ...libraryFor([body], WGSL)].map((code) => ({ code })),
  };
  return render("wgsl/module.wgsl", view)
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n");
}

function bodyOf(
  program: Program,
  { step, entryPoint: name, part: of }: Shader,
  around: Surroundings,
  target: Target,
): [template: string, view: object] {
  const named = { ...step, name };
  if (isSummary(step)) return ["wgsl/summary.wgsl", summaryView(step, name, around)];
  if (isPool(step)) return ["wgsl/pool.wgsl", poolView(program, step, name, around)];
  if (isPairs(step)) return ["wgsl/pairs.wgsl", pairsView(program, step, name, around)];
  if (isChoose(step) && of === "scores") return ["wgsl/scores.wgsl", scoresView(program, step, name, around)];
  if (isChoose(step) && of === "agreement") return ["wgsl/agree.wgsl", agreeView(step, name, around)];
  if (isChoose(step)) return ["wgsl/choose.wgsl", chooseView(program, step, name, around)];
  if (isBlockList(step)) return ["wgsl/blocks.wgsl", blocksView(program, { ...step, name }, around)];
  if (isImportance(step)) return [`wgsl/${of}.wgsl`, importanceView(program, step, of as ImportancePart, name, around)];
  if (isOrder(step)) return [`wgsl/${of}.wgsl`, orderView(program, step, of as OrderPart, name, around)];
  if (isMove(step)) return ["wgsl/move.wgsl", moveView(program, step.plan, of as MovedTensor, name)];
  if (isMerge(step)) return ["wgsl/merge.wgsl", mergeView(program, { ...step, name })];
  if (isFold(step)) return ["wgsl/fold.wgsl", foldView(program, step, name, around)];
  if (isAttend(step) && step.plan.reduce?.walks === "keys") {
    return ["wgsl/reduce.wgsl", reduceView(program, { ...step, name }, around, target)];
  }
  return ["wgsl/attend.wgsl", attendView(program, named as StepOf<AttendPlan>, around, target)];
}

const bindingView = ({ variable, type, access }: Binding, index: number) => ({
  ...{ index, name: variable, type },
  space: access === "read" ? "storage, read" : "storage, read_write",
});

const uniformView = (index: number) => ({ index, name: "call", type: "Call", space: "uniform" });
