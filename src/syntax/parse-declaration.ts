// The tokens of one declaration → its tree. The parser recovers inside a declaration at the next clause, so every clause
// may have its own problem; of several in one clause only the first is reported, the others follow from it.

import type { IToken } from "chevrotain";
import type { DeclarationCstNode } from "../../grammar/cst.ts";
import { AttnParser } from "../../grammar/parser.ts";
import * as t from "../../grammar/tokens.ts";
import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import { joinSpans } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { buildDeclaration, duplicateClauses, wrongOptions } from "./build-ast.ts";
import { readerOf } from "./build-token.ts";
import { expectations } from "./expectations.ts";
import { overLimit, PROBLEM_LIMIT } from "./limits.ts";
import { problemOf } from "./parser-errors.ts";
import { headOf, lastTokenAt } from "./segments.ts";
import { spanOf } from "./tokenize.ts";

let parser: AttnParser | undefined;

export type Parsed = {
  readonly declaration?: ast.Declaration | undefined;
  readonly problems: readonly SyntaxProblem[];
  /** What was missing at the very end of the declaration, if anything was. */
  readonly lacks?: readonly string[];
};

/** The tree of one declaration, without its documentation. Problems: E0105 to E0112, E0115, E0116.
 *  @param segment its tokens, at least one */
export function parseDeclaration(segment: readonly IToken[], documentation: string, file: number): Parsed {
  const stray = strayWord(segment[0]!, file);
  if (stray) return { problems: [stray] };

  const limit = overLimit(segment, file);
  const readable = limit ? headOf(segment) : segment;
  if (limit && overLimit(readable, file)) return { problems: [limit] };
  const read = readerOf(file);
  const span = joinSpans(spanOf(segment[0]!, file), spanOf(segment.at(-1)!, file));
  const { node, errors } = recognise(readable, file);
  const declaration = buildDeclaration(node, span, documentation, read);
  if (limit) return { declaration, problems: [limit] };

  const repeated = declaration?.kind === "attention" ? duplicateClauses(declaration.clauses) : [];
  const problems = [...errors, ...wrongOptions(node, read), ...repeated];
  const last = errors.find(({ at }) => at.start >= span.end);
  return { declaration, problems, ...(last?.kind === "missing-token" && { lacks: last.expected }) };
}

/** What is wrong where no keyword of a declaration stands. */
function strayWord(first: IToken, file: number): SyntaxProblem | undefined {
  const [at, word] = [spanOf(first, file), first.image];
  const known = [...t.DECLARATION_KEYWORDS.keys()];
  if (first.tokenType === t.UnknownWord) {
    const isClause = t.CLAUSE_KEYWORDS.has(word);
    return { code: "E0108", kind: "unknown-declaration", at, word, known, isClause };
  }
  if (known.includes(word)) return undefined;
  return { code: "E0106", kind: "unexpected-token", at, found: word, expected: ["a declaration"] };
}

/** Runs the parser. Its errors are one a clause. */
function recognise(segment: readonly IToken[], file: number) {
  // Made once, on first use: analysing the grammar takes a while.
  parser ??= new AttnParser(expectations);
  parser.input = [...segment];
  const node = parser.declaration() as DeclarationCstNode | undefined;
  const byClause = new Map<number, SyntaxProblem>();
  for (const error of parser.errors) {
    const problem = problemOf(error, segment, file);
    const clause = clauseAt(segment, problem.at.start);
    if (!byClause.has(clause)) byClause.set(clause, problem);
    if (byClause.size >= PROBLEM_LIMIT) break;
  }
  return { node, errors: [...byClause.values()] };
}

/** The problems of those clauses in which none of the `known` ones lies. */
export function withoutKnown(
  problems: readonly SyntaxProblem[],
  known: readonly SyntaxProblem[],
  segment: readonly IToken[],
): readonly SyntaxProblem[] {
  if (problems.length === 0 || known.length === 0) return problems;
  const clauses = new Set(known.map(({ at }) => clauseAt(segment, at.start)));
  return problems.filter(({ at }) => !clauses.has(clauseAt(segment, at.start)));
}

/** Index of the last keyword of a clause at or before an offset. */
function clauseAt(segment: readonly IToken[], offset: number): number {
  let i = lastTokenAt(segment, offset);
  while (i >= 0 && t.CLAUSE_KEYWORDS.get(segment[i]!.image) !== segment[i]!.tokenType) i -= 1;
  return i;
}
