// One declaration after the other. The tokens of a file are cut at the keywords that begin a declaration, and each part
// is parsed on its own, so that nothing that is wrong with one declaration reaches the next.

import type { IToken, TokenType } from "chevrotain";
import * as t from "../../grammar/tokens.ts";

const keywords: ReadonlySet<TokenType> = new Set([...t.DECLARATION_KEYWORDS.values(), t.UnknownWord]);

/** The tokens of each declaration; what stands before the first keyword is a part of its own.
 *  Brackets must be in pairs and keywords in their places. */
export function segmentsOf(tokens: readonly IToken[]): readonly (readonly IToken[])[] {
  const segments: IToken[][] = [];
  let depth = 0;
  for (const token of tokens) {
    if (segments.length === 0 || (depth === 0 && keywords.has(token.tokenType))) segments.push([]);
    if (t.OPENERS.has(token.tokenType)) depth += 1;
    if (t.CLOSERS.has(token.tokenType)) depth -= 1;
    segments.at(-1)!.push(token);
  }
  return segments;
}

/** Index of the last token that begins at or before an offset, −1 where none does. */
export function lastTokenAt(segment: readonly IToken[], offset: number): number {
  let low = 0;
  let high = segment.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segment[middle]!.startOffset <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
