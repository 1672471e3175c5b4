// Which words are keywords. All but eight words of the language are keywords only where an item begins, and plain names
// everywhere else; this pass over the tokens, before parsing, tells the two apart, so that the parser meets each as a
// token of its own and can take up again at the next keyword after a mistake.
//
// An item begins where a word follows something that ends an operand: two neighbours like `causal score` never stand
// in one expression. Words of an expression therefore stay names, also when they are spelt like a keyword.

import type { IToken, TokenType } from "chevrotain";
import {
  Attention,
  CLAUSE_KEYWORDS,
  CloseBrace,
  CloseBracket,
  CloseParen,
  Comma,
  Const,
  DECLARATION_KEYWORDS,
  Equals,
  From,
  Identifier,
  If,
  In,
  Minus,
  Not,
  OPERANDS,
  OpenBrace,
  OpenBracket,
  OpenParen,
  Range,
  REDUCTION_NAMES,
  Reduction,
  Sorted,
  UnknownWord,
} from "./tokens.ts";

/** What a pair of brackets holds; `file` is the outermost level. */
type Place = "file" | "clauses" | "parameters" | "reduction" | "inside";

const operandStarts: ReadonlySet<TokenType> = new Set([...OPERANDS, If, Not]);
/** What follows a parameter's contracts. */
const endsContract: ReadonlySet<TokenType | undefined> = new Set([CloseParen, Comma, Equals, undefined]);
const itemStarts: ReadonlySet<TokenType> = new Set([...operandStarts, OpenParen, OpenBrace, Minus]);

/** Gives every word of `tokens` the type that it has by its place. Brackets must be balanced. Changes the tokens. */
export function placeKeywords(tokens: readonly IToken[]): void {
  const places: Place[] = ["file"];
  // Where the declaration's keyword stands; its name follows, then its parameters.
  let head = -1;
  // Whether the token before ends an operand or an item, so that a word here begins the next item.
  let ended = true;

  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const place = places.at(-1)!;
    switch (token.tokenType) {
      case OpenParen:
      case OpenBracket:
      case OpenBrace: {
        const inside = place === "file" ? placeAtFile(tokens, i, head) : "inside";
        places.push(tokens[i - 1]?.tokenType === Reduction ? "reduction" : inside);
        ended = inside === "clauses";
        break;
      }
      case CloseParen:
      case CloseBracket:
      case CloseBrace:
        places.pop();
        ended = place !== "reduction";
        break;
      case Identifier: {
        const type = typeOfWord(tokens, i, place, ended);
        if (type) {
          token.tokenType = type;
          token.tokenTypeIdx = type.tokenTypeIdx!;
          if (place === "file") head = i;
        }
        // `renormalize` is a whole clause; every other keyword is followed by its operand.
        ended = !type || token.image === "renormalize";
        break;
      }
      default:
        ended = OPERANDS.has(token.tokenType);
    }
  }
}

function placeAtFile(tokens: readonly IToken[], i: number, head: number): Place {
  if (tokens[i]!.tokenType === OpenParen && i === head + 2) return "parameters";
  return tokens[i]!.tokenType === OpenBrace && tokens[head]?.tokenType === Attention ? "clauses" : "inside";
}

/** The type of a word that is no plain name in its place. */
function typeOfWord(tokens: readonly IToken[], i: number, place: Place, ended: boolean): TokenType | undefined {
  const word = tokens[i]!.image;
  const next = tokens[i + 1]?.tokenType;
  if (REDUCTION_NAMES.has(word) && next === OpenBracket) return Reduction;
  switch (place) {
    case "parameters":
      if (word === "const") return next === Identifier ? Const : undefined;
      if (word === "in") return ended ? In : undefined;
      if (word !== "sorted") return undefined;
      return ended || (tokens[i - 1]?.tokenType === Range && endsContract.has(next)) ? Sorted : undefined;
    case "file":
    case "clauses": {
      const keywords = place === "file" ? DECLARATION_KEYWORDS : CLAUSE_KEYWORDS;
      if (ended) return word === "from" ? From : (keywords.get(word) ?? UnknownWord);
      return beginsAfterMistake(tokens, i, keywords) ? keywords.get(word) : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether a keyword where an operand is missing, as in `mask q >= score softcap(cap)`, begins the next item all the
 *  same: an operand follows it, and that operand is not itself the keyword of the next item. */
function beginsAfterMistake(tokens: readonly IToken[], i: number, keywords: ReadonlyMap<string, TokenType>): boolean {
  const next = tokens[i + 1];
  if (!keywords.has(tokens[i]!.image) || !next || !operandStarts.has(next.tokenType)) return false;
  const afterNext = tokens[i + 2]?.tokenType;
  return !(keywords.has(next.image) && afterNext !== undefined && itemStarts.has(afterNext));
}
