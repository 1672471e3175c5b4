// The public API: text in, problems in words, kernels and artefacts out. Works wherever WebAssembly does: no file system,
// no Node API. TypeScript for the bindings is loaded by `build` alone.
//
//     const { attentions, diagnostics } = check('import { causal } from "std"  attention gpt { mask causal }');
//     const { artefacts } = await build(text, { dim: 128 });

import type { BackendName, RowElement } from "../targets/target.ts";
import type { Artefact } from "./artefacts/artefact.ts";
import { buildArtefacts } from "./artefacts/build.ts";
import type { Declared } from "./artefacts/built.ts";
import { compileWasm, type WasmAttention } from "./artefacts/compile-wasm.ts";
import { BUILD_TARGETS } from "./artefacts/targets.ts";
import { check as checkProgram } from "./check/check.ts";
import type { Settings } from "./compile.ts";
import { explainCode } from "./diagnostics/codes.ts";
import { describe } from "./diagnostics/describe.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import type { Outcome, Problem } from "./diagnostics/problem.ts";
import { renderPretty } from "./diagnostics/render.ts";
import type { Value } from "./ops/op.ts";
import type { SourceFile, Sources } from "./source/source-file.ts";
import type { Attention } from "./spec/spec.ts";
import { withStandardLibrary } from "./std-sources.ts";
import { parseFile } from "./syntax/parse.ts";
import { printFile } from "./syntax/print.ts";
import { parseProgram } from "./syntax/program.ts";

export type { Artefact } from "./artefacts/artefact.ts";
export type { WasmAttention, WasmKernel } from "./artefacts/compile-wasm.ts";
export type { Diagnostic, Label } from "./diagnostics/diagnostic.ts";
export { type DoubleTensor, type Interpretation, interpret } from "./interpret.ts";
export { InputError } from "./reference/attention.ts";
export type * from "./runtime/inputs.ts";
export { AttentionInputError, instantiate, type Kernel } from "./runtime/wasm.ts";
export type { SourceFile, Sources } from "./source/source-file.ts";
export type { Attention } from "./spec/spec.ts";

/** The text of a file, or the text with the path that messages show. */
export type Source = string | SourceFile;

export type CheckOptions = {
  /** Finds the files that are imported by path. `"std"` is always there. */
  readonly sources?: Sources;
};

/** What is fixed when a kernel is compiled. */
export type CompileOptions = CheckOptions & {
  /** Elements of a query and key row; default 64. */
  readonly dim?: number;
  /** Elements of a value row; default `dim`. */
  readonly valueDim?: number;
  /** What rows are made of; default f32. With f16 the WebAssembly kernels store key and value as halves. */
  readonly dtype?: RowElement;
  /** Values of `const` parameters that do not keep their default. */
  readonly consts?: Readonly<Record<string, Value>>;
};

export type BuildOptions = CompileOptions & {
  /** One folder each; default `["wasm"]`. */
  readonly targets?: readonly BackendName[];
};

/** Problems in words, and the texts that their spans point into; `render` prints them. */
export type Findings = { readonly diagnostics: readonly Diagnostic[]; readonly sources: readonly SourceFile[] };

/** What the attentions of a file mean, as far as they are free of errors. Never throws on any text. */
export function check(
  source: Source,
  options: CheckOptions = {},
): Findings & { readonly attentions: readonly Attention[] } {
  const { attentions, problems, sources } = checked(source, options);
  return { attentions, ...inWords(problems, sources) };
}

/** The WebAssembly kernels of a file, in memory. Attentions with problems are left out. Never throws on any text. */
export function compile(
  source: Source,
  options: CompileOptions = {},
): Findings & { readonly kernels: readonly WasmAttention[] } {
  const { value, ...findings } = eachOf(source, options, compileWasm);
  return { kernels: value, ...findings };
}

/** The files that `attnc build` writes: kernels, typed modules, the runtime, the manifest. None where there are errors. */
export async function build(
  source: Source,
  { targets = ["wasm"], ...options }: BuildOptions = {},
): Promise<Findings & { readonly artefacts: readonly Artefact[] }> {
  const { value, ...findings } = eachOf(source, options, (declared, settings) => {
    const outcomes = targets.map((target) => BUILD_TARGETS[target].build(declared, settings));
    return {
      value: outcomes.flatMap((outcome) => outcome.value),
      problems: outcomes.flatMap((outcome) => outcome.problems),
    };
  });
  const broken = findings.diagnostics.some(({ severity }) => severity === "error");
  return { artefacts: broken ? [] : await buildArtefacts(value), ...findings };
}

/** What `compileOne` makes of every attention of a file. */
function eachOf<Compiled>(
  source: Source,
  options: CompileOptions,
  compileOne: (declared: Declared, settings: Settings) => Outcome<readonly Compiled[]>,
): Findings & { readonly value: readonly Compiled[] } {
  const { attentions, problems, sources } = checked(source, options);
  const { dim = 64, valueDim = dim, dtype: element = "f32", consts = {} } = options;
  const outcomes = attentions.map((attention) =>
    compileOne({ attention, source: sources[attention.span.file]! }, { dims: { dim, valueDim }, element, consts }),
  );
  const all = [...problems, ...outcomes.flatMap((outcome) => outcome.problems)];
  return { value: outcomes.flatMap(({ value }) => value), ...inWords(all, sources) };
}

/** The canonical form of a file; the text as it was where it has syntax errors. */
export function format(source: Source): Findings & { readonly text: string } {
  const file = asFile(source);
  const { value, problems } = parseFile(file, 0);
  return { text: problems.length === 0 ? printFile(value, file) : file.text, ...inWords(problems, [file]) };
}

/** The long form of a problem, such as `E0301`; undefined where there is no such code. */
export function explain(code: string): string | undefined {
  return explainCode(code);
}

/** Problems as a terminal shows them, without colours. */
export function render({ diagnostics, sources }: Findings): string {
  return diagnostics.map((diagnostic) => renderPretty(diagnostic, sources)).join("\n");
}

function checked(source: Source, { sources = noFiles }: CheckOptions) {
  const program = parseProgram(asFile(source), withStandardLibrary(sources));
  const spec = checkProgram(program.value);
  const problems = [...program.problems, ...spec.problems];
  return { attentions: spec.value.attentions, problems, sources: program.sources };
}

const noFiles: Sources = () => ({ missing: "no files were given to import from" });

const asFile = (source: Source): SourceFile => (typeof source === "string" ? { path: "<text>", text: source } : source);

function inWords(problems: readonly Problem[], sources: readonly SourceFile[]): Findings {
  return { diagnostics: problems.map((problem) => describe(problem, sources)), sources };
}
