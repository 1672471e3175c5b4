// Problems of the text and its files: E01xx.

import type { Span } from "../source/span.ts";

type Problem<Code extends string, Kind extends string, Fields> = {
  readonly code: Code;
  readonly kind: Kind;
  readonly at: Span;
} & Readonly<Fields>;

export type SyntaxProblem =
  /** Characters that no token starts with. */
  | Problem<"E0101", "unknown-character", { text: string }>
  /** A string that does not end on its line. */
  | Problem<"E0102", "unterminated-string", { text: string }>
  /** `1.`, `0x10`, `1_000`. */
  | Problem<"E0103", "malformed-number", { text: string }>
  /** An int beyond 32 bits or a float beyond f32. */
  | Problem<"E0104", "number-out-of-range", { text: string; type: "int" | "float" }>
  /** Something has to follow `after`. `at` is the empty span at the end of that token; `found` is what follows instead,
   *  nothing at the end of an item. */
  | Problem<"E0105", "missing-token", { expected: readonly string[]; after: string; found: string }>
  /** Something that nothing asks for. */
  | Problem<"E0106", "unexpected-token", { found: string; expected: readonly string[] }>
  /** A sign or word of another language; `instead` is what this one writes, "" to leave it out. */
  | Problem<"E0107", "foreign-token", { found: string; instead: string }>
  /** A word where a declaration begins that begins none. */
  | Problem<"E0108", "unknown-declaration", { word: string; known: readonly string[]; isClause: boolean }>
  /** A word where a clause begins that begins none. */
  | Problem<"E0109", "unknown-clause", { word: string; known: readonly string[]; isDeclaration: boolean }>
  /** A clause that may stand once stands again. */
  | Problem<"E0110", "duplicate-clause", { clause: string; first: Span }>
  /** One of the eight reserved words where a name belongs. */
  | Problem<"E0111", "reserved-word", { word: string }>
  /** `if` without `else`. `condition` is the place of the `if`. */
  | Problem<"E0112", "missing-else", { condition: Span }>
  /** A file without a token and without a comment. */
  | Problem<"E0113", "empty-file", { path: string }>
  | Problem<"E0114", "file-too-large", { size: number; limit: number }>
  /** Brackets, prefixes or conditions inside one another beyond the limit. */
  | Problem<"E0115", "nesting-too-deep", { limit: number }>
  | Problem<"E0116", "too-many-terms", { limit: number }>
  | Problem<"E0117", "import-not-found", { specifier: string; reason: string }>
  /** `chain` is the paths of the files, the first one again at the end. */
  | Problem<"E0118", "import-cycle", { chain: readonly string[] }>
  | Problem<"E0119", "duplicate-import", { name: string; first: Span }>
  /** An opening bracket without its closing one. `before` is where the closing one was missed. */
  | Problem<"E0120", "unclosed-bracket", { open: string; close: string; before: Span }>;
