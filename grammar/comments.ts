// Where a comment begins. `//` is both the floor division and the start of a comment, as in the papers' notation and in
// every other language; a token of its own decides by the place.
//
// It is a division exactly where one can stand: right after an operand on the same line, at most one blank away, and
// before something that can be read as its right side. Two blanks, a line's beginning, or prose make it a comment, and
// `///` always is one. Two adjacent words that are no keywords are prose, because no expression has them.

import { createToken, type IToken } from "chevrotain";
import { CLAUSE_KEYWORDS, DECLARATION_KEYWORDS, OPERAND_ENDS, RESERVED_WORDS } from "./tokens.ts";

const words = ["in", "sorted", "const", "from", "by"];
const keywords = [...RESERVED_WORDS, ...CLAUSE_KEYWORDS.keys(), ...DECLARATION_KEYWORDS.keys(), ...words];
const plainWord = `(?!(?:${[...new Set(keywords)].join("|")})\\b)[A-Za-z_]\\w*`;
/** Two adjacent words, a word with an apostrophe, a full stop, or a sign that no expression has. */
const prose = new RegExp(`(?:\\b\\d+|\\b${plainWord}) +${plainWord}|[;'\`?@#$\\\\]|[^\\0-\\x7f]|\\w[.](?:\\s|$)`);
/** How the right side of a division begins; the word, where it is one. */
const rightSide = /\s*(?:([A-Za-z_]\w*)|[\d(.+-])/y;

/** The rest of a line, up to the next `//`. */
const untilNext = /[^\n/]*(?:\/(?!\/)[^\n/]*)*/y;

export const Comment = createToken({
  name: "Comment",
  pattern: (text: string, offset: number, tokens: IToken[]) => {
    if (text[offset] !== "/" || text[offset + 1] !== "/") return null;
    if (text[offset + 2] !== "/" && isDivision(text, offset, tokens.at(-1))) return null;
    const at = text.indexOf("\n", offset);
    const end = at < 0 ? text.length : at;
    return [text.slice(offset, text[end - 1] === "\r" ? end - 1 : end)] as unknown as RegExpExecArray;
  },
  start_chars_hint: ["/"],
  line_breaks: false,
  group: "comments",
});

function isDivision(text: string, offset: number, previous: IToken | undefined): boolean {
  if (!previous || !OPERAND_ENDS.has(previous.tokenType)) return false;
  const gap = offset - previous.startOffset - previous.image.length;
  if (gap > 1 || (gap === 1 && text[offset - 1] !== " ")) return false;
  untilNext.lastIndex = offset + 2;
  const rest = untilNext.exec(text)?.[0] ?? "";
  rightSide.lastIndex = offset + 2;
  const right = rightSide.exec(text);
  // The right side may stand on the next line, unless an item begins there.
  if (rest.trim() === "") return right !== null && !keywords.includes(right[1] ?? "");
  return right !== null && !prose.test(rest);
}
