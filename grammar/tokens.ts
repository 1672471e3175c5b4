// Every token of the language, with the label that messages show for it.
//
// Only eight words are reserved. All other keywords are ordinary names to the lexer; `keywords.ts` turns them into
// keywords where an item of the text begins, so that `mask` or `output` may name a parameter. Mistakes that people make
// out of habit (`&&`, `;`, `# note`) and an open string are tokens too: whoever reads the tokens reports them in words.

import { createToken, Lexer, type TokenType } from "chevrotain";

// ── Categories: names for sets of tokens, so that the grammar can say "any operator" ──

/** What may stand in a construct that is skipped: everything but brackets and the keywords that begin an item. */
export const Anything = createToken({ name: "Anything", label: "anything", pattern: Lexer.NA });
/** An operator between two operands. */
export const Infix = createToken({ name: "Infix", label: "an operator", pattern: Lexer.NA, categories: Anything });
/** Clauses that the grammar recognises by name only. */
export const LaterClause = createToken({ name: "LaterClause", label: "a clause", pattern: Lexer.NA });
/** Declarations that the grammar recognises by name only. */
export const LaterDeclaration = createToken({ name: "LaterDeclaration", label: "a declaration", pattern: Lexer.NA });

const token = (name: string, label: string, pattern: RegExp | string, categories: TokenType[] = [Anything]) =>
  createToken({ name, label, pattern, categories });

// ── Words ──

export const Identifier = token("Identifier", "a name", /[A-Za-z_][A-Za-z0-9_]*/);

const reserved = (name: string, categories: TokenType[] = [Anything]) =>
  createToken({
    name: name[0]!.toUpperCase() + name.slice(1),
    label: `\`${name}\``,
    pattern: name,
    longer_alt: Identifier,
    categories,
  });

export const If = reserved("if");
export const Then = reserved("then");
export const Else = reserved("else");
export const Not = reserved("not");
export const And = reserved("and", [Infix]);
export const Or = reserved("or", [Infix]);
export const True = reserved("true");
export const False = reserved("false");

export const RESERVED = [If, Then, Else, And, Or, Not, True, False] as const;
export const RESERVED_WORDS: readonly string[] = ["if", "then", "else", "and", "or", "not", "true", "false"];

// ── Literals ──

/** Anything that begins like a number; whoever reads it judges whether it is one. `0..1` is two numbers. */
export const NumberLiteral = token(
  "Number",
  "a number",
  /(?:\d+(?:\.\d+)*(?:[eE][+-]?\d+)?[A-Za-z0-9_]*(?:\.(?![.A-Za-z_]))?|\.\d\w*)/,
);
export const StringLiteral = token("String", 'a file name in quotes, such as `"std"`', /"[^"\n]*"/);

// ── Signs ──

const sign = (name: string, text: string, categories?: TokenType[]) => token(name, `\`${text}\``, text, categories);

export const OpenParen = sign("OpenParen", "(", []);
export const CloseParen = sign("CloseParen", ")", []);
export const OpenBracket = sign("OpenBracket", "[", []);
export const CloseBracket = sign("CloseBracket", "]", []);
export const OpenBrace = sign("OpenBrace", "{", []);
export const CloseBrace = sign("CloseBrace", "}", []);
export const Comma = sign("Comma", ",");
export const Colon = sign("Colon", ":");
export const Equals = sign("Equals", "=");
/** `a..<b`, half open. */
export const UpTo = sign("UpTo", "..<");
/** `lo..hi`, both ends included. */
export const Range = sign("Range", "..");
export const Dot = sign("Dot", ".");

export const OPENERS: ReadonlySet<TokenType> = new Set([OpenParen, OpenBracket, OpenBrace]);
export const CLOSERS: ReadonlySet<TokenType> = new Set([CloseParen, CloseBracket, CloseBrace]);
/** Single tokens that are an operand. */
export const OPERANDS: ReadonlySet<TokenType> = new Set([Identifier, NumberLiteral, StringLiteral, True, False]);
/** Tokens that an operand may end with: behind one of these a name begins something new. */
export const OPERAND_ENDS: ReadonlySet<TokenType> = new Set([...OPERANDS, CloseParen, CloseBracket]);

export const Minus = sign("Minus", "-", [Infix]);
export const Power = sign("Power", "**", [Infix]);
const operators = [
  Power,
  sign("ShiftLeft", "<<", [Infix]),
  sign("ShiftRight", ">>", [Infix]),
  sign("LessOrEqual", "<=", [Infix]),
  sign("GreaterOrEqual", ">=", [Infix]),
  sign("EqualTo", "==", [Infix]),
  sign("NotEqualTo", "!=", [Infix]),
  // A pattern, not a text: Chevrotain's check would call a text unreachable, since comments come first.
  token("FloorDivide", "`//`", /(?:\/\/)/, [Infix]),
  sign("Less", "<", [Infix]),
  sign("Greater", ">", [Infix]),
  sign("BitOr", "|", [Infix]),
  sign("BitXor", "^", [Infix]),
  sign("BitAnd", "&", [Infix]),
  sign("Plus", "+", [Infix]),
  Minus,
  sign("Times", "*", [Infix]),
  sign("Divide", "/", [Infix]),
  sign("Modulo", "%", [Infix]),
];

// ── Words that are keywords only where they begin something; `keywords.ts` gives tokens these types ──

const word = (text: string, categories: TokenType[] = []) =>
  token(text[0]!.toUpperCase() + text.slice(1), `\`${text}\``, Lexer.NA, categories);

export const Import = word("import");
export const From = word("from", [Anything]);
export const Fn = word("fn");
export const Mask = word("mask");
export const Score = word("score");
export const Attention = word("attention");
export const Grid = word("grid");
export const Weight = word("weight");
export const Scale = word("scale");
export const Normalize = word("normalize");
export const Empty = word("empty");
export const Align = word("align");
export const Output = word("output");
export const Sparsity = word("sparsity");
export const Permutation = word("permutation");
export const Permute = word("permute");
export const Eviction = word("eviction", [LaterDeclaration]);
export const Pipeline = word("pipeline", [LaterDeclaration]);
export const Const = word("const", [Anything]);
export const In = word("in", [Anything]);
export const Sorted = word("sorted", [Anything]);

const laterClauses = ["evict", "source", "combine", "let", "renormalize", "query", "key", "value"].map((text) =>
  word(text, [LaterClause]),
);

/** `mean`, `sum` … before `[`. */
export const Reduction = token("Reduction", "a reduction", Lexer.NA);
/** Begins a rule of a sparsity or a permutation; see `rules.ts` for this and the next two. */
export const RuleKeyword = token("RuleKeyword", "a rule", Lexer.NA, []);
/** Chooses the form of a rule's part, or of the range of a reduction. */
export const FormWord = token("FormWord", "a word of the rule", Lexer.NA, []);
/** Links a part of a rule to the one before it. */
export const LinkWord = token("LinkWord", "a word that goes on with the rule", Lexer.NA, []);
/** A name where only the keyword of an item can stand. */
export const UnknownWord = token("UnknownWord", "a keyword", Lexer.NA);

const byWord = (types: readonly TokenType[]): ReadonlyMap<string, TokenType> =>
  new Map(types.map((type) => [type.LABEL!.slice(1, -1), type]));

/** Keywords that begin a declaration. */
export const DECLARATION_KEYWORDS = byWord([
  Import,
  Fn,
  Mask,
  Score,
  Attention,
  Sparsity,
  Permutation,
  Eviction,
  Pipeline,
]);

/** Keywords that begin a clause of an attention. */
export const CLAUSE_KEYWORDS = byWord([
  Grid,
  Mask,
  Score,
  Scale,
  Normalize,
  Empty,
  Weight,
  Align,
  Output,
  Sparsity,
  Permute,
  ...laterClauses,
]);

export const REDUCTION_NAMES: ReadonlySet<string> = new Set(
  "sum mean max min count any all rank softmax avg_pool max_pool".split(" "),
);

// ── What is no token of the language ──

/** Signs of other languages, with the rest of the line where they begin a comment. */
export const Foreign = createToken({
  name: "Foreign",
  pattern: /&&|\|\||===|!==|=<|=>|<>|:=|->|!(?!=)|;|\?|#[^\n]*|\/\*[^*]*(?:\*(?!\/)[^*]*)*(?:\*\/)?|[≤≥≠×−]|'[^'\n]*'/,
  line_breaks: true,
});
export const OpenString = createToken({ name: "OpenString", pattern: /"[^"\n]*/ });
export const Blank = createToken({ name: "Blank", pattern: /[\s\uFEFF]+/, group: Lexer.SKIPPED, line_breaks: true });

/** The tokens between which a lexer chooses, the first that fits wins. Comments come first; see `comments.ts`. */
export const LEXED: readonly TokenType[] = [
  Blank,
  Foreign,
  StringLiteral,
  OpenString,
  NumberLiteral,
  ...RESERVED,
  Identifier,
  UpTo,
  Range,
  Dot,
  ...operators,
  OpenParen,
  CloseParen,
  OpenBracket,
  CloseBracket,
  OpenBrace,
  CloseBrace,
  Comma,
  Colon,
  Equals,
];

/** Everything that the parser may meet. */
export const VOCABULARY: readonly TokenType[] = [
  ...new Set([
    Anything,
    Infix,
    LaterClause,
    LaterDeclaration,
    ...LEXED.filter((type) => ![Blank, Foreign, OpenString].includes(type)),
    ...DECLARATION_KEYWORDS.values(),
    ...CLAUSE_KEYWORDS.values(),
    From,
    RuleKeyword,
    FormWord,
    LinkWord,
    Const,
    In,
    Sorted,
    Reduction,
    UnknownWord,
  ]),
];
