// The WebAssembly backend: a program becomes one module in text form, with one exported function per step; and the same
// module once more over a memory that threads share.

import type { Target } from "../../../targets/target.ts";
import type { AttendPlan, Program, StepOf } from "../../schedule/plan.ts";
import {
  attendSteps,
  chooseSteps,
  isBlockList,
  isChoose,
  isFold,
  isImportance,
  isMove,
  isOrder,
  isPairs,
  isPool,
  isSummary,
  reduceSteps,
} from "../../schedule/steps.ts";
import type { Backend, Emission } from "../backend.ts";
import { render } from "../template.ts";
import type { ModuleView, Printed } from "../views.ts";
import { blocksView } from "./blocks.ts";
import { chooseView, poolView } from "./choose.ts";
import { CONSTANTS_AT, keepConstants } from "./constants.ts";
import { describe } from "./describe.ts";
import { foldView } from "./fold.ts";
import { headGlobals } from "./functions.ts";
import { importanceView } from "./importance.ts";
import { layoutOf, type Words, wordsOf } from "./layout.ts";
import { definedIn, libraryFor, libraryView } from "./library.ts";
import { moveView, orderView } from "./order.ts";
import { pairsView } from "./pairs.ts";
import { printAll } from "./print-fold.ts";
import { scopeOf } from "./scope.ts";
import { widenedGlobals } from "./stored-rows.ts";
import { summaryView } from "./summary.ts";
import { attendView, reduceView, wordsView } from "./view.ts";

export const wasm: Backend<"wasm"> = { name: "wasm", emit };

function emit(program: Program, target: Target<"wasm">): Emission<"wasm"> {
  const words = wordsOf(program);
  const at = wordsView(words);
  const { fixedBytes: freeAt } = layoutOf(attendSteps(program)[0]!.plan, target);
  const steps = program.steps.map((step) => {
    if (isSummary(step)) return render("wasm/summary.wat", summaryView(step, words));
    if (isImportance(step)) return render("wasm/importance.wat", importanceView(program, step, words, freeAt));
    if (isOrder(step)) return render("wasm/order.wat", orderView(program, step, words));
    if (isMove(step)) return render("wasm/move.wat", moveView(step, words));
    if (isFold(step)) return render("wasm/fold.wat", foldView(program, step, words));
    if (isPool(step)) return render("wasm/pool.wat", poolView(program, step, words));
    if (isPairs(step)) return render("wasm/pairs.wat", pairsView(program, step, words, freeAt));
    if (isChoose(step)) return render("wasm/choose.wat", chooseView(program, step, words));
    if (isBlockList(step)) return render("wasm/blocks.wat", blocksView(program, step, words));
    const pass = step as StepOf<AttendPlan>;
    if (pass.plan.reduce) return render("wasm/reduce.wat", reduceView(program, pass, words, target));
    return render("wasm/attend.wat", attendView(program, pass, words, target));
  });
  const functions = [enterBatch(program, words), ...steps];
  const library = libraryFor(functions, new Set(functions.flatMap(definedIn)), libraryView(at));
  const { texts, data } = keepConstants([...functions, ...library]);
  const passes = [...attendSteps(program), ...reduceSteps(program)];
  const view: ModuleView = {
    title: `${program.name}: attention compiled for ${target.description}`,
    globals: [
      ...[...chooseSteps(program), ...passes].flatMap(({ name, plan }) =>
        headGlobals(name, [...plan.head, ...plan.queryTile]),
      ),
      ...passes.flatMap(widenedGlobals),
    ],
    constantsAt: CONSTANTS_AT,
    constants: data,
    functions: texts.slice(0, functions.length).map(printed),
    library: texts.slice(functions.length).map(printed),
  };
  const build = target.features.includes("relaxed-simd") ? ".relaxed" : "";
  const text = render("wasm/module.wat", view).replace(/[ \t]+$/gm, "");
  return {
    files: [{ name: `${program.name}${build}.wat`, text, kind: "wat" }],
    description: describe(program, words, target, data.length),
  };
}

const printed = (code: string): Printed => ({ code: code.trimEnd() });

/** The lengths of a batch, and the position of its query row 0 where the caller gives none. */
function enterBatch({ ir: attention, dims }: Program, words: Words): string {
  const around = { step: "", words, tensors: attention.tensors, dims, head: [], quantities: {}, definitions: [] };
  const { locals, once, results } = printAll([attention.queryStart], scopeOf(around), "one");
  return render("wasm/parts/enter-batch", { at: wordsView(words), locals, statements: once, start: results[0]! });
}
