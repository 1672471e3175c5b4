// Where a comment begins. `//` is both the floor division and the start of a comment, as in the papers' notation and in
// every other language; a token of its own decides by the place.
//
// It is a division exactly where one can stand: right after an operand on the same line, at most one blank away, and
// before something that can be read as its right side. Two blanks, a line's beginning, an item that is complete, or
// prose make it a comment, and `///` always is one. Two adjacent words that are no keywords are prose, because no
// expression has them.

import { createToken, type IToken } from "chevrotain";
import { RULE_WORDS } from "./rules.ts";
import {
  CLAUSE_KEYWORDS,
  CLOSERS,
  CloseBracket,
  CloseParen,
  Colon,
  DECLARATION_KEYWORDS,
  Equals,
  Identifier,
  Minus,
  OPENERS,
  OPERAND_ENDS,
  OPERANDS,
  OpenBrace,
  OpenParen,
  RESERVED_WORDS,
  StringLiteral,
} from "./tokens.ts";

const words = ["in", "sorted", "const", "from", "by"];
const items = [...CLAUSE_KEYWORDS.keys(), ...DECLARATION_KEYWORDS.keys()];
const keywords = [...RESERVED_WORDS, ...items, ...words];
const oneOf = (texts: readonly string[]) => `(?:${[...new Set(texts)].join("|")})`;
/** What no right side of a division looks like.
 *  @param known words that may stand beside others */
const proseBeside = (known: readonly string[]) => {
  const plainWord = `(?!${oneOf(known)}\\b)[A-Za-z_]\\w*`;
  return new RegExp(
    [
      // Two adjacent words; the second may begin an item only where the line goes on.
      `(?:\\b\\d+|\\b${plainWord}) +${plainWord}`,
      `\\b${plainWord} +${oneOf(items.filter((item) => item !== "renormalize"))}\\s*$`,
      // A beginning that is none of an operand.
      `^\\s*${oneOf(RESERVED_WORDS.filter((word) => word !== "true" && word !== "false"))}\\b`,
      `^\\s*${oneOf(words)} +${plainWord}`,
      "^\\s*\\w+ *:",
      // A word with an apostrophe, a full stop, a sign that no expression has.
      "[;'`?@#$\\\\]|->|!\\s*$|[^\\0-\\x7f]|\\w[.](?:\\s|$)",
    ].join("|"),
  );
};
const prose = proseBeside(keywords);
/** Rules go on with words: `keep top n // 2 at most 8`. */
const proseInRules = proseBeside([...keywords, ...RULE_WORDS]);
/** How the right side of a division begins; the word, where it is one. */
const rightSide = /\s*(?:([A-Za-z_]\w*)|[\d(.+-])/y;

/** The rest of a line, up to the next `//`. */
const untilNext = /[^\n/]*(?:\/(?!\/)[^\n/]*)*/y;

export const Comment = createToken({
  name: "Comment",
  pattern: (text: string, offset: number, tokens: IToken[]) => {
    if (text[offset] !== "/" || text[offset + 1] !== "/") return null;
    if (text[offset + 2] !== "/" && isDivision(text, offset, tokens)) return null;
    const at = text.indexOf("\n", offset);
    const end = at < 0 ? text.length : at;
    return [text.slice(offset, text[end - 1] === "\r" ? end - 1 : end)] as unknown as RegExpExecArray;
  },
  start_chars_hint: ["/"],
  line_breaks: false,
  group: "comments",
});

function isDivision(text: string, offset: number, tokens: readonly IToken[]): boolean {
  const previous = tokens.at(-1);
  if (!previous || !OPERAND_ENDS.has(previous.tokenType)) return false;
  const gap = offset - previous.startOffset - previous.image.length;
  if (gap > 1 || (gap === 1 && text[offset - 1] !== " ")) return false;
  if (isComplete(tokens)) return false;
  untilNext.lastIndex = offset + 2;
  const rest = untilNext.exec(text)?.[0] ?? "";
  rightSide.lastIndex = offset + 2;
  const right = rightSide.exec(text);
  // The right side may stand on the next line, unless an item begins there.
  if (rest.trim() === "") return right !== null && !keywords.includes(right[1] ?? "");
  return right !== null && !(isInRules(tokens) ? proseInRules : prose).test(rest);
}

/** Whether the body of a sparsity or a permutation is open. */
function isInRules(tokens: readonly IToken[]): boolean {
  let open = innermostOpener(tokens, tokens.length - 1);
  while (open >= 0 && tokens[open]!.tokenType !== OpenBrace) open = innermostOpener(tokens, open - 1);
  const hasParameters = tokens[open - 1]?.tokenType === CloseParen;
  const name = hasParameters ? innermostOpener(tokens, open - 2) - 1 : open - 1;
  return ["sparsity", "permutation"].includes(tokens[name - 1]?.image ?? "");
}

/** Clauses that one word completes. */
const completedByWord: ReadonlySet<string> = new Set(["output", "empty", "normalize"]);

/** Whether the last token ends something that no operator can continue: a path, an imported name, a parameter, a clause
 *  that is no expression. */
function isComplete(tokens: readonly IToken[]): boolean {
  const last = tokens.length - 1;
  const word = (at: number) => (tokens[at]?.tokenType === Identifier ? tokens[at].image : "");
  if (tokens[last]!.tokenType === StringLiteral) return true;
  const open = innermostOpener(tokens, last);
  if (tokens[open]?.tokenType === OpenParen) {
    const first = word(open + 1) === "const" ? open + 2 : open + 1;
    const isDeclared = DECLARATION_KEYWORDS.has(word(open - 2)) && innermostOpener(tokens, open - 1) < 0;
    const inParameters = isDeclared && tokens[first + 1]?.tokenType === Colon;
    return inParameters && endsParameter(tokens, last);
  }
  if (tokens[open]?.tokenType !== OpenBrace) return false;
  // An attention may be called `import`; its braces hold clauses.
  if (word(open - 1) === "import" && !DECLARATION_KEYWORDS.has(word(open - 2))) return true;
  const beginsClause = (at: number) => at === open + 1 || OPERAND_ENDS.has(tokens[at - 1]!.tokenType);
  if (word(last) !== "" && completedByWord.has(word(last - 1)) && beginsClause(last - 1)) return true;
  if (word(last - 1) === "align") return ["start", "end"].includes(word(last));
  if (tokens[last]!.tokenType !== CloseParen) return false;
  const before = innermostOpener(tokens, last - 1) - 1;
  if (word(before - 1) === "normalize") return true;
  const continues = CLAUSE_KEYWORDS.has(word(before - 1)) || word(before - 1) === "from";
  return word(before) === "grid" && beginsClause(before) && !continues;
}

/** Whether the token at `last` ends a parameter's type, its contracts or its default; bounds may be computed. */
function endsParameter(tokens: readonly IToken[], last: number): boolean {
  const type = (at: number) => tokens[at]?.tokenType;
  const begin = type(last) === CloseBracket ? innermostOpener(tokens, last - 1) - 1 : last;
  if (type(begin - 1) === Colon) return true;
  if (tokens[last]!.image === "sorted" && tokens[last - 1]?.image !== "in") return OPERAND_ENDS.has(type(last - 1)!);
  const isLiteral = OPERANDS.has(type(last)!) && type(last) !== Identifier;
  return isLiteral && type(type(last - 1) === Minus ? last - 2 : last - 1) === Equals;
}

/** Noise may have many brackets and many slashes; nothing that is written on purpose needs a longer look back. */
const farthest = 400;

/** The place of the bracket that is open behind the token at `at`; -1 where there is none nearby. */
function innermostOpener(tokens: readonly IToken[], at: number): number {
  let closed = 0;
  for (let place = at; place >= Math.max(0, at - farthest); place--) {
    const { tokenType } = tokens[place]!;
    if (CLOSERS.has(tokenType)) closed += 1;
    else if (OPENERS.has(tokenType) && closed-- === 0) return place;
  }
  return -1;
}
