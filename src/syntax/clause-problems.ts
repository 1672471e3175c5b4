// What is wrong with clauses that read well each for itself.

import type { DeclarationCstNode } from "../../grammar/cst.ts";
import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import type { Span } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { spanOf } from "./tokenize.ts";

/** Clauses of which an attention has one at most. */
const SINGLE: ReadonlySet<string> = new Set(["grid", "scale", "normalize", "empty", "align"]);

/** E0110 for every clause that stands a second time where one may stand. */
export function duplicateClauses(clauses: readonly ast.Clause[]): readonly SyntaxProblem[] {
  const first = new Map<string, Span>();
  const problems: SyntaxProblem[] = [];
  for (const { kind, span } of clauses) {
    const known = first.get(kind);
    if (!SINGLE.has(kind)) continue;
    if (known) problems.push({ code: "E0110", kind: "duplicate-clause", at: span, clause: kind, first: known });
    else first.set(kind, span);
  }
  return problems;
}

/** E0106 where the option of `normalize softmax(sink = z)` is not `sink`. */
export function wrongOptions(node: DeclarationCstNode | undefined, file: number): readonly SyntaxProblem[] {
  const clauses = node?.children.attention?.[0]?.children.clause ?? [];
  return clauses.flatMap((clause): SyntaxProblem[] => {
    const option = clause.children.normalizeClause?.[0]?.children.option?.[0];
    if (!option || option.isInsertedInRecovery || option.image === "sink") return [];
    const at = spanOf(option, file);
    return [{ code: "E0106", kind: "unexpected-token", at, found: option.image, expected: ["`sink`"] }];
  });
}
