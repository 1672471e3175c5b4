// The scores of a thread, a vector over its rows for each of its keys: variables while products are added up, as which every
// driver keeps them in registers, and an array from then on.

import type { TileLayout } from "../../schedule/workgroup-layout.ts";
import type { WgslScoreView } from "../views-wgsl.ts";

type Keys = Pick<TileLayout, "ownKeys" | "strips">;

export const scoresOf = ({ ownKeys, strips }: Keys): readonly WgslScoreView[] =>
  Array.from({ length: ownKeys }, (_, index) => ({ index, offset: index * strips }));

/** The highest of a thread's scores, row by row. */
export const highestOwn = (keys: Keys) =>
  inPairs(
    keys,
    (score) => score,
    (left, right) => `max(${left}, ${right})`,
  );

/** What is made of each score, added up. */
export const sumOver = (keys: Keys, term: (score: string) => string) =>
  inPairs(keys, term, (left, right) => `(${left} + ${right})`);

/** Two by two, so that few wait for each other. */
function inPairs(keys: Keys, term: (score: string) => string, join: (left: string, right: string) => string): string {
  let terms = scoresOf(keys).map(({ index }) => term(`scores[${index}]`));
  while (terms.length > 1) {
    const [left, right] = [0, 1].map((half) => terms.filter((_, index) => index % 2 === half));
    terms = left!.map((each, index) => (right![index] === undefined ? each : join(each, right![index])));
  }
  return terms[0]!;
}
