// An error of the parser → a problem. What the parser says is exact but not what a person did: a bracket that "is
// expected" is never missing, since brackets were paired before; it means that the token before it does not belong.

import { EOF, type IRecognitionException, type IToken, type TokenType } from "chevrotain";
import { PERMUTATION_RULES, SPARSITY_RULES } from "../../grammar/rules.ts";
import * as t from "../../grammar/tokens.ts";
import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import type { Span } from "../source/span.ts";
import { readExpectations } from "./expectations.ts";
import { lastTokenAt } from "./segments.ts";
import { spanOf } from "./tokenize.ts";

const closers: readonly string[] = ["`)`", "`]`", "`}`"];
/** Words that begin a rule, by the keyword of the declaration. */
const RULES: ReadonlyMap<TokenType, ReadonlyMap<string, unknown>> = new Map([
  [t.Sparsity, SPARSITY_RULES],
  [t.Permutation, PERMUTATION_RULES],
]);
const reserved: ReadonlySet<TokenType> = new Set(t.RESERVED);

/** The problem that an error of parsing `segment` stands for. */
export function problemOf(error: IRecognitionException, segment: readonly IToken[], file: number): SyntaxProblem {
  const expected = readExpectations(error.message);
  const token = error.token.tokenType === EOF ? undefined : error.token;
  const position = token ? indexOf(segment, token) : segment.length;
  const previous = segment[position - 1] ?? segment[0]!;
  const at = token && spanOf(token, file);
  const after = endOf(previous, file);

  const rule = error.context.ruleStack.at(-1)!;
  const fitting = whatFits(expected, rule, previous);
  if (token && at) {
    const found = token.image;
    if (token.tokenType === t.UnknownWord && expected.includes("`}`")) {
      const known = [...(RULES.get(segment[0]!.tokenType) ?? t.CLAUSE_KEYWORDS).keys()];
      const isDeclaration = t.DECLARATION_KEYWORDS.has(found);
      return { code: "E0109", kind: "unknown-clause", at, word: found, known, isDeclaration };
    }
    if (token.tokenType === t.Equals && expected.some(endsOperand)) {
      return { code: "E0107", kind: "foreign-token", at, found, instead: "==" };
    }
    if (reserved.has(token.tokenType) && fitting.includes("a name")) {
      return { code: "E0111", kind: "reserved-word", at, word: found };
    }
    if (expected.includes("an operator") || expected.includes("`}`")) {
      return { code: "E0106", kind: "unexpected-token", at, found, expected: fitting };
    }
  }
  if (expected.includes("`else`")) {
    const condition = spanOf(conditionBefore(segment, position), file);
    return { code: "E0112", kind: "missing-else", at: after, condition };
  }
  const found = token?.image ?? "";
  return { code: "E0105", kind: "missing-token", at: after, expected: fitting, after: previous.image, found };
}

/** Tokens that stand for a missing bracket share their place with the token behind it. */
function indexOf(segment: readonly IToken[], token: IToken): number {
  let i = lastTokenAt(segment, token.startOffset);
  while (segment[i] !== token && i > 0) i -= 1;
  return i;
}

/** Where the parser wants the end of something, more of it would fit as well. */
function whatFits(expected: readonly string[], rule: string, previous: IToken): readonly string[] {
  const closer = expected.find((label) => closers.includes(label));
  if (!closer) return expected;
  const isFirst = t.OPENERS.has(previous.tokenType) || previous.tokenType === t.Comma;
  const { first, more } = INSIDE[rule] ?? { first: "an expression", more: ["an operator", "`,`"] };
  return [...(isFirst ? [first] : more), closer];
}

/** What brackets hold, by rule: how an element begins, and what may follow one. */
const INSIDE: Readonly<Record<string, { readonly first: string; readonly more: readonly string[] }>> = {
  attention: { first: "a clause", more: ["an operator", "a clause"] },
  choice: { first: "a rule", more: ["an operator", "a rule"] },
  reduction: { first: "an axis", more: ["`: first N`", "an operator"] },
  importDeclaration: { first: "a name", more: ["`,`"] },
  parameters: { first: "a name", more: ["`in`", "`=`", "`,`"] },
  gridClause: { first: "a name", more: ["`:`", "`,`"] },
  normalizeClause: { first: "`sink`", more: ["an operator"] },
  nested: { first: "an expression", more: ["an operator"] },
};

function endsOperand(label: string): boolean {
  return label === "an operator" || label === "`then`" || label === "`else`" || closers.includes(label);
}

/** The empty place behind a token. */
function endOf(token: IToken, file: number): Span {
  const { end } = spanOf(token, file);
  return { file, start: end, end };
}

/** The `if` that still waits for its `else` before a position. */
function conditionBefore(segment: readonly IToken[], position: number): IToken {
  let closed = 0;
  for (let i = position - 1; i >= 0; i--) {
    const token = segment[i]!;
    if (token.tokenType === t.Else) closed += 1;
    if (token.tokenType === t.If && closed-- === 0) return token;
  }
  return segment[0]!;
}
