// Words for the problems of meaning. The families have a table each; a new kind of problem without words does not
// compile.

import type { CheckProblem } from "./check-problem.ts";
import { CLAUSE_WORDS } from "./describe-clauses.ts";
import { CONTRACT_WORDS } from "./describe-contracts.ts";
import { NAME_WORDS } from "./describe-names.ts";
import { SUPPORT_WORDS } from "./describe-support.ts";
import { TYPE_WORDS } from "./describe-types.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Describers, Quote, Words } from "./words.ts";

const DESCRIBERS: Describers<CheckProblem> = {
  ...NAME_WORDS,
  ...TYPE_WORDS,
  ...CONTRACT_WORDS,
  ...CLAUSE_WORDS,
  ...SUPPORT_WORDS,
};

/** The problem in words; cannot fail. */
export function describeCheck(problem: CheckProblem, quote: Quote): Diagnostic {
  const describe = DESCRIBERS[problem.kind] as (problem: CheckProblem, quote: Quote) => Words;
  const { title, primary, secondary = [], why, hint } = describe(problem, quote);
  const severity = problem.code.startsWith("W") ? "warning" : "error";
  return { code: problem.code, severity, title, primary, secondary, why, hint };
}
