// Words for the problems of the text and its files.

import type { Diagnostic } from "./diagnostic.ts";
import { nearest } from "./suggest.ts";
import type { SyntaxProblem } from "./syntax-problem.ts";

type Words = Omit<Diagnostic, "code" | "severity" | "primary" | "secondary"> & {
  /** Text of the label at the problem's place. */
  readonly here: string;
  readonly secondary?: Diagnostic["secondary"];
};

type Describers = {
  readonly [kind in SyntaxProblem["kind"]]: (problem: Extract<SyntaxProblem, { kind: kind }>) => Words;
};

const DESCRIBERS: Describers = {
  "unknown-character": ({ text }) => ({
    title: `${shown(text)} is no part of the language`,
    here: text.length === 1 ? "this character" : "these characters",
    why: "outside comments and file names only ASCII letters, digits and the usual signs of formulas have a meaning",
    hint: "leave it out, or put it into a comment: `// ...`",
  }),
  "unterminated-string": ({ text }) => ({
    title: `the file name ${quoted(text)} has no closing quote`,
    here: "begins here and does not end on this line",
    why: "a name in quotes ends on the line where it begins",
    hint: `close it: \`${clipped(text.trimEnd())}"\``,
  }),
  "malformed-number": ({ text }) => ({
    title: `${quoted(text)} is not a number`,
    here: "cannot be read as a number",
    why: "numbers are decimal digits, with a digit on both sides of the dot, so that `0..1` is the range 0 to 1",
    hint: numberHint(text),
  }),
  "number-out-of-range": ({ text, type }) => ({
    title: `${quoted(text)} does not fit into ${type === "int" ? "an int" : "a float"}`,
    here: type === "int" ? "larger than 2147483647" : "larger than 3.4028235e38",
    why: type === "int" ? "ints have 32 bits" : "floats have 32 bits",
    hint:
      type === "int" ? `a float may be as large: \`${clipped(text)}.0\`` : "write a smaller number, such as `3.0e38`",
  }),
  "missing-token": ({ expected, after, found }) => ({
    title: `expected ${oneOf(expected)} after ${quoted(after)}${found && `, but ${quoted(found)} follows`}`,
    here: `${oneOf(expected)} belongs here`,
    ...missingAdvice(expected),
  }),
  "unexpected-token": ({ found, expected }) => ({
    title: expected.length
      ? `expected ${oneOf(expected)}, but found ${quoted(found)}`
      : `${quoted(found)} closes nothing`,
    here: expected.length ? `${oneOf(expected)} belongs here` : "no bracket is open here",
    why: expected.length
      ? "nothing else can follow what stands before it"
      : "brackets stand in pairs: `( )`, `[ ]`, `{ }`",
    hint: expected.length ? `remove ${quoted(found)}, or write ${oneOf(expected)} before it` : "remove it",
  }),
  "foreign-token": ({ found, instead }) => ({
    title: `${quoted(found)} is not written in this language`,
    here: instead ? `write \`${clipped(instead)}\`` : "leave it out",
    why: foreignReason(found),
    hint: instead ? `write \`${clipped(instead)}\` instead of ${quoted(found)}` : `remove ${quoted(found)}`,
  }),
  "unknown-declaration": ({ word, known, isClause }) => ({
    title: `${quoted(word)} begins no declaration`,
    here: "a declaration begins here",
    why: isClause
      ? `\`${word}\` is a clause and stands inside the braces of an attention`
      : "a file holds `import`, `fn`, `mask`, `score` and `attention`, each with its name",
    hint: isClause
      ? `move it into an attention: \`attention name { ${word} ... }\``
      : (didYouMean(word, [...known, ...Object.keys(DECLARATION_HABITS)]) ??
        "if it goes on with the expression before it, write an operator between them, such as `and`"),
  }),
  "unknown-clause": ({ word, known, isDeclaration }) => ({
    title: `${quoted(word)} begins no clause`,
    here: "a clause begins here, because the one before is complete",
    why: isDeclaration
      ? `\`${word}\` is a declaration and stands outside the braces of an attention`
      : "an attention holds `grid`, `mask`, `score`, `scale`, `normalize`, `empty`, `weight`, `align` and `output`",
    hint: isDeclaration
      ? `move it before the attention; if \`attention\` should end here, close it with \`}\``
      : (didYouMean(word, known) ??
        "if it goes on with the expression before it, write an operator between them: `and`"),
  }),
  "duplicate-clause": ({ clause, first }) => ({
    title: `this attention has more than one \`${clause}\``,
    here: `the second \`${clause}\``,
    secondary: [{ span: first, text: "the first one" }],
    why: `only \`mask\`, \`score\`, \`weight\` and \`output\` may stand more than once`,
    hint: "keep one of the two",
  }),
  "reserved-word": ({ word }) => ({
    title: `\`${word}\` cannot be a name`,
    here: "a name belongs here",
    why: "`if then else and or not true false` are reserved",
    hint: `choose another name, such as \`${word}_\``,
  }),
  "missing-else": ({ condition }) => ({
    title: "this `if` has no `else`",
    here: "`else` belongs here",
    secondary: [{ span: condition, text: "the `if`" }],
    why: "an expression has a value in every case",
    hint: "say what it is otherwise: `if q >= k then 1.0 else 0.0`",
  }),
  "empty-file": ({ path }) => ({
    title: `the file \`${path}\` is empty`,
    here: "nothing stands here",
    why: "a file holds at least one declaration",
    hint: 'begin with `import { causal } from "std"` and `attention name { mask causal }`',
  }),
  "file-too-large": ({ size, limit }) => ({
    title: `the file is too large: ${inKilobytes(size)} of text`,
    here: "the file begins here",
    why: `files may have up to ${inKilobytes(limit)}, many times more than any program of this language needs`,
    hint: "check that this is the file you meant; move large tables into captured tensors",
  }),
  "nesting-too-deep": ({ limit }) => ({
    title: `nested too deeply: more than ${limit} levels`,
    here: `level ${limit + 1} begins here`,
    why: "brackets, `if`, `not`, `-` and `**` inside one another each count as a level",
    hint: "give the inner part a name: `fn part(x: float) = ...`",
  }),
  "too-many-terms": ({ limit }) => ({
    title: `this expression has more than ${limit} terms`,
    here: `term ${limit + 1}`,
    why: "an expression becomes code for every pair of a query and a key",
    hint: "put its numbers into a captured tensor and index it, or give parts of it a name with `fn`",
  }),
  "import-not-found": ({ specifier, reason }) => ({
    title: `cannot import ${quoted(specifier)}`,
    here: reason,
    why: "an import names `std` or a file, relative to the file that imports it",
    hint: 'check the path: `from "./masks.attn"`, or `from "std"` for the standard library',
  }),
  "import-cycle": ({ chain }) => ({
    title: `files import each other in a circle: ${chain.map((path) => `\`${path}\``).join(" → ")}`,
    here: "this import closes the circle",
    why: "a file may not depend on itself, not even through others",
    hint: "move what both need into a file of its own, and import that one from both",
  }),
  "duplicate-import": ({ name, first }) => ({
    title: `\`${name}\` is imported twice`,
    here: "imported again",
    secondary: [{ span: first, text: "imported here first" }],
    why: "a name stands for one declaration",
    hint: `remove this \`${name}\``,
  }),
  "unclosed-bracket": ({ open, close, before }) => ({
    title: `\`${open}\` is never closed`,
    here: "opened here",
    secondary: [{ span: before, text: `\`${close}\` is missing here at the latest` }],
    why: "brackets stand in pairs: `( )`, `[ ]`, `{ }`",
    hint: `write \`${close}\` where it ends`,
  }),
};

/** The problem in words; cannot fail. */
export function describeSyntax(problem: SyntaxProblem): Diagnostic {
  const describe = DESCRIBERS[problem.kind] as (problem: SyntaxProblem) => Words;
  const { here, secondary = [], ...words } = describe(problem);
  return { code: problem.code, severity: "error", primary: { span: problem.at, text: here }, secondary, ...words };
}

/** Why a sign of other languages is not one of this one. */
function foreignReason(found: string): string {
  if (found.startsWith("#") || found.startsWith("/*")) return "a comment begins with `//` and ends with its line";
  if (found.startsWith("'")) return "file names stand in double quotes";
  return FOREIGN_REASONS[found] ?? "operators are those of Python: `and`, `or`, `not`, `==`, `!=`, `<=`, `>=`";
}

const CHOICE = "a choice is written `if c then a else b`, and `b` may be another choice";

const FOREIGN_REASONS: Readonly<Record<string, string>> = {
  ";": "clauses and declarations need no separator",
  "->": "a function's result is the expression behind `=`; its type is found by the compiler",
  ":=": "a definition is written with `=`",
  "=": "`=` gives a name its meaning; equality is `==`",
  "?": CHOICE,
  elif: CHOICE,
  elsif: CHOICE,
  elseif: CHOICE,
};

/** What other languages call a declaration. */
const DECLARATION_HABITS: Readonly<Record<string, string>> = { def: "fn", func: "fn", function: "fn", use: "import" };

/** Advice for the tokens that are forgotten most. */
function missingAdvice(expected: readonly string[]): Pick<Words, "why" | "hint"> {
  const advice = MISSING[expected[0] ?? ""] ?? { why: "the text so far is incomplete" };
  return { hint: `write ${oneOf(expected)} here`, ...advice };
}

const MISSING: Readonly<Record<string, Pick<Words, "why" | "hint">>> = {
  "`=`": {
    why: "a definition gives its name a value",
    hint: "write `=` and the expression: `mask near = q - k < 128`",
  },
  "`then`": { why: "a choice is written `if condition then a else b`", hint: "write `then` and the value" },
  "a name": { why: "a name is made of letters, digits and `_`, and begins with no digit" },
  "an expression": { why: "an operator, a clause or a bracket needs a value behind it" },
  "`{`": {
    why: "the clauses of an attention and the names of an import stand in braces",
    hint: "put them into braces: `{ mask causal }`",
  },
  "`from`": { why: "an import says where its names come from", hint: 'write `from "std"` or `from "./file.attn"`' },
  "`..`": {
    why: "a range is written `lo..hi`, and either end may be missing",
    hint: "write `in 1..`, `in ..8` or `in 0..1`",
  },
  "an operator": {
    why: "two values do not stand side by side in one expression",
    hint: "write an operator between them, such as `and` or `+`",
  },
};

function numberHint(text: string): string {
  if (/^\d+\.$/.test(text)) return `write a digit after the dot: \`${text}0\``;
  if (/^\.\d+$/.test(text)) return `write a digit before the dot: \`0${text}\``;
  const plain = text.replaceAll("_", "");
  if (/^\d+$/.test(plain)) return `leave out the \`_\`: \`${clipped(plain)}\``;
  if (/^0[xX][0-9a-fA-F]+$/.test(text) && text.length < 11) return `write it in decimal: \`${Number(text)}\``;
  return "write it like `12`, `0.5` or `1.0e-6`; a name may not begin with a digit";
}

function didYouMean(word: string, known: readonly string[]): string | undefined {
  const near = nearest(word, known);
  return near && `did you mean \`${DECLARATION_HABITS[near] ?? near}\`?`;
}

/** `a name`, `a or b`, `a, b or c`. */
function oneOf(labels: readonly string[]): string {
  return labels.length < 2 ? (labels[0] ?? "") : `${labels.slice(0, -1).join(", ")} or ${labels.at(-1)}`;
}

function quoted(text: string): string {
  return `\`${clipped(text)}\``;
}

/** Enough of the user's text to know it again, on one line. */
function clipped(text: string): string {
  const line = text.split("\n", 1)[0]!;
  return line.length > 40 || line.length < text.length ? `${line.slice(0, 37)}...` : line;
}

/** Characters that cannot be seen are named by their number. */
function shown(text: string): string {
  const visible = [...text]
    .slice(0, 8)
    .map((character) =>
      /[\p{L}\p{N}\p{P}\p{S}]/u.test(character)
        ? character
        : `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`,
    );
  return `\`${visible.join("")}\`${text.length > visible.join("").length ? " ..." : ""}`;
}

function inKilobytes(size: number): string {
  return `${Math.ceil(size / 1024)} kB`;
}
