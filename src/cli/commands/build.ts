// `attnc build`: compiles every attention of the files and writes a folder that stands alone. Nothing is written unless
// everything compiles.

import { join } from "node:path";
import type { RowElement } from "../../../targets/target.ts";
import { type Artefact, bytesOf } from "../../artefacts/artefact.ts";
import { buildArtefacts } from "../../artefacts/build.ts";
import { type CudaAttention, compileCuda } from "../../artefacts/compile-cuda.ts";
import { compileWasm, type Declared, type WasmAttention } from "../../artefacts/compile-wasm.ts";
import type { PlanProblem } from "../../diagnostics/plan-problem.ts";
import type { Attention } from "../../spec/spec.ts";
import { type Assignment, knownParams, readParams, splitAssignments, suggestion } from "../assignments.ts";
import { failure, printedAlready, wrongUsage } from "../command-error.ts";
import { type DimOptions, dimsOf } from "../dims.ts";
import { writeAtomically } from "../files.ts";
import { type Io, note } from "../io.ts";
import { describeProblems, type Loaded, loadSound } from "../load.ts";
import { readSelector, selectAll } from "../selection.ts";
import { readShape } from "../shapes.ts";

type Options = DimOptions & {
  readonly target?: string;
  readonly out?: string;
  readonly dtype?: RowElement;
  readonly set?: readonly string[];
  readonly shape?: readonly string[];
  readonly json?: true;
};

/** Targets of the language, and those that this version compiles for. */
const TARGETS = ["wasm", "wgsl", "cuda"];
const SUPPORTED = ["wasm", "cuda"];

export async function run(io: Io, files: readonly string[], options: Options): Promise<0> {
  const folder = options.out ?? "out";
  const chosen = files.flatMap((file) => chosenOf(io, file));
  const compiled = chosen.map((each) => compileOne(io, each, chosen, options));
  demandDifferentNames(compiled.map(({ declared }) => declared));
  const artefacts = await buildArtefacts(
    compiled.flatMap(({ wasm }) => wasm),
    compiled.flatMap(({ cuda }) => cuda),
  );
  for (const { path, content } of artefacts) writeAtomically(join(folder, path), content);
  report(io, folder, artefacts, options.json === true);
  const names = compiled.map(({ declared }) => declared.attention.name.text).join(", ");
  note(io, `built ${names} for ${targetsOf(options).join(", ")} into ${folder}`);
  return 0;
}

/** An attention to build, with the file that it comes from. */
type Chosen = { readonly attention: Attention; readonly loaded: Loaded };

function chosenOf(io: Io, file: string): readonly Chosen[] {
  const selector = readSelector(file);
  const loaded = loadSound(io, selector.path);
  return selectAll(loaded.attentions, selector).map((attention) => ({ attention, loaded }));
}

function compileOne(
  io: Io,
  { attention, loaded }: Chosen,
  all: readonly Chosen[],
  options: Options,
): CompiledAttention {
  const misfits = targetsOf(options).flatMap((target) => misfitsOf(attention, target));
  stopOn(io, misfits, loaded);
  const source = loaded.sources[attention.span.file]!;
  const others = all.map((each) => each.attention);
  const consts = constsOf(attention, splitAssignments("--set", options.set ?? []), others);
  const dims = dimsOf(options, readShape(attention, splitAssignments("--shape", options.shape ?? []), others));
  const element = options.dtype ?? "f32";
  const declared = { attention, source };
  const settings = { dims, element, consts };
  const targets = targetsOf(options);
  const wasm = targets.includes("wasm") ? compileWasm(declared, settings) : NOT_ASKED_FOR;
  const cuda = targets.includes("cuda") ? compileCuda(declared, settings) : NOT_ASKED_FOR;
  stopOn(io, [...wasm.problems, ...cuda.problems], loaded);
  return { declared, wasm: wasm.value, cuda: cuda.value };
}

const NOT_ASKED_FOR = { value: [], problems: [] };

/** One attention, compiled for the targets that were asked for. */
type CompiledAttention = {
  readonly declared: Declared;
  readonly wasm: readonly WasmAttention[];
  readonly cuda: readonly CudaAttention[];
};

function targetsOf({ target = "wasm" }: Options): readonly string[] {
  const names = [...new Set(target.split(",").map((name) => name.trim()))];
  const unknown = names.find((name) => !TARGETS.includes(name));
  if (unknown !== undefined) throw wrongUsage(`there is no target \`${unknown}\``, suggestion(unknown, TARGETS));
  return names;
}

function misfitsOf(attention: Attention, target: string): readonly PlanProblem[] {
  if (SUPPORTED.includes(target)) return [];
  const about = { at: attention.name.span, attention: attention.name.text, target };
  return [{ code: "E0605", kind: "target-unsupported", ...about, supported: SUPPORTED }];
}

/** Values of the const parameters. Those of other parameters are given in every call, not here. */
function constsOf(attention: Attention, assignments: readonly Assignment[], others: readonly Attention[]) {
  const consts = attention.params.filter((param) => param.const);
  const late = assignments.find(({ name }) => attention.params.some((param) => param.name === name && !param.const));
  if (late) {
    throw wrongUsage(
      `\`${late.name}\` is a run-time parameter of \`${attention.name.text}\`, so a kernel serves all its values`,
      "pass it in the call; --set fixes const parameters",
    );
  }
  const given = readParams({ ...attention, params: consts }, assignments, others);
  return knownParams({ ...attention, params: consts }, given);
}

function stopOn(io: Io, problems: Parameters<typeof describeProblems>[1], { sources }: Loaded): void {
  if (problems.length === 0) return;
  describeProblems(io.err, problems, sources);
  throw printedAlready();
}

function demandDifferentNames(compiled: readonly Declared[]): void {
  const first = new Map<string, string>();
  for (const { attention, source } of compiled) {
    const name = attention.name.text;
    const other = first.get(name);
    if (other !== undefined) {
      throw failure(
        "E0807",
        `\`${other}\` and \`${source.path}\` both declare \`${name}\``,
        "build them with different -o",
      );
    }
    first.set(name, source.path);
  }
}

function report(io: Io, folder: string, artefacts: readonly Artefact[], json: boolean): void {
  const files = artefacts.map((artefact) => ({ path: join(folder, artefact.path), bytes: bytesOf(artefact).length }));
  if (json) io.out.write(`${JSON.stringify({ out: folder, files })}\n`);
  else for (const { path, bytes } of files) io.out.write(`${String(bytes).padStart(8)}  ${path}\n`);
}
