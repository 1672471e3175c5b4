// Number literals: which texts are numbers, and which numbers fit. The lexer takes anything that begins like a number.

import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import type { Span } from "../source/span.ts";
import type { Literal } from "./ast.ts";

const wellFormed = /^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const largestInt = 2 ** 31 - 1;
const largestFloat = (2 - 2 ** -23) * 2 ** 127;

/** What is wrong with a number; `negated` when a minus stands before it. */
export function judgeNumber(text: string, at: Span, negated: boolean): SyntaxProblem | undefined {
  if (!wellFormed.test(text)) return { code: "E0103", kind: "malformed-number", at, text };
  const type = typeOf(text);
  // −2³¹ exists though 2³¹ does not.
  const largest = type === "float" ? largestFloat : negated ? largestInt + 1 : largestInt;
  return Number(text) > largest ? { code: "E0104", kind: "number-out-of-range", at, text, type } : undefined;
}

/** The literal of a text that was judged well. 2³¹ wraps, as every int does, so that its negation is −2³¹ again. */
export function readNumber(text: string, span: Span): Literal {
  const type = typeOf(text);
  const value = Number(text);
  return { kind: "literal", span, type, value: type === "int" ? value | 0 : value, text };
}

function typeOf(text: string): "int" | "float" {
  return /[.eE]/.test(text) ? "float" : "int";
}
