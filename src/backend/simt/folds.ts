// What folds of the map are called in printed code, and the rows that take part in them.

import type { Let } from "../../schedule/loop.ts";
import type { Reduce } from "../../schedule/plan.ts";

export type Fold = Reduce["folds"][number];

/** What a fold has come to in a thread. */
export const nameOf = (index: number) => `fold${index}`;

/** The rows `rows_first` to before `rows_end` that all folds together take, and `fold0_first` to before `fold0_end` of those that take not all. */
export function rangesOf({ rows, folds }: Reduce): readonly Let[] {
  const ranges = [
    ...(rows ? [{ name: "rows", range: rows }] : []),
    ...folds.flatMap((fold, index) => (fold.rows ? [{ name: nameOf(index), range: fold.rows }] : [])),
  ];
  return ranges.flatMap(({ name, range: { first, end } }) => [
    { name: `${name}_first`, value: first },
    { name: `${name}_end`, value: end },
  ]);
}

/** Whether a row takes part, as a condition; undefined where every row does.
 *  @param row names it */
export const isInside = ({ rows }: Fold, index: number, row: string): string | undefined =>
  rows && `${row} >= ${nameOf(index)}_first && ${row} < ${nameOf(index)}_end`;
