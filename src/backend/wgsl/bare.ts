// The mask and the score of an attention as WGSL functions by themselves, for people who write their own kernels. All names
// begin with that of the attention, so that several stand in one shader. Lengths and parameters come in a struct, captured
// tensors and choices of blocks lie in buffers that the user declares.

import { bool } from "../../ir/make.ts";
import { readableTensors } from "../../ir/selection.ts";
import type { Region } from "../../schedule/loop.ts";
import type { Program } from "../../schedule/plan.ts";
import { attendSteps } from "../../schedule/steps.ts";
import { scoreRegion } from "../attend-facts.ts";
import type { Emitted } from "../backend.ts";
import { ownName } from "../simt/dialect.ts";
import { type PrintedFunction, regionFunction } from "../simt/functions.ts";
import { libraryFor } from "../simt/library.ts";
import { render } from "../template.ts";
import type { WgslFunctionsView } from "../views-wgsl.ts";
import { WGSL } from "./dialect.ts";
import { bareSurroundings, fieldsOf, STORED } from "./places.ts";

/** `NAME_mask` and `NAME_score`. */
export function printFunctions(program: Program): Emitted {
  const { name } = program;
  const { plan } = attendSteps(program).at(-1)!;
  const around = bareSurroundings(program);
  const computed = [...plan.head, ...plan.row, ...plan.key, ...plan.diagonal];
  const visible: Region = plan.mask ?? { lets: [], value: bool(true) };
  // The scale is part of the score here, wherever the kernel applies it.
  const scored = scoreRegion({ ...plan, scale: { at: "pair", value: plan.scale.value } })!;
  const mask = bareFunction(regionFunction("mask", visible, around, computed), ["batch", "head", "query", "key"]);
  const score = bareFunction(regionFunction("score", scored, around, computed), [
    "product",
    "batch",
    "head",
    "query",
    "key",
  ]);
  const bodies = [mask, score].map(({ statements, result }) => [...statements, result].join("\n"));
  const library = libraryFor(bodies, WGSL);
  const text = [...bodies, ...library].join("\n");
  const fields = [...fieldsOf(program), { name: "query_start", type: "i32" }].filter((field) =>
    new RegExp(`\\bcall\\.${field.name}\\b`).test(text),
  );
  const tensors = readableTensors(program.ir).filter((tensor) =>
    new RegExp(`\\b${ownName(tensor.name)}\\[`).test(text),
  );
  const call = fields.length > 0 ? `call: ${name}_call, ` : "";
  const view: WgslFunctionsView = {
    name,
    takesCall: fields.length > 0,
    fields: fields.map((field) => ({ name: field.name, type: field.type })),
    tensors: tensors.map(({ name: tensor, element }) => ({ name: ownName(tensor), type: `array<${STORED[element]}>` })),
    mask: { ...mask, parameters: `${call}${mask.parameters}` },
    score: { ...score, parameters: `${call}${score.parameters}` },
    library: library.map((code) => ({ code })),
  };
  const own = [...functionNames(library), ...view.tensors.map((tensor) => tensor.name)];
  return {
    name: `${name}.functions.wgsl`,
    text: prefixed(render("wgsl/functions.wgsl", view), name, own),
    kind: "wgsl",
  };
}

/** What a kernel has at hand where it calls; the rest follows from it. */
const FOLLOWING: Readonly<Record<string, string>> = {
  kv: "head / max(call.heads / max(call.kv_heads, 1), 1)",
  keys: "call.keys",
  query_start: "call.query_start",
};

function bareFunction({ parameters, statements, result }: PrintedFunction, given: readonly string[]) {
  const read = parameters.map(({ name }) => name);
  const type = (name: string) => (name === "product" || name.endsWith("_norm2") ? "f32" : "i32");
  const norms = read.filter((name) => name.endsWith("_norm2"));
  const following = Object.entries(FOLLOWING).filter(([name]) => read.includes(name));
  return {
    parameters: [...given, ...norms].map((name) => `${name}: ${type(name)}`).join(", "),
    statements: [...following.map(([name, value]) => `let ${name} = ${value};`), ...statements],
    result,
  };
}

const functionNames = (texts: readonly string[]) =>
  texts.flatMap((text) => [...text.matchAll(/^fn (\w+)/gm)].map(([, name]) => name!));

/** The names of the attention's own, with its name before them. */
function prefixed(text: string, name: string, own: readonly string[]): string {
  return own.reduce(
    (result, each) => result.replace(new RegExp(`(?<![.\\w])${each}(?=[[(:])`, "g"), `${name}_${each}`),
    text,
  );
}
