// Problem → words. Each family has its table beside this file; here is only the way to it, and the quoting of the text
// that the words are about.

import type { SourceFile } from "../source/source-file.ts";
import type { Span } from "../source/span.ts";
import { describeCheck } from "./describe-check.ts";
import { describePlan } from "./describe-plan.ts";
import { describeSyntax } from "./describe-syntax.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { PlanProblem } from "./plan-problem.ts";
import type { Problem } from "./problem.ts";
import type { SyntaxProblem } from "./syntax-problem.ts";

/** The problem in words; cannot fail.
 *  @param sources the files that spans point into, in the order of the program */
export function describe(problem: Problem, sources: readonly SourceFile[]): Diagnostic {
  if (isSyntax(problem)) return describeSyntax(problem);
  if (isPlan(problem)) return describePlan(problem);
  return describeCheck(problem, (span) => quote(sources, span));
}

const isSyntax = (problem: Problem): problem is SyntaxProblem => problem.code.startsWith("E01");
const isPlan = (problem: Problem): problem is PlanProblem => problem.code.startsWith("E06");

/** Enough of the user's text to know it again. */
const LONGEST_QUOTE = 40;

function quote(sources: readonly SourceFile[], { file, start, end }: Span): string {
  const text = (sources[file]?.text ?? "").slice(start, Math.min(end, start + 400)).replaceAll(/\s+/g, " ");
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE - 3)}...` : text;
}
