// Rules that pick blocks by score. A score of undefined is no candidate. Every rule sorts by falling score and takes a
// prefix, so it says how long the prefix is; ties go to the lower index.

import { range, softmax } from "./dense.ts";

export type Score = number | undefined;

/** Which of the scores are chosen, and how narrowly: the least change of a score or mass that would choose otherwise. */
export type Choice = { readonly chosen: readonly boolean[]; readonly margin: number };

/** A rule for one list of scores; `forced` are those that are taken whatever they score. */
export type Rule = (scores: readonly Score[], forced: readonly boolean[]) => Choice;

/** Candidates by falling score. */
export const ranked = (scores: readonly Score[]): number[] =>
  range(scores.length)
    .filter((j) => scores[j] !== undefined)
    .sort((a, b) => scores[b]! - scores[a]! || a - b);

/** The first `count` of the ranking. */
function prefix(values: readonly Score[], ranking: readonly number[], count: number): Choice {
  const taken = new Set(ranking.slice(0, count));
  const cut = taken.size > 0 && taken.size < ranking.length;
  return {
    chosen: values.map((_, j) => taken.has(j)),
    margin: cut ? values[ranking[count - 1]!]! - values[ranking[count]!]! : Infinity,
  };
}

/** The n candidates of largest score, or all if there are fewer. */
export const top =
  (n: number): Rule =>
  (scores) =>
    prefix(scores, ranked(scores), n);

/** The forced ones and as many others as bring their number to n. */
export const topWithForced =
  (n: number): Rule =>
  (scores, forced) => {
    const rest = scores.map((s, j) => (forced[j] ? undefined : s));
    const { chosen, margin } = top(Math.max(0, n - forced.filter(Boolean).length))(rest, forced);
    return { chosen: chosen.map((yes, j) => yes || forced[j]!), margin };
  };

/** The share of the candidates, rounded down, that score best. */
export const topShare =
  (share: number): Rule =>
  (scores) =>
    prefix(scores, ranked(scores), Math.floor(share * ranked(scores).length));

export type MassOptions = {
  /** Leave out the block at which the mass is reached. */
  readonly beforeCrossing?: boolean;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** What a list takes that never reaches the mass. */
  readonly unreached?: "all" | "none";
};

/** The shortest prefix whose softmax mass reaches `mass`. */
export const massOf =
  (
    mass: number,
    { beforeCrossing = false, atLeast = 0, atMost = Infinity, unreached = "all" }: MassOptions = {},
  ): Rule =>
  (scores) => {
    const p = softmax(scores);
    const ranking = ranked(scores);
    let reached = 0;
    const sums = ranking.map((j) => (reached += p[j]!));
    const crossing = sums.findIndex((total) => total >= mass);
    const wanted = crossing >= 0 ? crossing + (beforeCrossing ? 0 : 1) : unreached === "all" ? ranking.length : 0;
    const count = Math.min(Math.max(wanted, atLeast), atMost, ranking.length);
    const chosen = prefix(
      p.map((x, j) => (scores[j] === undefined ? undefined : x)),
      ranking,
      count,
    );
    // The last sum is 1 whatever was drawn, so it is no narrow decision.
    return { ...chosen, margin: Math.min(chosen.margin, ...sums.slice(0, -1).map((total) => Math.abs(total - mass))) };
  };

/** A rule for all blocks of a head, [row block][key block]. */
export type GridRule = (
  scores: readonly (readonly Score[])[],
  forced: readonly (readonly boolean[])[],
) => { readonly chosen: readonly (readonly boolean[])[]; readonly margin: number };

/** Each row of blocks for itself. */
export const overRow =
  (rule: Rule): GridRule =>
  (scores, forced) => {
    const rows = scores.map((row, i) => rule(row, forced[i]!));
    return { chosen: rows.map((row) => row.chosen), margin: Math.min(...rows.map((row) => row.margin)) };
  };

/** One choice from all pairs of blocks; ties go to the earlier row, then to the lower block. */
export const overAll =
  (rule: Rule): GridRule =>
  (scores, forced) => {
    const { chosen, margin } = rule(scores.flat(), forced.flat());
    const width = scores[0]!.length;
    return { chosen: scores.map((_, i) => chosen.slice(i * width, (i + 1) * width)), margin };
  };
