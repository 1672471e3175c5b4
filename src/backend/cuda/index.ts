// The CUDA backend: a program becomes one file of kernels with a C launcher, and a header that says how to call it.

import type { Target } from "../../../targets/target.ts";
import type { AttendPlan, Program, StepOf } from "../../schedule/plan.ts";
import {
  isBlockList,
  isChoose,
  isFold,
  isImportance,
  isMerge,
  isPairs,
  isPool,
  isSummary,
} from "../../schedule/steps.ts";
import type { Backend, Emission } from "../backend.ts";
import { printFlex } from "../flex/index.ts";
import { regionFunction } from "../simt/functions.ts";
import type { Surroundings } from "../simt/scope.ts";
import { render } from "../template.ts";
import type { CudaHeaderView, CudaKernelView, CudaTorchView } from "../views-cuda.ts";
import { attendView } from "./attend.ts";
import { C_TYPES, type Field, fieldsOf, resultsOf, scratchOf } from "./call.ts";
import { calledHeadsOf } from "./called-heads.ts";
import { agreeView, chooseView, poolView, scoreView } from "./choice.ts";
import { pythonDescription } from "./describe.ts";
import { importanceView, weighView } from "./importance.ts";
import { isAgree, isMoved, isScore, isSort, isWeigh, type Kernel, kernelsOf } from "./kernels.ts";
import { blockSizeOf, launcherView, recordOf } from "./launcher.ts";
import { mapsOf } from "./maps.ts";
import { moveView, placesView, rowsView, runsView } from "./order.ts";
import { packedOf } from "./packing.ts";
import { pairsView } from "./pairs.ts";
import { foldView, reduceView } from "./reduce.ts";
import { surroundingsOf } from "./scope.ts";
import { blocksView, mergeView, summaryView } from "./steps.ts";
import { unitOf } from "./units.ts";

export const cuda: Backend<"cuda"> = { name: "cuda", emit };

function emit(program: Program, target: Target<"cuda">): Emission<"cuda"> {
  const around = surroundingsOf(program);
  const kernels = kernelsOf(program);
  const steps = kernels.map((kernel) => kernelText(program, kernel, around, target));
  const start = regionFunction("start", { lets: [], value: program.ir.queryStart }, around);
  const view: CudaKernelView = {
    title: `${program.name}: attention compiled for ${target.description}`,
    name: program.name,
    header: `${program.name}.h`,
    record: recordOf(program),
    scratch: scratchOf(program).map(({ field, element }) => ({ field, type: `${C_TYPES[element].kernel}*` })),
    packed: [...calledHeadsOf(program), ...packedOf(program, target)],
    maps: mapsOf(program, target).map(({ field }) => field),
    start: { statements: start.statements.join("\n"), result: start.result },
    steps: steps.map((code) => ({ code: code.trimEnd() })),
    launcher: render("cuda/launcher", launcherView(program, kernels, target)).trimEnd(),
  };
  return {
    files: [
      { name: `${program.name}.cu`, kind: "cu", text: tidy(render("cuda/kernel.cu", view)) },
      { name: `${program.name}_torch.py`, kind: "py", text: tidy(render("cuda/torch.py", torchView(program, target))) },
      { name: `${program.name}_flex.py`, kind: "py", text: tidyPython(printFlex(program)) },
      { name: `${program.name}.json`, kind: "json", text: pythonDescription(program, kernels, target) },
      { name: `${program.name}.h`, kind: "h", text: tidy(render("cuda/header.h", headerView(program, target))) },
    ],
    description: undefined,
  };
}

function kernelText(program: Program, { name, step }: Kernel, around: Surroundings, target: Target): string {
  const size = blockSizeOf(step, target);
  if (isScore(step)) return render("cuda/score", scoreView(step, name, around, size));
  if (isAgree(step)) return render("cuda/agree", agreeView(step, name, around));
  if (isWeigh(step)) return render("cuda/weigh-keys", weighView(program, step, name, around, size));
  if (isSort(step)) {
    const view = { runs: runsView, places: placesView, rows: rowsView }[step.plan.part](step, name, around, size);
    return render(`cuda/${step.plan.part}`, view);
  }
  if (isMoved(step)) return render("cuda/move", moveView(program, step, name));
  if (isImportance(step)) return render("cuda/importance", importanceView(program, step, name, around, size));
  if (isChoose(step)) return render("cuda/choose", chooseView(step, name, around, size));
  if (isPool(step)) return render("cuda/pool", poolView(program, step, name, around));
  if (isPairs(step)) return render("cuda/pairs", pairsView(program, step, name, around, size));
  if (isSummary(step)) return render("cuda/summary", summaryView(step, name));
  if (isMerge(step)) return render("cuda/merge", mergeView(program, step, name, size));
  if (isBlockList(step)) return render("cuda/blocks", blocksView(step, name, around));
  if (isFold(step)) return render("cuda/fold", foldView(step, name, around));
  const pass = step as StepOf<AttendPlan>;
  if (pass.plan.reduce?.walks === "keys") {
    return render("cuda/reduce", reduceView(program, pass, name, around, target, size));
  }
  const template = unitOf(pass.plan, target) === "wgmma" ? "cuda/attend-wgmma" : "cuda/attend";
  return render(template, attendView(program, pass, name, around, target, size));
}

function headerView(program: Program, target: Target): CudaHeaderView {
  return {
    name: program.name,
    title: `How to call ${program.name}, attention compiled for ${target.description}.`,
    record: recordOf(program),
    fields: fieldsOf(program).map(({ comment, ...field }) => ({
      declaration: declaration(field),
      comment: comment || "length",
    })),
  };
}

function torchView(program: Program, target: Target): CudaTorchView {
  const { ir: attention, name, dims } = program;
  const params = attention.params.map(({ name: own, default: value }) =>
    value === undefined ? `${own}, which has no default` : `${own} (${value})`,
  );
  return {
    name,
    title: `${name}: attention compiled for ${target.description}.`,
    results: tupleOf(resultsOf(program)),
    dims,
    others: [...attention.tensors.map((tensor) => `${tensor.name}, ${tensor.element}`), ...params],
  };
}

/** As Python writes it. */
const tupleOf = (names: readonly string[]) => `(${names.join(", ")}${names.length === 1 ? "," : ""})`;

/** `long long[3]` x becomes `long long x[3];` */
function declaration({ name, type }: Omit<Field, "comment">): string {
  const [, element, size = ""] = /^(.*?)(\[\d+\])?$/.exec(type)!;
  return `${element} ${name}${size};`;
}

/** Empty holes leave lines of blanks behind. */
const tidyPython = (text: string) => text.replace(/[ \t]+$/gm, "");
const tidy = (text: string) => text.replace(/[ \t]+$/gm, "").replace(/\n{3,}/g, "\n\n");
