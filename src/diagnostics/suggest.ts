// "Did you mean": the one known name that is clearly nearest to what was typed. Upper and lower case and underscores do
// not count, a swap of neighbours is one edit, and more edits than a third of the length are another word.

/** The nearest of `known`; undefined where none is near, or where two are equally near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const typed = plain(word);
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of new Set(known)) {
    if (candidate === word) continue;
    const name = plain(candidate);
    const limit = Math.floor(Math.max(typed.length, name.length) / 3);
    const edits = editsBetween(typed, name, Math.min(limit, fewest));
    if (edits > limit || edits > fewest) continue;
    best = edits < fewest ? candidate : undefined;
    fewest = edits;
  }
  return best;
}

const plain = (name: string) => name.toLowerCase().replaceAll("_", "");

/** Insertions, deletions, replacements and swaps of neighbours from one word to the other (optimal string alignment).
 *  Words longer than the limit apart are not compared; anything above `limit` only means "too many". */
function editsBetween(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit || a.length > 64 || b.length > 64) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      row.push(swapped ? Math.min(edits, beforeLast[j - 2]! + 1) : edits);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
