// What is wrong with clauses that read well each for itself.

import type { DeclarationCstNode } from "../../grammar/cst.ts";
import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import type { Span } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { spanOf } from "./tokenize.ts";

/** Clauses of which an attention has one at most. */
const SINGLE: ReadonlySet<string> = new Set(["grid", "scale", "normalize", "empty", "align", "permute"]);
/** Rules of which a sparsity or a permutation has one at most. */
const SINGLE_RULES: ReadonlySet<string> = new Set([
  ...["blocks", "score", "share", "among", "keep", "of", "per", "within", "order"],
]);

/** E0110 for every clause that stands a second time where one may stand. */
export function duplicateClauses(declaration: ast.Declaration): readonly SyntaxProblem[] {
  if (declaration.kind === "attention") {
    const clauses = declaration.clauses.filter(({ kind }) => SINGLE.has(kind));
    return repeated(clauses.map(({ kind, span }) => ({ kind, span })));
  }
  if (!("rules" in declaration)) return [];
  const rules = declaration.rules.map(({ keyword, span }) => ({ kind: keyword.text, span }));
  return repeated(rules.filter(({ kind }) => SINGLE_RULES.has(kind)));
}

function repeated(clauses: readonly { readonly kind: string; readonly span: Span }[]): readonly SyntaxProblem[] {
  const first = new Map<string, Span>();
  const problems: SyntaxProblem[] = [];
  for (const { kind, span } of clauses) {
    const known = first.get(kind);
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
