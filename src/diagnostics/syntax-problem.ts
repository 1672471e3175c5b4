// Problems of the text and its files: E01xx.

import type { Span } from "../source/span.ts";

export type SyntaxProblem =
  /** A character that no token starts with. */
  { readonly code: "E0101"; readonly kind: "unknown-character"; readonly at: Span; readonly text: string };
