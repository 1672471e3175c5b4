// Which words are keywords. All but eight words of the language are keywords only where an item begins, and plain names
// everywhere else; this pass over the tokens, before parsing, tells the two apart, so that the parser meets each as a
// token of its own and can take up again at the next keyword after a mistake.
//
// An item begins where a word follows something that ends an operand: two neighbours like `causal score` never stand
// in one expression. Words of an expression therefore stay names, also when they are spelt like a keyword.

import type { IToken, TokenType } from "chevrotain";
import { LAST_WORDS, LEADING_WORDS, PERMUTATION_RULES, RANGE_WORDS, type RuleWords, SPARSITY_RULES } from "./rules.ts";
import {
  Attention,
  CLAUSE_KEYWORDS,
  CloseBrace,
  CloseBracket,
  CloseParen,
  Colon,
  Comma,
  Const,
  DECLARATION_KEYWORDS,
  Dot,
  Else,
  Equals,
  FormWord,
  From,
  Identifier,
  If,
  In,
  Infix,
  LinkWord,
  Minus,
  Not,
  OPERANDS,
  OpenBrace,
  OpenBracket,
  OpenParen,
  Permutation,
  Range,
  REDUCTION_NAMES,
  Reduction,
  RuleKeyword,
  Sorted,
  Sparsity,
  UnknownWord,
} from "./tokens.ts";

/** What a pair of brackets holds; `file` is the outermost level. */
type Place = "file" | "clauses" | "rules" | "parameters" | "reduction" | "inside";

/** The rules of a body by the keyword of its declaration. */
const BODIES: ReadonlyMap<TokenType | undefined, ReadonlyMap<string, RuleWords>> = new Map([
  [Sparsity, SPARSITY_RULES],
  [Permutation, PERMUTATION_RULES],
]);

/** Where in a body of rules the reader stands. */
type Body = {
  readonly rules: ReadonlyMap<string, RuleWords>;
  rule?: RuleWords;
  /** Conditions that wait for their `else`. */
  conditions: number;
};

const operandStarts: ReadonlySet<TokenType> = new Set([...OPERANDS, If, Not]);
/** What follows a parameter's contracts. */
const endsContract: ReadonlySet<TokenType | undefined> = new Set([CloseParen, Comma, Equals, undefined]);
const itemStarts: ReadonlySet<TokenType> = new Set([...operandStarts, OpenParen, OpenBrace, Minus]);
const valueStarts: ReadonlySet<TokenType | undefined> = new Set([...operandStarts, OpenParen, Minus]);
const partStarts: ReadonlySet<TokenType | undefined> = new Set([RuleKeyword, LinkWord, Comma]);
/** What a name of a value may be followed by, and a word of a rule not. */
const goesOn: ReadonlySet<TokenType | undefined> = new Set([OpenParen, OpenBracket, Dot]);

/** Gives every word of `tokens` the type that it has by its place. Brackets must be balanced. Changes the tokens. */
export function placeKeywords(tokens: readonly IToken[]): void {
  const places: Place[] = ["file"];
  // Where the declaration's keyword stands; its name follows, then its parameters.
  let head = -1;
  // Whether the token before ends an operand or an item, so that a word here begins the next item.
  let ended = true;
  let body: Body | undefined;

  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const place = places.at(-1)!;
    switch (token.tokenType) {
      case OpenParen:
      case OpenBracket:
      case OpenBrace: {
        const inside = place === "file" ? placeAtFile(tokens, i, head) : "inside";
        if (inside === "rules") body = { rules: BODIES.get(tokens[head]!.tokenType)!, conditions: 0 };
        places.push(tokens[i - 1]?.tokenType === Reduction ? "reduction" : inside);
        ended = inside === "clauses" || inside === "rules";
        break;
      }
      case CloseParen:
      case CloseBracket:
      case CloseBrace:
        places.pop();
        ended = place !== "reduction";
        break;
      case Identifier: {
        const type: TokenType | undefined =
          place === "rules" ? wordOfRule(tokens, i, body!, ended) : typeOfWord(tokens, i, place, ended);
        if (type) setType(token, type);
        if (type && place === "file") head = i;
        if (type === RuleKeyword) Object.assign(body!, { rule: body!.rules.get(token.image), conditions: 0 });
        // `renormalize` is a whole clause; every other keyword is followed by its operand.
        ended = !type || token.image === "renormalize" || (type !== RuleKeyword && isLast(tokens, i, body?.rule));
        break;
      }
      case If:
        if (place === "rules") body!.conditions += 1;
        ended = false;
        break;
      case Else:
        // Where no condition waits for it, it links: `keep mass 0.9 of softmax else none`.
        if (place === "rules" && --body!.conditions < 0) setType(token, LinkWord);
        ended = false;
        break;
      default:
        ended = OPERANDS.has(token.tokenType);
    }
  }
}

/** `over all` is complete, and `share all` goes on: `share all group`. */
function isLast(tokens: readonly IToken[], i: number, rule: RuleWords | undefined): boolean {
  const word = tokens[i]!.image;
  const next = tokens[i + 1]?.image ?? "";
  return LAST_WORDS.has(word) && !(LEADING_WORDS.has(word) && rule?.forms.includes(next));
}

function setType(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx!;
}

function placeAtFile(tokens: readonly IToken[], i: number, head: number): Place {
  if (tokens[i]!.tokenType === OpenParen && i === head + 2) return "parameters";
  if (tokens[i]!.tokenType !== OpenBrace) return "inside";
  const declared = tokens[head]?.tokenType;
  return declared === Attention ? "clauses" : BODIES.has(declared) ? "rules" : "inside";
}

/** The type of a word in the body of a sparsity or a permutation. */
function wordOfRule(
  tokens: readonly IToken[],
  i: number,
  { rules, rule }: Body,
  ended: boolean,
): TokenType | undefined {
  const word = tokens[i]!.image;
  const next = tokens[i + 1]?.tokenType;
  if (REDUCTION_NAMES.has(word) && next === OpenBracket) return Reduction;
  if (ended) return rules.has(word) ? RuleKeyword : rule?.links.includes(word) ? LinkWord : UnknownWord;
  const before = tokens[i - 1]!;
  const beginsPart =
    partStarts.has(before.tokenType) || (before.tokenType === FormWord && LEADING_WORDS.has(before.image));
  if (!beginsPart || !rule?.forms.includes(word)) return undefined;
  const isName = LAST_WORDS.has(word) ? goesOn.has(next) || next?.CATEGORIES?.includes(Infix) : !valueStarts.has(next);
  return isName ? undefined : FormWord;
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
    case "reduction":
      return tokens[i - 1]?.tokenType === Colon && RANGE_WORDS.has(word) && valueStarts.has(next)
        ? FormWord
        : undefined;
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
