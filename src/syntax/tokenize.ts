// Text → tokens and comments, with the problems of single tokens: strange characters, open strings, numbers that are
// none, and signs of other languages. The latter are reported and then read as what they stand for, so that one slip
// gives one message and the rest of the file is still understood.

import { type ILexingResult, type IToken, Lexer, type TokenType } from "chevrotain";
import { Comment } from "../../grammar/comments.ts";
import * as t from "../../grammar/tokens.ts";
import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import type { Span } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { judgeNumber } from "./numbers.ts";

export type Tokens = {
  readonly tokens: readonly IToken[];
  readonly comments: readonly ast.Comment[];
  readonly problems: readonly SyntaxProblem[];
};

let lexer: Lexer | undefined;

/** All tokens of a text. Words are plain names: `placeKeywords` makes keywords of them. Cannot fail. */
export function tokenize(text: string, file: number): Tokens {
  lexer ??= new Lexer([Comment, ...t.LEXED], { positionTracking: "onlyOffset", skipValidations: true });
  const result = lexer.tokenize(text);
  const problems: SyntaxProblem[] = strangeCharacters(result, text, file);
  const tokens: IToken[] = [];
  for (const token of result.tokens) {
    // Where it ends stays true when another spelling takes the place of its text.
    token.endOffset = token.startOffset + token.image.length - 1;
    const at = spanOf(token, file);
    const kept = token.tokenType === t.Foreign ? readForeign(token, at, problems) : token;
    if (kept?.tokenType === t.OpenString) {
      problems.push({ code: "E0102", kind: "unterminated-string", at, text: kept.image });
      readAs(kept, t.StringLiteral, `${kept.image}"`);
    }
    if (kept?.tokenType === t.NumberLiteral) {
      const problem = judgeNumber(kept.image, at, tokens.at(-1)?.tokenType === t.Minus);
      if (problem) problems.push(problem);
    }
    if (kept && ELSE_IF.has(kept.image) && tokens.length > 0 && endsOperand(tokens.at(-1)!)) {
      problems.push({ code: "E0107", kind: "foreign-token", at, found: kept.image, instead: "else if" });
      tokens.push(readAs({ ...kept }, t.Else, "else"), readAs(kept, t.If, "if"));
    } else if (kept) tokens.push(kept);
  }
  return { tokens, comments: (result.groups.comments ?? []).map((comment) => readComment(comment, file)), problems };
}

export function spanOf({ startOffset, endOffset }: IToken, file: number): Span {
  return { file, start: startOffset, end: endOffset! + 1 };
}

function strangeCharacters(result: ILexingResult, text: string, file: number): SyntaxProblem[] {
  return result.errors.map(({ offset, length }) => ({
    code: "E0101",
    kind: "unknown-character",
    at: { file, start: offset, end: offset + length },
    text: text.slice(offset, offset + length),
  }));
}

/** `else if` in one word. After an operand no name can stand. */
const ELSE_IF: ReadonlySet<string> = new Set(["elif", "elsif", "elseif"]);
const endsOperand = ({ tokenType }: IToken) => t.OPERAND_ENDS.has(tokenType);

/** What other languages write, and the token that it stands for here. */
const FOREIGN: Readonly<Record<string, string>> = {
  "&&": "and",
  "||": "or",
  "!": "not",
  "===": "==",
  "!==": "!=",
  "<>": "!=",
  "=<": "<=",
  "=>": ">=",
  "≤": "<=",
  "≥": ">=",
  "≠": "!=",
  "×": "*",
  "−": "-",
  ":=": "=",
};

const typeByText: ReadonlyMap<string, TokenType> = new Map(
  [...t.VOCABULARY].flatMap((type) => (/^`.*`$/.test(type.LABEL ?? "") ? [[type.LABEL!.slice(1, -1), type]] : [])),
);

/** The token that was meant, or nothing where the sign has no counterpart. */
function readForeign(token: IToken, at: Span, problems: SyntaxProblem[]): IToken | undefined {
  const found = token.image;
  const report = (instead: string) => problems.push({ code: "E0107", kind: "foreign-token", at, found, instead });
  if (found.startsWith("'")) {
    const instead = `"${found.slice(1, -1)}"`;
    report(instead);
    return readAs(token, t.StringLiteral, instead);
  }
  if (found.startsWith("#") || found.startsWith("/*")) {
    report("//");
    return undefined;
  }
  const instead = FOREIGN[found];
  report(instead ?? "");
  return instead ? readAs(token, typeByText.get(instead)!, instead) : undefined;
}

/** The token as if it had been written otherwise. The lexer made it for us alone, so it may change. */
function readAs(token: IToken, type: TokenType, image: string): IToken {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx!;
  token.image = image;
  return token;
}

function readComment(token: IToken, file: number): ast.Comment {
  const span = { file, start: token.startOffset, end: token.startOffset + token.image.length };
  return { span, text: token.image, documentation: /^\/\/\/(?!\/)/.test(token.image) };
}
