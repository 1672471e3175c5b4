// The few helpers that tests share: text in, Spec or problems out. Programs import from "std" and from nothing else
// unless a test passes files of its own.

import { expect } from "vitest";
import { check } from "../src/check/check.ts";
import { describe } from "../src/diagnostics/describe.ts";
import type { Diagnostic } from "../src/diagnostics/diagnostic.ts";
import type { Problem } from "../src/diagnostics/problem.ts";
import { renderPretty } from "../src/diagnostics/render.ts";
import type { SourceFile } from "../src/source/source-file.ts";
import type { Attention, Spec } from "../src/spec/spec.ts";
import { withStandardLibrary } from "../src/std-sources.ts";
import { parseProgram } from "../src/syntax/program.ts";

export type Checked = {
  readonly spec: Spec;
  readonly problems: readonly Problem[];
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly SourceFile[];
};

/** Parses and checks. `files` are further files by the name under which they are imported. */
export function checked(text: string, files: Readonly<Record<string, string>> = {}): Checked {
  const find = withStandardLibrary((specifier) => {
    const found = files[specifier];
    return found === undefined ? { missing: "no such file in this test" } : { path: specifier, text: found };
  });
  const program = parseProgram({ path: "test.attn", text }, find);
  const { value: spec, problems: ofMeaning } = check(program.value);
  const problems = [...program.problems, ...ofMeaning];
  const { sources } = program;
  return { spec, problems, sources, diagnostics: problems.map((problem) => describe(problem, sources)) };
}

/** Errors and warnings of a text, syntax included. */
export function problemsOf(text: string, files?: Readonly<Record<string, string>>): readonly Problem[] {
  return checked(text, files).problems;
}

/** The Spec of a text without errors; the errors are shown otherwise. */
export function specOf(text: string, files?: Readonly<Record<string, string>>): Spec {
  const { spec, diagnostics, sources } = checked(text, files);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map((error) => renderPretty(error, sources)).join("\n"));
  return spec;
}

/** The attention `name` of a text without errors, or the only one. */
export function attentionOf(text: string, name?: string, files?: Readonly<Record<string, string>>): Attention {
  const { attentions } = specOf(text, files);
  const found = name === undefined ? attentions[0] : attentions.find((attention) => attention.name.text === name);
  if (!found || (name === undefined && attentions.length > 1)) throw new Error(`no attention ${name ?? "alone"}`);
  return found;
}

/** Exactly one problem with this code is found, and its primary label covers this text. */
export function expectProblem(
  text: string,
  code: string,
  covered: string,
  files?: Readonly<Record<string, string>>,
): Diagnostic {
  const { diagnostics, sources } = checked(text, files);
  const found = diagnostics.filter((diagnostic) => diagnostic.code === code);
  expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain(code);
  expect(found).toHaveLength(1);
  const { file, start, end } = found[0]!.primary.span;
  expect(sources[file]!.text.slice(start, end)).toBe(covered);
  return found[0]!;
}

/** Nothing is wrong with the text, and nothing doubtful. */
export function expectClean(text: string, files?: Readonly<Record<string, string>>): Spec {
  const { spec, diagnostics, sources } = checked(text, files);
  expect(diagnostics.map((diagnostic) => renderPretty(diagnostic, sources))).toEqual([]);
  return spec;
}
