// `attnc build`: compiles every attention of the files and writes a folder that stands alone. Nothing is written unless
// everything compiles.

import { join } from "node:path";
import type { BackendName, RowElement } from "../../../targets/target.ts";
import { type Artefact, bytesOf } from "../../artefacts/artefact.ts";
import { buildArtefacts } from "../../artefacts/build.ts";
import type { Built, Declared } from "../../artefacts/built.ts";
import { BUILD_TARGETS } from "../../artefacts/targets.ts";
import type { Attention } from "../../spec/spec.ts";
import { type Assignment, knownParams, readParams, splitAssignments, suggestion } from "../assignments.ts";
import { failure, printedAlready, wrongUsage } from "../command-error.ts";
import { withRegisters } from "../cuda/registers.ts";
import { missingNvcc } from "../cuda/toolchain.ts";
import { type DimOptions, dimsOf } from "../dims.ts";
import { writeAtomically } from "../files.ts";
import { type Io, note } from "../io.ts";
import { describeProblems, type Loaded, loadSound } from "../load.ts";
import { startProgress } from "../progress.ts";
import { readSelector, selectAll } from "../selection.ts";
import { readShape } from "../shapes.ts";

type Options = DimOptions & {
  readonly target?: string;
  readonly out?: string;
  readonly dtype?: RowElement;
  readonly set?: readonly string[];
  readonly shape?: readonly string[];
  readonly registers?: true;
  readonly json?: true;
};

export async function run(io: Io, files: readonly string[], options: Options): Promise<0> {
  const folder = options.out ?? "out";
  const chosen = files.flatMap((file) => chosenOf(io, file));
  const targets = targetsOf(options);
  if (options.registers) demandRegisters(targets);
  const built = chosen.map((each) => buildOne(io, each, chosen, targets, options));
  const declared = built.map(([first]) => first!);
  demandDifferentNames(declared);
  const artefacts = await buildArtefacts(options.registers ? await countRegisters(io, built.flat()) : built.flat());
  for (const { path, content } of artefacts) writeAtomically(join(folder, path), content);
  report(io, folder, artefacts, options.json === true);
  const names = declared.map(({ attention }) => attention.name.text).join(", ");
  note(io, `built ${names} for ${targets.join(", ")} into ${folder}`);
  return 0;
}

/** An attention to build, with the file that it comes from. */
type Chosen = { readonly attention: Attention; readonly loaded: Loaded };

function chosenOf(io: Io, file: string): readonly Chosen[] {
  const selector = readSelector(file);
  const loaded = loadSound(io, selector.path);
  return selectAll(loaded.attentions, selector).map((attention) => ({ attention, loaded }));
}

/** One attention, on every target. */
function buildOne(
  io: Io,
  { attention, loaded }: Chosen,
  all: readonly Chosen[],
  targets: readonly BackendName[],
  options: Options,
): readonly Built[] {
  const source = loaded.sources[attention.span.file]!;
  const others = all.map((each) => each.attention);
  const consts = constsOf(attention, splitAssignments("--set", options.set ?? []), others);
  const dims = dimsOf(options, readShape(attention, splitAssignments("--shape", options.shape ?? []), others));
  const settings = { dims, element: elementOf(options), consts };
  const outcomes = targets.map((target) => BUILD_TARGETS[target].build({ attention, source }, settings));
  const problems = outcomes.flatMap((outcome) => outcome.problems);
  stopOn(io, problems, loaded);
  return outcomes.flatMap(({ value }) => value);
}

const elementOf = ({ dtype = "f32" }: Options) => dtype;

/** Those that were asked for; else all whose kernels take such rows. */
function targetsOf(options: Options): readonly BackendName[] {
  const known = Object.keys(BUILD_TARGETS) as BackendName[];
  if (options.target === undefined) return known.filter((name) => BUILD_TARGETS[name].rows[elementOf(options)]);
  const names = [...new Set(options.target.split(",").map((name) => name.trim()))];
  const unknown = names.find((name) => !Object.hasOwn(BUILD_TARGETS, name));
  if (unknown !== undefined) throw wrongUsage(`there is no target \`${unknown}\``, suggestion(unknown, known));
  return known.filter((name) => names.includes(name));
}

function demandRegisters(targets: readonly BackendName[]): void {
  if (!targets.includes("cuda")) throw wrongUsage("--registers is about kernels for CUDA", "add --target cuda");
  const missing = missingNvcc();
  if (missing) throw failure("E0808", `registers cannot be counted here: ${missing}`, "build without --registers");
}

/** One after the other: nvcc takes all cores for each. */
async function countRegisters(io: Io, built: readonly Built[]): Promise<readonly Built[]> {
  const progress = startProgress(io);
  const counted: Built[] = [];
  for (const each of built) {
    progress.update(counted.length, built.length, `registers of ${each.attention.name.text}`);
    counted.push(await withRegisters(each));
  }
  progress.end();
  return counted;
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
