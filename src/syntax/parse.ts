// Text → tree. A file is cut into tokens, its brackets are paired, its words become keywords where they stand as such,
// and every declaration is then parsed on its own. Nothing here throws on any text, and the work is bounded: large files,
// deep nesting and long chains are refused before they reach the parser, and a hundred problems are enough.

import { placeKeywords } from "../../grammar/keywords.ts";
import { UnknownWord } from "../../grammar/tokens.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import type { SourceFile } from "../source/source-file.ts";
import type { Span } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { balance } from "./brackets.ts";
import { documentationBefore, documentationText } from "./documentation.ts";
import { PROBLEM_LIMIT, SIZE_LIMIT } from "./limits.ts";
import { type Parsed, parseDeclaration } from "./parse-declaration.ts";
import { segmentsOf } from "./segments.ts";
import { spanOf, tokenize } from "./tokenize.ts";

/** The tree of one file, number `file` of the compilation. Problems: E01xx, in the order of the text.
 *  A file of comments only is a file without declarations; a file of blanks only is a problem. */
export function parseFile(source: SourceFile, file: number): Outcome<ast.File> {
  const { text, path } = source;
  const nothing: ast.File = { file, declarations: [], comments: [] };
  const start: Span = { file, start: 0, end: 0 };
  if (text.length > SIZE_LIMIT) {
    return failed(nothing, { code: "E0114", kind: "file-too-large", at: start, size: text.length, limit: SIZE_LIMIT });
  }
  const { tokens, comments, problems: ofTokens } = tokenize(text, file);
  if (tokens.length + comments.length + ofTokens.length === 0) {
    return failed(nothing, { code: "E0113", kind: "empty-file", at: start, path });
  }
  const balanced = balance(tokens, source, file);
  const problems: SyntaxProblem[] = [...ofTokens, ...balanced.problems];
  // Text that is no sequence of tokens holds no sentences either.
  if (problems.length >= PROBLEM_LIMIT) return { value: { ...nothing, comments }, problems: firstOf(problems) };
  placeKeywords(balanced.tokens);
  const holes = problems.filter(leavesHole);
  const declarations: ast.Declaration[] = [];
  const segments = segmentsOf(balanced.tokens);
  let previousEnd = 0;
  let lacking: Parsed["lacks"];
  for (const [i, segment] of segments.entries()) {
    const first = segment[0]!;
    const documentation = documentationText(documentationBefore(comments, text, previousEnd, first.startOffset));
    const [from, to] = [i === 0 ? 0 : first.startOffset, segments[i + 1]?.[0]?.startOffset ?? text.length];
    const known = holes.filter(({ at }) => at.start >= from && at.start < to);
    const parsed = parseDeclaration(segment, documentation, known, file);
    // After a declaration that breaks off, the rest of it looks like another one. That is not news.
    const breaksOff = lacking || holes.some(({ at }) => at.start >= previousEnd && at.start < first.startOffset);
    const isRest = breaksOff && (first.tokenType === UnknownWord || (lacking?.includes("`{`") && parsed.lacks));
    lacking = parsed.lacks;
    previousEnd = spanOf(segment.at(-1)!, file).end;
    if (isRest) continue;
    declarations.push(parsed.declaration);
    problems.push(...parsed.problems);
    if (problems.length >= PROBLEM_LIMIT) break;
  }
  return { value: { file, declarations, comments }, problems: firstOf(problems) };
}

/** Whether a problem is more than a slip whose meaning is clear: the parser will stumble over the same place. */
function leavesHole(problem: SyntaxProblem): boolean {
  return problem.kind !== "foreign-token" || problem.instead === "" || problem.found.startsWith("'");
}

function failed(value: ast.File, problem: SyntaxProblem): Outcome<ast.File> {
  return { value, problems: [problem] };
}

function firstOf(problems: readonly SyntaxProblem[]): readonly SyntaxProblem[] {
  return [...problems].sort((a, b) => a.at.start - b.at.start).slice(0, PROBLEM_LIMIT);
}
