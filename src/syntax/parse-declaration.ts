// The tokens of one declaration → its tree. The parser recovers inside an attention at the next clause, so every clause may
// have its own problem; of several in one clause only the first is reported, since the others follow from it. What has a
// problem becomes `broken` in the tree, so that no later stage finds the same mistake again.

import type { IToken } from "chevrotain";
import type { DeclarationCstNode } from "../../grammar/cst.ts";
import { AttnParser } from "../../grammar/parser.ts";
import * as t from "../../grammar/tokens.ts";
import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import { joinSpans, type Name, type Span } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { buildDeclaration } from "./build-ast.ts";
import { duplicateClauses, wrongOptions } from "./clause-problems.ts";
import { expectations } from "./expectations.ts";
import { overLimit, PROBLEM_LIMIT } from "./limits.ts";
import { problemOf } from "./parser-errors.ts";
import { lastTokenAt } from "./segments.ts";
import { spanOf } from "./tokenize.ts";

export type Parsed = {
  readonly declaration: ast.Declaration;
  readonly problems: readonly SyntaxProblem[];
  /** What was missing at the very end of the declaration, if anything was. */
  readonly lacks?: readonly string[];
};

/** The tree of one declaration. Problems: E0105 to E0112, E0115, E0116.
 *  @param segment its tokens, at least one
 *  @param known problems that were found in its text before */
export function parseDeclaration(
  segment: readonly IToken[],
  documentation: string,
  known: readonly SyntaxProblem[],
  file: number,
): Parsed {
  const span = joinSpans(spanOf(segment[0]!, file), spanOf(segment.at(-1)!, file));
  const refused = strayWord(segment[0]!, file) ?? overLimit(segment, file);
  if (refused) return { declaration: broken(segment, span), problems: known.length > 0 ? [] : [refused] };

  const { node, errors } = recognise(segment, file);
  const found = [...firstOfEachClause(errors, segment), ...wrongOptions(node, file)];
  const clausesOf = (problems: readonly SyntaxProblem[]) => problems.map((problem) => clauseOf(segment, problem));
  const knownClauses = new Set(clausesOf(known));
  const declaration = build(node, segment, span, documentation, new Set([...knownClauses, ...clausesOf(found)]));
  const repeated = duplicateClauses(declaration);
  const last = errors.find(({ at }) => at.start >= span.end);
  return {
    declaration,
    problems: [...found.filter((problem) => !knownClauses.has(clauseOf(segment, problem))), ...repeated],
    ...(last?.kind === "missing-token" && { lacks: last.expected }),
  };
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

let parser: AttnParser | undefined;

function recognise(segment: readonly IToken[], file: number) {
  // Made once, on first use: analysing the grammar takes a while.
  parser ??= new AttnParser(expectations);
  parser.input = [...segment];
  const node = parser.declaration() as DeclarationCstNode | undefined;
  return { node, errors: parser.errors.slice(0, 2 * PROBLEM_LIMIT).map((error) => problemOf(error, segment, file)) };
}

function firstOfEachClause(errors: readonly SyntaxProblem[], segment: readonly IToken[]): readonly SyntaxProblem[] {
  const clauses = errors.map((error) => clauseOf(segment, error));
  return errors.filter((_, i) => clauses.indexOf(clauses[i]!) === i);
}

/** Index of the word that begins the clause in which a problem lies; 0 in the head of the declaration. What is missing
 *  is missing behind a token, so it belongs to the clause of that one. */
function clauseOf(segment: readonly IToken[], { at: { start, end } }: SyntaxProblem): number {
  let i = lastTokenAt(segment, start === end ? start - 1 : start);
  while (i > 0 && !beginsClause(segment[i]!)) i -= 1;
  return Math.max(i, 0);
}

function beginsClause({ image, tokenType }: IToken): boolean {
  const isKeyword = tokenType === t.RuleKeyword || t.CLAUSE_KEYWORDS.get(image) === tokenType;
  return isKeyword || tokenType === t.UnknownWord;
}

/** The declaration, with the clauses that have a problem marked as broken; broken itself if another part has one. */
function build(
  node: DeclarationCstNode | undefined,
  segment: readonly IToken[],
  span: Span,
  documentation: string,
  bad: ReadonlySet<number>,
): ast.Declaration {
  if (!node || bad.has(0)) return broken(segment, span);
  const places = [...bad].map((clause) => spanOf(segment[clause]!, span.file));
  const starts = new Set(places.map(({ start }) => start));
  // A choice without one of its rules would be another one.
  if (node.children.choice && places.length > 0) return broken(segment, span);
  const declaration = buildDeclaration(node, span, documentation, (start) => starts.has(start));
  if (declaration.kind !== "attention" || places.length === 0) return declaration;
  const marked = places.map((place): ast.Clause => ({ kind: "broken", span: place }));
  return { ...declaration, clauses: [...declaration.clauses, ...marked].sort((a, b) => a.span.start - b.span.start) };
}

/** A declaration of which no more is known than the name behind its keyword, or the names between its braces. */
function broken(segment: readonly IToken[], span: Span): ast.Declaration {
  const [first, second] = segment;
  const head = first?.tokenType === t.Import ? importedWords(segment) : second ? [second] : [];
  const names = head
    .filter(({ tokenType }) => tokenType === t.Identifier)
    .map((token): Name => ({ text: token.image, span: spanOf(token, span.file) }));
  return { kind: "broken", span, names };
}

function importedWords(segment: readonly IToken[]): readonly IToken[] {
  const end = segment.findIndex(({ tokenType }) => tokenType === t.CloseBrace || tokenType === t.From);
  return segment.slice(0, end < 0 ? segment.length : end);
}
