// Limits that keep deep and long input from exhausting the stack, checked on tokens before anything recursive runs.
//
// Nesting counts whatever makes the parser or the tree go deeper: brackets, conditions, and prefixes and powers that wait
// for their operand. Sums and chains of `and` are flat; they have a limit of their own, on the terms of one expression.

import type { IToken, TokenType } from "chevrotain";
import * as t from "../../grammar/tokens.ts";
import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import { spanOf } from "./tokenize.ts";

/** Largest file, in UTF-16 units: thousands of lines, far beyond any program, and noise is refused at once. */
export const SIZE_LIMIT = 1 << 18;
/** Problems that are reported of one file. */
export const PROBLEM_LIMIT = 100;
/** How deep brackets, conditions and prefixes may nest. */
export const NESTING_LIMIT = 256;
/** How many operands one clause or definition may have. */
export const TERM_LIMIT = 2000;

/** What waits for its operand inside one pair of brackets. */
type Level = { conditions: number; loose: number; tight: number };

const itemKeywords: ReadonlySet<TokenType> = new Set([
  ...t.DECLARATION_KEYWORDS.values(),
  ...t.CLAUSE_KEYWORDS.values(),
  t.RuleKeyword,
  t.LinkWord,
  t.UnknownWord,
]);

/** The first limit that a declaration breaks. Problems: E0115, E0116. */
export function overLimit(tokens: readonly IToken[], file: number): SyntaxProblem | undefined {
  const levels: Level[] = [{ conditions: 0, loose: 0, tight: 0 }];
  let depth = 0;
  let terms = 0;
  let previous: TokenType | undefined;
  const wait = (kind: keyof Level) => {
    levels.at(-1)![kind] += 1;
    depth += 1;
  };
  const settle = (...kinds: (keyof Level)[]) => {
    const level = levels.at(-1)!;
    for (const kind of kinds) {
      depth -= level[kind];
      level[kind] = 0;
    }
  };

  for (const token of tokens) {
    const type = token.tokenType;
    if (itemKeywords.has(type)) {
      settle("conditions", "loose", "tight");
      terms = 0;
    } else if (t.OPENERS.has(type)) {
      levels.push({ conditions: 0, loose: 0, tight: 0 });
      depth += 1;
    } else if (t.CLOSERS.has(type)) {
      settle("conditions", "loose", "tight");
      levels.pop();
      depth -= 1;
    } else if (type === t.Comma) settle("conditions", "loose", "tight");
    else if (type === t.Equals) terms = 0;
    else if (type === t.If) wait("conditions");
    else if (type === t.Then || type === t.Else || type === t.And || type === t.Or) settle("loose", "tight");
    else if (type === t.Not) wait("loose");
    else if (type === t.Reduction || type === t.Power) wait("tight");
    else if (type === t.Minus && !(previous && t.OPERAND_ENDS.has(previous))) wait("tight");
    else if (type.CATEGORIES?.includes(t.Infix)) settle("tight");
    else if (t.OPERANDS.has(type)) terms += 1;

    if (depth > NESTING_LIMIT)
      return { code: "E0115", kind: "nesting-too-deep", at: spanOf(token, file), limit: NESTING_LIMIT };
    if (terms > TERM_LIMIT)
      return { code: "E0116", kind: "too-many-terms", at: spanOf(token, file), limit: TERM_LIMIT };
    previous = type;
  }
  return undefined;
}
