// Brackets in pairs. Everything after this step may rely on it: what has no partner was reported and left out, and what
// was not closed was reported and closed.
//
// Where a bracket of the file stays open, its end is guessed: a keyword of a declaration in the first column ends
// everything before it. So a forgotten brace costs one declaration, not the rest of the file.

import { createTokenInstance, type IToken, type TokenType } from "chevrotain";
import * as t from "../../grammar/tokens.ts";
import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import type { SourceFile } from "../source/source-file.ts";
import { spanOf } from "./tokenize.ts";

export type Balanced = {
  readonly tokens: readonly IToken[];
  readonly problems: readonly SyntaxProblem[];
};

const closing = new Map<TokenType, TokenType>([
  [t.OpenParen, t.CloseParen],
  [t.OpenBracket, t.CloseBracket],
  [t.OpenBrace, t.CloseBrace],
]);
const textOf = (type: TokenType) => type.LABEL!.slice(1, -1);

/** Pairs the brackets of a file. Problems: E0106 a closing bracket alone, E0120 an opening one alone. */
export function balance(tokens: readonly IToken[], source: SourceFile, file: number): Balanced {
  const cutsAtColumnOne = !isBalanced(tokens);
  const result: IToken[] = [];
  const problems: SyntaxProblem[] = [];
  const open: IToken[] = [];
  const openOf = new Map<TokenType, number>([...t.CLOSERS].map((close) => [close, 0]));

  /** Closes what is open beyond `depth`. Of each kind of bracket only the innermost is reported: it is the likely slip. */
  const closeDownTo = (depth: number) => {
    const reported = new Set<TokenType>();
    while (open.length > depth) {
      const opener = open.pop()!;
      const close = closing.get(opener.tokenType)!;
      openOf.set(close, openOf.get(close)! - 1);
      const end = spanOf(result.at(-1)!, file).end;
      result.push(createTokenInstance(close, "", end, end - 1, 0, 0, 0, 0));
      if (reported.has(close)) continue;
      reported.add(close);
      const texts = { open: opener.image, close: textOf(close), before: { file, start: end, end } };
      problems.push({ code: "E0120", kind: "unclosed-bracket", at: spanOf(opener, file), ...texts });
    }
  };

  for (const token of tokens) {
    const { tokenType, image } = token;
    const close = closing.get(tokenType);
    if (open.length > 0 && cutsAtColumnOne && beginsDeclaration(token, source)) closeDownTo(0);
    if (close) {
      open.push(token);
      openOf.set(close, openOf.get(close)! + 1);
    } else if (t.CLOSERS.has(tokenType)) {
      if (openOf.get(tokenType) === 0) {
        problems.push({ code: "E0106", kind: "unexpected-token", at: spanOf(token, file), found: image, expected: [] });
        continue;
      }
      closeDownTo(open.findLastIndex((opener) => closing.get(opener.tokenType) === tokenType) + 1);
      open.pop();
      openOf.set(tokenType, openOf.get(tokenType)! - 1);
    }
    result.push(token);
  }
  closeDownTo(0);
  return { tokens: result, problems };
}

function isBalanced(tokens: readonly IToken[]): boolean {
  const open: TokenType[] = [];
  for (const { tokenType } of tokens) {
    const close = closing.get(tokenType);
    if (close) open.push(close);
    else if (t.CLOSERS.has(tokenType) && open.pop() !== tokenType) return false;
  }
  return open.length === 0;
}

function beginsDeclaration(token: IToken, source: SourceFile): boolean {
  const { startOffset, image, tokenType } = token;
  const startsLine = startOffset === 0 || source.text[startOffset - 1] === "\n";
  return startsLine && tokenType === t.Identifier && t.DECLARATION_KEYWORDS.has(image);
}
