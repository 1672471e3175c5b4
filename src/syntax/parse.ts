// Text → tree. A file is cut into tokens, its brackets are paired, its words become keywords where they stand as such,
// and every declaration is then parsed on its own. Nothing here throws on any text, and the work is bounded: large files,
// deep nesting and long chains are refused before they reach the parser, and a hundred problems are enough.

import type { IToken } from "chevrotain";
import type { DeclarationCstNode } from "../../grammar/cst.ts";
import { placeKeywords } from "../../grammar/keywords.ts";
import { AttnParser } from "../../grammar/parser.ts";
import * as t from "../../grammar/tokens.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import type { SourceFile } from "../source/source-file.ts";
import { joinSpans, type Span } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { balance } from "./brackets.ts";
import { buildDeclaration, documentationOf, duplicateClauses, wrongOptions } from "./build-ast.ts";
import { readerOf } from "./build-token.ts";
import { expectations } from "./expectations.ts";
import { overLimit } from "./limits.ts";
import { problemOf } from "./parser-errors.ts";
import { headOf, segmentsOf } from "./segments.ts";
import { spanOf, tokenize } from "./tokenize.ts";

/** Largest file, in UTF-16 units: far beyond any program, small enough that noise is refused at once. */
export const SIZE_LIMIT = 1 << 20;
/** Problems that are reported of one file. */
export const PROBLEM_LIMIT = 100;

let parser: AttnParser | undefined;

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
  if (ofTokens.length >= PROBLEM_LIMIT) return { value: { ...nothing, comments }, problems: firstOf(ofTokens) };

  const balanced = balance(tokens, source, file);
  placeKeywords(balanced.tokens);
  const earlier = [...ofTokens, ...balanced.problems];
  const problems: SyntaxProblem[] = [...earlier];
  const declarations: ast.Declaration[] = [];
  let previousEnd = 0;
  let incomplete = false;
  for (const segment of segmentsOf(balanced.tokens)) {
    const span = joinSpans(spanOf(segment[0]!, file), spanOf(segment.at(-1)!, file));
    // Between two declarations; what stands on the line of the one before belongs to it.
    const documentation = comments.filter(
      (comment) => comment.documentation && comment.span.start >= previousEnd && comment.span.end <= span.start,
    );
    const parsed = parseSegment(segment, span, documentationOf(documentation), file);
    if (parsed.declaration) declarations.push(parsed.declaration);
    // What follows from a mistake that was reported already is not news.
    const known =
      earlier.some(({ at }) => at.start >= previousEnd && at.start < span.end) || (incomplete && parsed.unknown);
    if (!known) problems.push(...parsed.problems);
    incomplete = parsed.incomplete;
    previousEnd = span.end;
    if (problems.length >= PROBLEM_LIMIT) break;
  }
  return { value: { file, declarations, comments }, problems: firstOf(problems) };
}

function failed(value: ast.File, problem: SyntaxProblem): Outcome<ast.File> {
  return { value, problems: [problem] };
}

function firstOf(problems: readonly SyntaxProblem[]): readonly SyntaxProblem[] {
  return [...problems].sort((a, b) => a.at.start - b.at.start).slice(0, PROBLEM_LIMIT);
}

type Parsed = {
  readonly declaration: ast.Declaration | undefined;
  readonly problems: readonly SyntaxProblem[];
  /** Whether the part begins with a word that begins no declaration. */
  readonly unknown: boolean;
  /** Whether something was missing at its end. */
  readonly incomplete: boolean;
};

function parseSegment(segment: readonly IToken[], span: Span, documentation: string, file: number): Parsed {
  const first = segment[0]!;
  const none = { declaration: undefined, unknown: true, incomplete: false };
  if (first.tokenType === t.UnknownWord) {
    const [word, known] = [first.image, [...t.DECLARATION_KEYWORDS.keys()]];
    const isClause = t.CLAUSE_KEYWORDS.has(word);
    const at = spanOf(first, file);
    return { ...none, problems: [{ code: "E0108", kind: "unknown-declaration", at, word, known, isClause }] };
  }
  if (!t.DECLARATION_KEYWORDS.has(first.image)) {
    const [at, found] = [spanOf(first, file), first.image];
    return { ...none, problems: [{ code: "E0106", kind: "unexpected-token", at, found, expected: ["a declaration"] }] };
  }

  const limit = overLimit(segment, file);
  const readable = limit ? headOf(segment) : segment;
  if (limit && overLimit(readable, file)) return { ...none, problems: [limit] };
  const read = readerOf(file);
  const { node, errors } = recognise(readable, file);
  const declaration = buildDeclaration(node, span, documentation, read);
  const more = declaration?.kind === "attention" ? duplicateClauses(declaration.clauses) : [];
  const problems = limit ? [limit] : [...errors, ...wrongOptions(node, read), ...more];
  return { declaration, problems, unknown: false, incomplete: errors.some(({ at }) => at.start >= span.end) };
}

/** Parses the tokens of one declaration. Of several errors in one clause only the first counts. */
function recognise(segment: readonly IToken[], file: number) {
  parser ??= new AttnParser(expectations);
  parser.input = [...segment];
  const node = parser.declaration() as DeclarationCstNode | undefined;
  const byClause = new Map<number, SyntaxProblem>();
  for (const error of parser.errors) {
    const problem = problemOf(error, segment, file);
    const clause = clauseAt(segment, problem.at.start);
    if (!byClause.has(clause)) byClause.set(clause, problem);
  }
  return { node, errors: [...byClause.values()] };
}

/** Index of the last keyword of a clause at or before an offset. */
function clauseAt(segment: readonly IToken[], offset: number): number {
  return segment.findLastIndex(
    (token) => token.startOffset <= offset && t.CLAUSE_KEYWORDS.get(token.image) === token.tokenType,
  );
}
