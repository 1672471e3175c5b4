// What the tests of the parser share.

import { describeSyntax } from "../../../src/diagnostics/describe-syntax.ts";
import type { SyntaxProblem } from "../../../src/diagnostics/syntax-problem.ts";
import { positionAt } from "../../../src/source/source-file.ts";
import type * as ast from "../../../src/syntax/ast.ts";
import { parseFile } from "../../../src/syntax/parse.ts";

/** The tree of a text and the problems, which are all of syntax. */
export function read(text: string): { readonly file: ast.File; readonly problems: readonly SyntaxProblem[] } {
  const { value, problems } = parseFile({ path: "test.attn", text }, 0);
  return { file: value, problems: problems as readonly SyntaxProblem[] };
}

/** `E0105 1:7 expected ...` for every problem. */
export function problemsOf(text: string): readonly string[] {
  return read(text).problems.map((problem) => {
    const { line, column } = positionAt({ path: "test.attn", text }, problem.at.start);
    return `${problem.code} ${line}:${column} ${describeSyntax(problem).title}`;
  });
}
