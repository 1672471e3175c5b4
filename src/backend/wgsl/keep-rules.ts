// How many of the ranked blocks a rule keeps, as the statements that set one rule apart from another: what is counted of the
// other blocks while a block's rank is, and when the block itself counts.

import type { Selection } from "../../ir/selection.ts";
import type { WgslChooseView } from "../views-wgsl.ts";
import { part } from "./context.ts";

/** Threads of a workgroup that chooses from a row of blocks. */
export const CHOICE_THREADS = 64;

type Rule = Selection["rule"];
type Parts = Pick<WgslChooseView, "memory" | "tellHighest" | "tallies" | "tell" | "takes" | "functions">;

/** A variable beside the rank, and what another block adds to it. */
type Tally = { readonly variable: string; readonly count: string };

const TALLIES: { readonly [Kind in Rule["kind"]]: readonly Tally[] } = {
  top: [],
  above: [],
  where: [],
  ratio: [{ variable: "var listed = 0;", count: "listed += i32(other & LISTED);" }],
  mass: [
    { variable: "var mass_before = 0.0;", count: "mass_before += select(0.0, masses[i], is_before);" },
    { variable: "var total = 0.0;", count: "total += masses[i];" },
  ],
};

/** Millionths that a share is rounded up by. */
const ROUNDING = { floor: 0, ceil: 999_999, round: 500_000 } as const;

function takes(rule: Rule): string {
  switch (rule.kind) {
    case "top":
      return "rank < amount";
    case "ratio":
      return `rank < share_of(amount, listed, ${ROUNDING[rule.rounding]}u)`;
    case "mass": {
      const own = rule.before ? " + mass_of(state, score, highest)" : "";
      const all = rule.otherwise === "all" ? "amount >= 1.0" : "amount == 1.0";
      // Rounding must not keep the last of them from a mass of 1.
      return `${all} || (amount < 1.0 && mass_before${own} < amount * total)`;
    }
    case "above":
      return "(state & FORCED) != 0u || score > amount";
    case "where":
      return "(state & (FORCED | HOLDS)) != 0u";
  }
}

export function ruleView(rule: Rule): Parts {
  const tallies = TALLIES[rule.kind];
  const threads = CHOICE_THREADS;
  const weighs = rule.kind === "mass";
  return {
    memory: weighs ? `var<workgroup> masses: array<f32, ${threads}>;` : "",
    tellHighest: weighs ? part("tell-highest", { threads }) : "",
    functions: weighs ? [{ code: part("mass-of", {}) }] : [],
    tallies: tallies.map(({ variable }) => variable).join("\n"),
    tell: part("tell-blocks", {
      threads,
      tellMass: weighs ? "masses[thread] = mass_of(own_state, own_score, highest);" : "",
      counts: tallies.map(({ count }) => count),
    }),
    takes: takes(rule),
  };
}
