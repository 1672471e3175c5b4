// Terms of random programs: trees that know their type and how they are written. They are texts in the making and
// nothing more: what a program means is left to the parser and the checker, which fuzzing is to reach too.

import type { ScalarType } from "../ops/op.ts";

/** What a term needs the program to declare. */
export type Need = { readonly kind: "param" | "tensor" | "import" | "grid"; readonly name: string };

export type Term = {
  readonly type: ScalarType;
  /** The operator, function or kind of leaf, as the statistics name it. */
  readonly name: string;
  readonly parts: readonly Term[];
  readonly write: (...parts: readonly string[]) => string;
  readonly needs: readonly Need[];
};

export function leaf(type: ScalarType, text: string, name = "leaf", ...needs: readonly Need[]): Term {
  return { type, name, parts: [], write: () => text, needs };
}

export function int(value: number): Term {
  // The parser reads −2³¹ as a negation of what is too large.
  const text = value === -(2 ** 31) ? "(-2147483647 - 1)" : value < 0 ? `(${value})` : String(value);
  return leaf("int", text);
}

/** A float by its text, such as `0.5`. */
export const float = (text: string): Term => leaf("float", text.startsWith("-") ? `(${text})` : text);
export const bool = (value: boolean): Term => leaf("bool", String(value));

export const param = (type: ScalarType, name: string): Term => leaf(type, name, "parameter", { kind: "param", name });

/** Another term over other parts. */
export const withParts = (term: Term, parts: readonly Term[]): Term => ({ ...term, parts });

export function textOf(term: Term): string {
  return term.write(...term.parts.map(textOf));
}

/** The term and everything below it, itself first. */
export function termsIn(term: Term): readonly Term[] {
  return [term, ...term.parts.flatMap(termsIn)];
}

/** Operations on top of one another; a leaf has none. */
export function depthOf(term: Term): number {
  return term.parts.length === 0 ? 0 : 1 + Math.max(...term.parts.map(depthOf));
}
