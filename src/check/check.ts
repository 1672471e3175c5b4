// AST → Spec. Names are resolved, every declaration is looked at by itself (so that a mistake in a mask that nobody uses
// is found), and every attention of the entry file is elaborated into a Spec. Nothing here throws on user input.

import type { CheckProblem } from "../diagnostics/check-problem.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import type { Span } from "../source/span.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { elaborateAttention } from "./attention.ts";
import { elaborateDeclared } from "./elaborate.ts";
import type { Bound, Environment, Workspace } from "./environment.ts";
import { createGraph, MOST_NODES } from "./graph.ts";
import { bindParameters, isUnused } from "./inputs.ts";
import { elaboratePermutation } from "./permutation.ts";
import { FUNCTION, MASK, SCORE } from "./place.ts";
import { type Entry, type Report, resolve } from "./resolve.ts";
import { readSignatures, type Signature } from "./signature.ts";
import { elaborateSparsity } from "./sparsity.ts";

/** A file that is wrong in more places than this is hardly helped by a longer list. */
const MOST_PROBLEMS = 100;

/** The most nodes of all attentions together; the limit of one is in `graph.ts`. */
const MOST_OF_ALL = 2 * MOST_NODES;

/** What the program means. Attentions that could not be built completely are left out of the value.
 *  Problems: E02xx to E05xx and warnings, in the order of the text. */
export function check(program: ast.Program): Outcome<spec.Spec> {
  const problems = collectProblems();
  const { report, errors } = problems;
  const declarations = resolve(program, report);
  const signatures = new Map<Entry, readonly Signature[]>();
  for (const entry of declarations.entries) {
    if (entry.declaration.kind === "attention") continue;
    signatures.set(entry, readSignatures(entry.declaration, [], report));
  }
  const shared = { report, errors, declarations, signatures };
  const warnings = checkAlone(shared);

  const called = new Set<Entry>();
  const attentions: spec.Attention[] = [];
  let left = MOST_OF_ALL;
  for (const entry of declarations.entries) {
    if (entry.declaration.kind !== "attention") continue;
    const graph = createGraph(Math.min(MOST_NODES, left));
    const workspace = { ...shared, graph, calls: new Map(), called, grid: undefined, promises: new Map(), ...started };
    const attention = elaborateAttention(workspace, entry, entry.declaration);
    if (attention && entry.file === program.files[0]?.file) attentions.push(attention);
    left -= Math.min(graph.size, left);
  }
  // What is called is judged by its calls: only these tell whether an index can leave its axis.
  const judged = [...called].map(({ declaration }) => declaration.span);
  for (const warning of warnings) if (!judged.some((span) => contains(span, placeOf(warning)))) report(warning);
  return { value: { attentions }, problems: problems.sorted() };
}

/** Looks at every `fn`, `mask` and `score` with its own parameters. Errors are reported, warnings returned. */
function checkAlone(
  shared: Pick<Workspace, "report" | "errors" | "declarations" | "signatures">,
): readonly CheckProblem[] {
  const warnings: CheckProblem[] = [];
  const sift: Report = (problem) => (isWarning(problem) ? warnings.push(problem) : shared.report(problem));
  const own = new Map<Entry, Bound>();
  const graph = createGraph();
  const fresh = { calls: new Map(), called: new Set<Entry>(), grid: "any", promises: undefined, ...started } as const;
  const workspace: Workspace = { ...shared, ...fresh, report: sift, graph, own };
  for (const [entry, signature] of shared.signatures) {
    const { start, file } = entry.declaration.name.span;
    own.set(entry, bindParameters(workspace, entry.file, signature, `${file} ${start}`));
  }
  for (const [entry, signature] of shared.signatures) {
    const { declaration, file } = entry;
    if (declaration.kind === "attention") continue;
    const errorsBefore = shared.errors();
    const { bindings, tensorAxes } = own.get(entry)!;
    const used = new Set(tensorAxes);
    graph.size = 0;
    graph.work = 0;
    delete graph.spent;
    elaborateAlone({ workspace, file, place: FUNCTION, bindings, used }, declaration);
    if (shared.errors() > errorsBefore) continue;
    for (const { name } of signature) {
      if (isUnused(name, used)) shared.report({ code: "W0202", kind: "unused-parameter", name, of: declaration.name });
    }
  }
  return warnings;
}

function elaborateAlone(env: Environment, declaration: Exclude<Entry["declaration"], { kind: "attention" }>): void {
  const { span } = declaration.name;
  if (declaration.kind === "sparsity") elaborateSparsity(env, declaration, span);
  else if (declaration.kind === "permutation") elaboratePermutation(env, declaration, span);
  else elaborateDeclared({ ...env, place: { fn: FUNCTION, mask: MASK, score: SCORE }[declaration.kind] }, declaration);
}

const started = { broken: false, level: 0 };

const contains = (outer: Span, inner: Span) =>
  outer.file === inner.file && outer.start <= inner.start && inner.end <= outer.end;

const isWarning = ({ code }: CheckProblem) => code.startsWith("W");

/** Keeps each problem once, however many calls lead to it. */
function collectProblems() {
  const known = new Map<string, CheckProblem>();
  let errors = 0;
  return {
    report(problem: CheckProblem): void {
      const { file, start, end } = placeOf(problem);
      const key = `${problem.code} ${file} ${start} ${end}`;
      if (!isWarning(problem)) errors += 1;
      if (known.has(key) || known.size >= MOST_PROBLEMS) return;
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
