// How the threads of a plan with an exchange learn the highest score of each row in a tile: every thread looks at its own keys,
// then they tell each other. In f64 any other number would give the same result, and in f32 one that is too low overflows and one
// that is too high leaves nothing, so a number that is not the highest is an error here.

import type { Exchange } from "../schedule/plan.ts";
import type { Seen } from "./plan-row.ts";
import { highestOfStrips, reachOf, type Subgroups } from "./subgroups.ts";

/** The highest score of each row, from what each sees of the tile that begins at `firstKey`. */
export type TellHighest = (seen: readonly (readonly Seen[])[], firstKey: number) => readonly number[];

/** @param queries rows of a whole tile: threads beyond the last row take part */
export function tellingHighest({ rows: band, strips }: Exchange, queries: number, subgroups: Subgroups): TellHighest {
  const threads = (queries / band) * strips;
  const reach = reachOf(threads, strips, subgroups);
  const firstOf = (row: number) => Math.floor(row / band) * strips;
  return (seen, firstKey) => {
    // A thread holds a vector over the rows of its band: what is told of each place in it.
    const told = Array.from({ length: band }, (_, place) => {
      const own = new Float64Array(threads).fill(Number.NEGATIVE_INFINITY);
      for (let row = place; row < seen.length; row += band) {
        for (const { key, score } of seen[row]!) {
          const thread = firstOf(row) + ((key - firstKey) % strips);
          own[thread] = Math.max(own[thread]!, score);
        }
      }
      return highestOfStrips(own, strips, reach, subgroups);
    });
    return seen.map((scores, row) => {
      const highest = told[row % band]![firstOf(row)]!;
      if (highest === highestOf(scores)) return highest;
      throw new Error(`threads take ${highest} for the highest score of a row, which is ${highestOf(scores)}`);
    });
  };
}

export const highestOf = (seen: readonly Seen[]): number =>
  seen.reduce((most, { score }) => Math.max(most, score), Number.NEGATIVE_INFINITY);
