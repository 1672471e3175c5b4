// The optimizer: an ordered list of passes, each with its reason for standing where it stands. Two things that one might
// look for here need no pass: equal expressions are one object from the start, and what to compute how often is decided
// by the plan.

import type { Environment } from "../analysis/interval.ts";
import type { AttentionIr, Expr } from "../ir/expr.ts";
import { groupByRate } from "./group-by-rate.ts";
import { type Pass, type PassOptions, runPasses } from "./pass.ts";
import { factsIn, makeRuleBook, nothingSettled, rewrite } from "./rewrite.ts";
import { arithmeticRules } from "./rules/arithmetic.ts";
import { bitRules } from "./rules/bits.ts";
import { booleanRules } from "./rules/boolean.ts";
import { compareRules } from "./rules/compare.ts";
import { selectRules } from "./rules/select.ts";
import { strengthRules } from "./rules/strength.ts";
import { rulePass } from "./simplify.ts";

const simplifyRules = [...booleanRules, ...compareRules, ...arithmeticRules, ...bitRules, ...selectRules];

/** Every rule of every pass, for the tests that prove them one by one. */
export const RULES = [...simplifyRules, ...strengthRules];

export const PASSES: readonly Pass[] = [
  rulePass(
    "simplify",
    "first: const parameters are numbers now, and all that follows sees fewer shapes",
    simplifyRules,
  ),
  groupByRate,
  rulePass("reduce-strength", "last: shifts and bit masks would hide divisions from the rules before", strengthRules),
];

/** The attention in a form that is cheaper to compute and easier to reason about. Its meaning stays: masks bit for bit,
 *  scores and weights as real numbers. Idempotent; returns the same object where there is nothing to do. */
export function optimize(attention: AttentionIr, options?: PassOptions): AttentionIr {
  return runPasses(PASSES, attention, options);
}

/** Simplifies single conditions and ints by the same rules, for expressions that are made later than the passes run. */
export function simplifier(environment: Environment): (expr: Expr) => Expr {
  const book = makeRuleBook([...simplifyRules, ...strengthRules]);
  const facts = factsIn(environment);
  const settled = nothingSettled();
  return (expr) => rewrite(expr, "decide", book, facts, new Map(), settled);
}
