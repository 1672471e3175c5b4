// Which comments document a declaration: those with three slashes, on lines of their own, between the declaration before
// and its own keyword.

import type { Comment } from "./ast.ts";

/** The documentation comments between two offsets. `comments` are in the order of the text. */
export function documentationBefore(
  comments: readonly Comment[],
  text: string,
  from: number,
  to: number,
): readonly Comment[] {
  const found: Comment[] = [];
  for (let i = firstAt(comments, from); i < comments.length && comments[i]!.span.end <= to; i++) {
    const comment = comments[i]!;
    const line = text.slice(text.lastIndexOf("\n", comment.span.start - 1) + 1, comment.span.start);
    if (comment.documentation && line.trim() === "") found.push(comment);
  }
  return found;
}

/** The text without its slashes, line by line. */
export function documentationText(comments: readonly Comment[]): string {
  return comments.map(({ text }) => text.replace(/^\/\/\/ ?/, "").trimEnd()).join("\n");
}

/** Index of the first comment that begins at or after an offset. */
function firstAt(comments: readonly Comment[], offset: number): number {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comments[middle]!.span.start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
