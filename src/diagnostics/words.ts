// What the tables of words share: the shape of a row, and the few phrases that occur in every family.

import type { ScalarType } from "../ops/op.ts";
import type { Span } from "../source/span.ts";
import type { Label } from "./diagnostic.ts";
import { nearest } from "./suggest.ts";

/** The user's text at a place, on one line and not too long. */
export type Quote = (span: Span) => string;

export type Words = {
  readonly title: string;
  /** The place where the fix goes, and what to say there. */
  readonly primary: Label;
  readonly secondary?: readonly Label[];
  readonly why: string;
  readonly hint: string;
};

/** One row per kind of problem of a family. */
export type Describers<Problem extends { readonly kind: string }> = {
  readonly [kind in Problem["kind"]]: (problem: Extract<Problem, { kind: kind }>, quote: Quote) => Words;
};

export const label = (span: Span, text: string): Label => ({ span, text });

/** Labels of places that a problem may or may not have. */
export const labels = (...found: readonly (Label | undefined)[]): readonly Label[] =>
  found.filter((known) => known !== undefined);

export const calledHere = (span: Span | undefined): Label | undefined => span && label(span, "called from here");

/** `an int`, `a float`, `a bool`. */
export const aType = (type: ScalarType | "vector"): string => {
  const article = type === "int" ? "an" : "a";
  return `${article} ${type}`;
};

/** `a`, `b` and `c`, each in quotes; the first few of a long list. */
export function listed(names: readonly string[], joint: "and" | "or" = "and"): string {
  const shown = names.slice(0, 12).map((name) => `\`${name}\``);
  if (names.length > shown.length) return `${shown.join(", ")} and ${names.length - shown.length} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} ${joint} ${shown.at(-1)}`;
}

/** `1..`, `0..8`, as it is written in a contract. */
export const rangeText = ({ low, high }: { readonly low?: number; readonly high?: number }): string =>
  `${low ?? ""}..${high ?? ""}`;

export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const near = nearest(word, known);
  return near && `did you mean \`${near}\`?`;
}

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
