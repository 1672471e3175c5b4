// Everything that can be wrong with a file, as data. Each stage has its own file of problems and, beside it, the words
// for them; stages return what they could build together with the problems they found, and never throw on user input.

import type { CheckProblem } from "./check-problem.ts";
import type { PlanProblem } from "./plan-problem.ts";
import type { SyntaxProblem } from "./syntax-problem.ts";

export type Problem = SyntaxProblem | CheckProblem | PlanProblem;

/** What a stage could build, and what it found wrong. */
export type Outcome<T> = { readonly value: T; readonly problems: readonly Problem[] };
