// The WebAssembly backend: a program becomes one module in text form, with one exported function per step.

import type { Target } from "../../../targets/target.ts";
import type { Program } from "../../schedule/plan.ts";
import type { Backend, Emission } from "../backend.ts";
import { render } from "../template.ts";
import { describe } from "./describe.ts";
import { headGlobals } from "./functions.ts";
import { wordsOf } from "./layout.ts";
import { definedIn, libraryFor, libraryView } from "./library.ts";
import { printAll } from "./print-fold.ts";
import { scopeOf } from "./scope.ts";
import { attendView, wordsView } from "./view.ts";

export const wasm: Backend = { name: "wasm", emit };

function emit(program: Program, target: Target): Emission {
  const words = wordsOf(program);
  const at = wordsView(words);
  const steps = program.steps.map((step) => render("wasm/attend.wat", attendView(program, step, words, target)));
  const start = defaultStart(program);
  const moduleView = {
    title: `${program.name}: attention compiled for ${target.description}`,
    at,
    globals: program.steps.flatMap(({ name, plan }) => headGlobals(name, [...plan.head, ...plan.queryTile])),
    startLocals: start.locals,
    startStatements: start.once,
    start: start.results[0]!,
    steps: steps.map((code) => ({ code: code.trimEnd() })),
  };
  const frame = render("wasm/module.wat", { ...moduleView, library: [] });
  const library = libraryFor([frame], new Set(definedIn(frame)), libraryView(at));
  const view = { ...moduleView, library: library.map((code) => ({ code: code.trimEnd() })) };
  const text = render("wasm/module.wat", view).replace(/[ \t]+$/gm, "");
  const suffix = target.features.includes("relaxed-simd") ? ".relaxed" : "";
  return {
    files: [{ name: `${program.name}${suffix}.wat`, text, kind: "wat" }],
    description: describe(program, words, target),
  };
}

/** The position of query row 0 where the caller gives none. */
function defaultStart(program: Program) {
  const around = { step: "", words: wordsOf(program), tensors: program.ir.tensors, dims: program.dims, head: [] };
  return printAll([program.ir.queryStart], scopeOf({ ...around, quantities: {}, definitions: [] }), "one");
}
