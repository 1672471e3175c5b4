// Which of a list of candidates a `keep` rule takes. Language, exact rule 11.

import type { KeepRule } from "../spec/choice.ts";

/** A block that may be chosen. `holds`: what `keep where` says of it. */
export type Candidate = {
  readonly i: number;
  readonly j: number;
  readonly score: number;
  readonly holds: boolean;
  /** Counted and taken first. */
  readonly forced: boolean;
};

/** A rule with its numbers. */
export type Budget = {
  readonly rule: KeepRule;
  /** N, R, P or T. */
  readonly amount: number;
  readonly least: number;
  readonly most: number;
  readonly otherwise: "all" | "none";
};

/** The candidates that are kept: the forced ones, and the best of the others. Ties go to the lower block. */
export function kept(candidates: readonly Candidate[], budget: Budget): readonly Candidate[] {
  const { least, most } = budget;
  const ranked = candidates.toSorted(
    (a, b) =>
      Number(b.forced) - Number(a.forced) ||
      Number(b.holds) - Number(a.holds) ||
      compare(b.score, a.score) ||
      a.i - b.i ||
      a.j - b.j,
  );
  const forced = ranked.filter((each) => each.forced).length;
  const wanted = Math.min(Math.max(countOf(ranked, budget), least), most);
  return ranked.slice(0, Math.max(wanted, forced));
}

const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);

/** How many of the ranked the rule takes. */
function countOf(ranked: readonly Candidate[], { rule, amount, otherwise }: Budget): number {
  switch (rule.kind) {
    case "top":
      return amount;
    case "ratio":
      return rounded(amount, ranked.length, rule.rounding);
    case "mass":
      return countOfMass(ranked, amount, rule.before, otherwise);
    case "above":
      return ranked.filter(({ score, forced }) => forced || score > amount).length;
    case "where":
      return ranked.filter(({ holds, forced }) => forced || holds).length;
  }
}

/** Ratios count in millionths, so that seven tenths of ten are seven whatever a float makes of 0.7. */
function rounded(ratio: number, count: number, rounding: "floor" | "ceil" | "round"): number {
  const exact = (Math.round(ratio * 1e6) * count) / 1e6;
  if (rounding === "round") return Math.floor(exact) + Number(exact - Math.floor(exact) >= 0.5);
  return Math[rounding](exact);
}

/** The shortest list of the best that holds the mass. All of them hold 1, whatever rounding makes of their sum. */
function countOfMass(ranked: readonly Candidate[], mass: number, before: boolean, otherwise: "all" | "none"): number {
  if (mass > 1) return otherwise === "all" ? ranked.length : 0;
  if (mass === 1) return ranked.length;
  const highest = ranked.reduce((most, { score }) => Math.max(most, score), -Infinity);
  const terms = ranked.map(({ score }) => (score === -Infinity ? 0 : Math.exp(score - highest)));
  const total = terms.reduce((sum, term) => sum + term, 0);
  let sum = 0;
  for (const [place, term] of terms.entries()) {
    if (sum >= mass * total) return place;
    sum += term;
    if (sum >= mass * total) return before ? place : place + 1;
  }
  return ranked.length;
}
