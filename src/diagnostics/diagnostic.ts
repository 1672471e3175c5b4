// A problem in words, ready to be rendered: what is wrong, where, why, and what to type instead.

import type { Span } from "../source/span.ts";

export type Label = { readonly span: Span; readonly text: string };

export type Diagnostic = {
  readonly code: string;
  readonly severity: "error" | "warning";
  /** Lower case, no final dot, quotes the user's text. */
  readonly title: string;
  /** The place where the fix goes. */
  readonly primary: Label;
  /** Other places that matter, such as the one that caused the expectation. */
  readonly secondary: readonly Label[];
  /** One sentence of the rule. */
  readonly why?: string;
  /** What to do, with the code to type. */
  readonly hint?: string;
};
