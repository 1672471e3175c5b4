// AST → Spec. Names are resolved, every declaration is looked at by itself (so that a mistake in a mask that nobody uses
// is found), and every attention of the entry file is elaborated into a Spec. Nothing here throws on user input.

import type { CheckProblem } from "../diagnostics/check-problem.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import type { Span } from "../source/span.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { elaborateAttention } from "./attention.ts";
import { elaborateDeclared } from "./elaborate.ts";
import type { Workspace } from "./environment.ts";
import { createGraph } from "./graph.ts";
import { bindParameters, isUnused } from "./inputs.ts";
import { FUNCTION, MASK, SCORE } from "./place.ts";
import { type Entry, type Report, resolve } from "./resolve.ts";
import { readSignatures, type Signature } from "./signature.ts";

/** A file that is wrong in more places than this is hardly helped by a longer list. */
const MOST_PROBLEMS = 100;

/** What the program means. Attentions with errors of their own are left out of the value.
 *  Problems: E02xx to E05xx and warnings, in the order of the text. */
export function check(program: ast.Program): Outcome<spec.Spec> {
  const problems = collectProblems();
  const declarations = resolve(program, problems.report);
  const signatures = new Map<Entry, readonly Signature[]>();
  for (const entry of declarations.entries) {
    if (entry.declaration.kind === "attention") continue;
    signatures.set(entry, readSignatures(entry.declaration, [], problems.report));
  }
  const called = new Set<Entry>();
  const workspace = (report: Report, inAttention: boolean): Workspace => ({
    graph: createGraph(),
    report,
    declarations,
    signatures,
    calls: new Map(),
    called,
    grid: inAttention ? undefined : "any",
    promises: inAttention ? new Map() : undefined,
    level: 0,
  });

  const warnings = declarations.entries.map((entry) => checkAlone(entry, workspace, problems.report));
  const attentions = declarations.entries.flatMap((entry) => {
    if (entry.declaration.kind !== "attention") return [];
    const before = problems.errors();
    const attention = elaborateAttention(workspace(problems.report, true), entry, entry.declaration);
    return entry.file === program.files[0]?.file && problems.errors() === before ? [attention] : [];
  });
  // What is called is judged by its calls: only these tell whether an index can leave its axis.
  for (const [i, entry] of declarations.entries.entries()) {
    if (!called.has(entry)) for (const warning of warnings[i]!) problems.report(warning);
  }
  return { value: { attentions }, problems: problems.sorted() };
}

/** Looks at a `fn`, `mask` or `score` with its own parameters. Errors are reported, warnings returned. */
function checkAlone(
  entry: Entry,
  workspaceFor: (report: Report, inAttention: boolean) => Workspace,
  report: Report,
): readonly CheckProblem[] {
  const { declaration, file } = entry;
  if (declaration.kind === "attention") return [];
  const warnings: CheckProblem[] = [];
  const sift: Report = (problem) => (isWarning(problem) ? warnings.push(problem) : report(problem));
  // What this declaration calls is not called by an attention yet.
  const workspace: Workspace = { ...workspaceFor(sift, false), called: new Set() };
  const signatures = workspace.signatures.get(entry) ?? [];
  const { bindings, tensorAxes } = bindParameters(workspace, file, signatures);
  const used = new Set(tensorAxes);
  const place = { fn: FUNCTION, mask: MASK, score: SCORE }[declaration.kind];
  elaborateDeclared({ workspace, file, place, bindings, used }, declaration);
  for (const { name } of signatures) {
    if (isUnused(name, used)) report({ code: "W0202", kind: "unused-parameter", name, of: declaration.name });
  }
  return warnings;
}

const isWarning = ({ code }: CheckProblem) => code.startsWith("W");

/** Keeps each problem once, however many calls lead to it. */
function collectProblems() {
  const known = new Map<string, CheckProblem>();
  let errors = 0;
  return {
    report(problem: CheckProblem): void {
      const { file, start, end } = placeOf(problem);
      const key = `${problem.code} ${file} ${start} ${end}`;
      if (known.has(key) || known.size >= MOST_PROBLEMS) return;
      if (!isWarning(problem)) errors += 1;
      known.set(key, problem);
    },
    errors: () => errors,
    sorted: () => [...known.values()].sort((a, b) => compareSpans(placeOf(a), placeOf(b))),
  };
}

function placeOf(problem: CheckProblem): Span {
  if ("at" in problem) return problem.at;
  if ("name" in problem) return problem.name.span;
  return "member" in problem ? problem.member.span : problem.tensor.span;
}

const compareSpans = (a: Span, b: Span) => a.file - b.file || a.start - b.start || a.end - b.end;
