// One file of source text, with the line table that turns offsets into the line and column that people read.

/** Text with a name to show. `path` is what messages print: as the user gave it, or `std/masks.attn`. */
export type SourceFile = { readonly path: string; readonly text: string };

/** One-based line and column; columns count UTF-16 units. */
export type Position = { readonly line: number; readonly column: number };

/** Finds the file that `specifier` names when it is imported from `from`. The core has no file system:
 *  the command line resolves paths, a browser may resolve from memory. Returns the reason as a string when there is none. */
export type Sources = (specifier: string, from: string) => SourceFile | { readonly missing: string };

const lineTables = new WeakMap<SourceFile, readonly number[]>();

/** Offsets at which the lines of the file start; line 1 starts at 0. */
export function lineStarts(file: SourceFile): readonly number[] {
  const known = lineTables.get(file);
  if (known) return known;
  const starts = [0];
  for (let at = file.text.indexOf("\n"); at >= 0; at = file.text.indexOf("\n", at + 1)) starts.push(at + 1);
  lineTables.set(file, starts);
  return starts;
}

/** Line and column of an offset; offsets past the end give the end. */
export function positionAt(file: SourceFile, offset: number): Position {
  const starts = lineStarts(file);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: Math.min(offset, file.text.length) - starts[low]! + 1 };
}

/** Text of a one-based line, without its line break. */
export function lineText(file: SourceFile, line: number): string {
  const starts = lineStarts(file);
  const end = starts[line] ?? file.text.length + 1;
  return file.text.slice(starts[line - 1], end - 1).replace(/\r$/, "");
}
