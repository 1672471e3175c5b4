// Where something stands in the text. Spans travel with everything the user wrote, so that every
// problem can point at it; they never take part in equality of meaning.

/** Half-open range of UTF-16 offsets in one source file. `file` indexes the list of files of the compilation. */
export type Span = { readonly file: number; readonly start: number; readonly end: number };

/** A name as it was written. */
export type Name = { readonly text: string; readonly span: Span };

/** The smallest span that covers both; they must lie in the same file. */
export function joinSpans(first: Span, second: Span): Span {
  return {
    file: first.file,
    start: Math.min(first.start, second.start),
    end: Math.max(first.end, second.end),
  };
}
