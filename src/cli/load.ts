// From a path to checked attentions. Every command starts here, and every problem of a file is printed from here.

import { check } from "../check/check.ts";
import { describe } from "../diagnostics/describe.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Problem } from "../diagnostics/problem.ts";
import { type Colours, renderPretty } from "../diagnostics/render.ts";
import type { SourceFile } from "../source/source-file.ts";
import type { Attention } from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { parseProgram } from "../syntax/program.ts";
import { failure, printedAlready } from "./command-error.ts";
import { readSource } from "./files.ts";
import type { Io, Stream } from "./io.ts";
import { readSelector, selectAll, selectOne } from "./selection.ts";
import { sourcesFor } from "./source-files.ts";

export type Loaded = {
  /** As the command names the file. */
  readonly path: string;
  readonly program: ast.Program;
  readonly attentions: readonly Attention[];
  /** Errors and warnings in words, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  /** The files that spans point into. */
  readonly sources: readonly SourceFile[];
};

/** Reads, parses and checks a file with everything that it imports. Problems: E0801 where it cannot be read. */
export function load(path: string): Loaded {
  const entry = readEntry(path);
  const parsed = parseProgram(entry, sourcesFor(entry));
  const checked = check(parsed.value);
  const problems = [...parsed.problems, ...checked.problems];
  const diagnostics = problems.map((problem) => describe(problem, parsed.sources));
  return { path, program: parsed.value, attentions: checked.value.attentions, diagnostics, sources: parsed.sources };
}

/** The text of the file that a command names. Problems: E0801. */
export function readEntry(path: string): SourceFile {
  const read = readSource(path);
  if ("missing" in read) throw failure("E0801", `cannot read \`${path}\`: ${read.missing}`);
  return { path: path === "-" ? "<stdin>" : path, text: read.text };
}

/** The attentions that `FILE` or `FILE#NAME` means. Warnings are printed; with errors the command ends. */
export function loadAll(io: Io, selector: string): readonly Attention[] {
  const { path, name } = readSelector(selector);
  return selectAll(loadSound(io, path).attentions, { path, name });
}

/** The one attention that `FILE` or `FILE#NAME` means. */
export function loadOne(io: Io, selector: string): Attention {
  const { path, name } = readSelector(selector);
  return selectOne(loadSound(io, path).attentions, { path, name });
}

/** A file without errors. Its problems are printed on stderr. */
export function loadSound(io: Io, path: string): Loaded {
  const loaded = load(path);
  printDiagnostics(io.err, loaded.diagnostics, loaded.sources);
  if (hasErrors(loaded.diagnostics)) throw printedAlready();
  return loaded;
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

/** Problems of a later stage, in words. */
export function describeProblems(stream: Stream, problems: readonly Problem[], sources: readonly SourceFile[]): void {
  printDiagnostics(
    stream,
    problems.map((problem) => describe(problem, sources)),
    sources,
  );
}

/** Problems as frames of the text, a blank line between two. */
export function printDiagnostics(
  stream: Stream,
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceFile[],
): void {
  const colours: Colours = {
    strong: (text, severity) => stream.style(["bold", severity === "error" ? "red" : "yellow"], text),
    soft: (text) => stream.style("cyan", text),
    faint: (text) => stream.style("dim", text),
  };
  for (const diagnostic of diagnostics) stream.write(`${renderPretty(diagnostic, sources, colours)}\n`);
}
