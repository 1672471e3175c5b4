// One attention → its Spec: inputs, grid, then clause by clause. Clauses that may stand once are found first, so that
// their order in the text does not matter; masks, scores and weights keep theirs.

import { nodesWithin } from "../spec/parts.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { possibleOrders } from "./auto-orders.ts";
import { axisNames } from "./axes.ts";
import { builtinOf } from "./builtins.ts";
import { chosenBlocks, storedOrder } from "./choice.ts";
import { elaborateAs, elaborateBody } from "./elaborate.ts";
import { declarationOf, type Environment, report, type Workspace } from "./environment.ts";
import { apply, axesOf, factsOf, length, literal, quantity } from "./graph.ts";
import { elaborateGrid } from "./grid.ts";
import { bindParameters, inputsOf, isUnused } from "./inputs.ts";
import { elaborateOutputs } from "./outputs.ts";
import { ALIGN, CHOICE_ARGUMENT, MASK, OUTPUT, type Place, SCALE, SCORE, SINK, WEIGHT } from "./place.ts";
import type { Entry } from "./resolve.ts";
import { readSignatures, type Signature, within } from "./signature.ts";

export type AttentionDeclaration = Extract<ast.Declaration, { kind: "attention" }>;

const NORMALIZE_FORMS = ["softmax", "softmax_plus_one", "sum", "none"];
const EMPTY_POLICIES = ["zero", "uniform", "error"] as const;

/** Clauses that may stand once. */
type Single = Extract<ast.Clause["kind"], "grid" | "scale" | "normalize" | "empty" | "align" | "permute">;
type ClauseOf<Kind> = Extract<ast.Clause, { kind: Kind }>;

/** Undefined where a part of it could not be built: an attention without one of its masks would be another one. */
export function elaborateAttention(
  workspace: Workspace,
  entry: Entry,
  declaration: AttentionDeclaration,
): spec.Attention | undefined {
  const errorsBefore = workspace.errors();
  const single = findSingles(declaration.clauses);
  const gridNames = single("grid")?.axes.map(({ name }) => name.text);
  workspace.grid = gridNames;
  const signatures = readSignatures(declaration, gridNames ?? [], workspace.report);
  const { bindings, tensorAxes } = bindParameters(workspace, entry.file, signatures);
  const used = new Set<string>(tensorAxes);
  const inside = (place: Place): Environment => ({ workspace, file: entry.file, place, bindings, used });

  const gridClause = single("grid");
  const grid = gridClause && elaborateGrid(inside, gridClause);
  const masks = each(declaration, "mask", (value) => {
    const node = elaborateAs(inside(MASK), value, "bool", { of: "mask" });
    if (node) warnOfConstantMask(workspace, value, node);
    return node;
  });
  const scores = elaborateScores(inside(SCORE), declaration);
  const weights = each(declaration, "weight", (value) => elaborateAs(inside(WEIGHT), value, "float", { of: "weight" }));
  const scaleClause = single("scale");
  const scale = scaleClause && elaborateAs(inside(SCALE), scaleClause.value, "float", { of: "scale" });
  if (scaleClause && scale && hasChoice(declaration)) demandOneScale(workspace, scaleClause, scale);
  const normalize = elaborateNormalize(inside(SINK), single("normalize"));
  const align = elaborateAlign(inside(ALIGN), single("align"));
  const empty = emptyPolicy(workspace, single("empty"));
  const outputs = elaborateOutputs(
    inside(OUTPUT),
    all(declaration, "output"),
    all(declaration, "sparsity").map(({ span }) => span),
  );
  const passing = inside(CHOICE_ARGUMENT);
  const sparsities = all(declaration, "sparsity").flatMap((clause) => chosenBlocks(passing, clause) ?? []);
  const permuteClause = single("permute");
  const isOpen = permuteClause !== undefined && leavesOrderOpen(passing, permuteClause);
  const permutation = permuteClause && !isOpen ? storedOrder(passing, permuteClause) : undefined;
  const [sparsity] = all(declaration, "sparsity");
  if (isOpen && sparsity) {
    workspace.report({ code: "E0451", kind: "order-left-open", at: permuteClause.span, sparsity: sparsity.span });
  }
  for (const clause of declaration.clauses) {
    if (clause.kind !== "unsupported") continue;
    workspace.report({ code: "E0502", kind: "clause-unsupported", at: clause.span, construct: clause.construct });
  }
  if (declaration.clauses.some(({ kind }) => kind === "broken")) return undefined;
  checkDefaults(workspace, signatures);
  if (workspace.errors() > errorsBefore || workspace.broken) return undefined;
  for (const { name } of signatures) {
    if (isUnused(name, used)) workspace.report({ code: "W0202", kind: "unused-parameter", name, of: declaration.name });
  }
  return {
    name: declaration.name,
    span: declaration.span,
    documentation: declaration.documentation,
    ...inputsOf(workspace, signatures, bindings),
    ...(grid && { grid }),
    masks,
    scores,
    ...(scaleClause && scale && { scale: { value: scale, span: scaleClause.span, label: "scale" } }),
    normalize,
    empty,
    weights,
    align,
    ...(sparsities.length > 0 && { sparsities }),
    ...(permutation && { permutation }),
    ...(isOpen && { orders: possibleOrders(workspace.graph, masks, grid, permuteClause.span) }),
    outputs,
  };
}

const hasChoice = ({ clauses }: AttentionDeclaration) =>
  clauses.some(({ kind }) => kind === "sparsity" || kind === "permute");

/** `permute auto`, unless a declaration has that name. */
const leavesOrderOpen = (env: Environment, { callee, args }: ClauseOf<"permute">) =>
  callee.text === "auto" && args.length === 0 && declarationOf(env, callee) === undefined;

/** Blocks and orders are found before pairs are looked at. Problems: E0311. */
function demandOneScale({ graph, report }: Workspace, clause: ClauseOf<"scale">, scale: spec.Expr): void {
  const axes = axisNames(axesOf(graph, scale)).filter((axis) => axis === "query" || axis === "key");
  if (axes.length === 0) return;
  report({ code: "E0311", kind: "axis-left-over", at: clause.value.span, axes, place: "sparsity" });
}

/** A default has to keep what the input promises to those it is passed to. Problems: E0412. */
function checkDefaults({ promises, report }: Workspace, signatures: readonly Signature[]): void {
  for (const signature of signatures) {
    const value = signature.kind === "scalar" ? signature.default?.value : undefined;
    if (typeof value !== "number") continue;
    const broken = promises?.get(signature.name.text)?.asked.find(({ range }) => !within(value, range));
    if (!broken) continue;
    const { at: passed, parameter, range } = broken;
    const shown = { at: signature.name.span, parameter, range, default: { value, passed } };
    report({ code: "E0412", kind: "argument-outside-range", ...shown });
  }
}

/** The first of each; that there are more was said when the text was parsed. */
function findSingles(clauses: readonly ast.Clause[]) {
  return <Kind extends Single>(kind: Kind) =>
    clauses.find((clause): clause is ClauseOf<Kind> & ast.Clause => clause.kind === kind);
}

/** The clauses of a kind, in the order of the text. */
function all<Kind extends ast.Clause["kind"]>({ clauses }: AttentionDeclaration, kind: Kind) {
  return clauses.filter((clause): clause is ClauseOf<Kind> & ast.Clause => clause.kind === kind);
}

function each(
  { clauses }: AttentionDeclaration,
  kind: "mask" | "weight",
  elaborateValue: (value: ast.Expr) => spec.Expr | undefined,
): spec.Clause[] {
  return clauses.flatMap((clause) => {
    if (clause.kind !== kind) return [];
    const value = elaborateValue(clause.value);
    return value ? [{ value, span: clause.value.span, label: labelOf(clause.value, kind) }] : [];
  });
}

/** What a clause is called in explanations: the declaration that it uses, or else the kind of clause. */
function labelOf(value: ast.Expr, kind: string): string {
  if (value.kind === "name") return value.name.text;
  return value.kind === "call" && !builtinOf(value.callee.text) ? value.callee.text : kind;
}

/** A score's name stands alone in its clause; anything else is an expression in `s`. Problems: E0445, W0404. */
function elaborateScores(env: Environment, declaration: AttentionDeclaration): spec.Clause[] {
  const scores: spec.Clause[] = [];
  for (const clause of declaration.clauses) {
    if (clause.kind !== "score") continue;
    const { value: expr } = clause;
    const value = elaborateScore(env, expr);
    if (!value) continue;
    const first = scores[0];
    if (first && !nodesWithin(value).includes(quantity(env.workspace.graph, "s"))) {
      report(env)({ code: "W0404", kind: "score-discarded", at: expr.span, first: first.span });
    }
    scores.push({ value, span: expr.span, label: labelOf(expr, "score") });
  }
  return scores;
}

function elaborateScore(env: Environment, expr: ast.Expr): spec.Expr | undefined {
  const name = expr.kind === "name" ? expr.name : expr.kind === "call" ? expr.callee : undefined;
  const entry = name && declarationOf(env, name);
  if (!name || !entry || entry === "broken" || entry.declaration.kind !== "score") {
    return elaborateAs(env, expr, "float", { of: "score" });
  }
  const args = expr.kind === "call" ? expr.args : [];
  const value = elaborateBody(env, entry, { name, args, span: expr.span });
  return value && value.kind !== "vector" ? value : undefined;
}

/** `mask true` says so itself. */
function warnOfConstantMask({ graph, report }: Workspace, { kind, span }: ast.Expr, node: spec.Expr): void {
  const { low, high } = factsOf(graph, node);
  if (high === 0) report({ code: "W0401", kind: "mask-never-true", at: span });
  else if (low === 1 && kind !== "literal") report({ code: "W0402", kind: "mask-always-true", at: span });
}

/** Problems: E0441, E0442. */
function elaborateNormalize(env: Environment, clause: ClauseOf<"normalize"> | undefined): spec.Normalize {
  if (!clause) return { kind: "softmax" };
  const { form, sink } = clause;
  const value = sink && elaborateAs(env, sink, "float", { of: "sink" });
  if (!NORMALIZE_FORMS.includes(form.text)) {
    report(env)({ code: "E0441", kind: "unknown-normalize", name: form, known: NORMALIZE_FORMS });
  } else if (sink && form.text !== "softmax") {
    report(env)({ code: "E0442", kind: "sink-misplaced", at: sink.span, form });
  }
  switch (form.text) {
    case "sum":
      return { kind: "sum" };
    case "none":
      return { kind: "none" };
    case "softmax_plus_one":
      return { kind: "softmax", sink: literal(env.workspace.graph, "float", 0) };
    default:
      return { kind: "softmax", ...(value && { sink: value }) };
  }
}

/** `end` (the default) gives the query rows the last positions, `start` the first. */
function elaborateAlign(env: Environment, clause: ClauseOf<"align"> | undefined): spec.Expr {
  const { graph } = env.workspace;
  const end = apply(graph, "sub", [length(graph, "key"), length(graph, "query")]);
  if (!clause) return end;
  const keyword = clause.value.kind === "name" ? clause.value.name.text : undefined;
  if (keyword === "end") return end;
  if (keyword === "start") return literal(graph, "int", 0);
  return elaborateAs(env, clause.value, "int", { of: "align" }) ?? end;
}

/** Problems: E0443. */
function emptyPolicy({ report }: Workspace, clause: ClauseOf<"empty"> | undefined): spec.EmptyPolicy {
  const policy = EMPTY_POLICIES.find((known) => known === clause?.policy.text);
  if (clause && !policy) report({ code: "E0443", kind: "unknown-empty", name: clause.policy, known: EMPTY_POLICIES });
  return policy ?? "zero";
}
