// Text of expressions → nodes of the graph: names become what they stand for, operators become operations of their
// operands' types, and every call of a user's `fn`, `mask` or `score` is replaced by its body. An operand in which a
// problem was reported is `undefined`, and whatever is made of it is `undefined` too, in silence.

import type { Expectation } from "../diagnostics/type-problem.ts";
import type { Name, Span } from "../source/span.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { withoutArguments, withoutBody } from "./alone.ts";
import { applyBuiltin } from "./apply-builtin.ts";
import { bindArguments, bindingKey, type Call } from "./arguments.ts";
import { BUILTIN_NAMES, builtinOf } from "./builtins.ts";
import { declarationOf, type Environment, lookUp, type Operand, report } from "./environment.ts";
import { apply, countWork, literal, MOST_LEVELS, MOST_NODES } from "./graph.ts";
import {
  elaborateLength,
  elaborateMember,
  elaborateVisible,
  type Index,
  kindOfName,
  readElement,
  unknownName,
} from "./names.ts";
import { convert, type Placed } from "./operands.ts";
import { applyBinary, applyCompare, applyUnary, choose } from "./operations.ts";
import { functionPlace, MASK, SCORE } from "./place.ts";
import { elaborateReduction } from "./reduce.ts";
import { POOLINGS, REDUCTIONS } from "./reserved.ts";
import type { Entry } from "./resolve.ts";

/** The most expressions that may be open at once, one within the other, counted through all calls. */
const MOST_OPEN = 600;

/** The node of an expression that must have the given type. */
export function elaborateAs(
  env: Environment,
  expr: ast.Expr,
  expected: spec.Expr["type"],
  expectation: Expectation,
): spec.Expr | undefined {
  const operand = elaborate(env, expr);
  return operand && convert(env, { operand, at: expr.span }, expected, expectation);
}

export function elaborate(env: Environment, expr: ast.Expr): Operand | undefined {
  const { workspace } = env;
  countWork(workspace.graph);
  if (isSpent(env, expr.span)) return undefined;
  workspace.level += 1;
  const operand = elaborateKind(env, expr);
  workspace.level -= 1;
  if (operand && !isSpent(env, expr.span)) return operand;
  workspace.broken = true;
  return undefined;
}

function elaborateKind(env: Environment, expr: ast.Expr): Operand | undefined {
  switch (expr.kind) {
    case "literal":
      return literal(env.workspace.graph, expr.type, expr.value);
    case "name":
      return elaborateName(env, expr.name);
    case "member":
      return elaborateMember(env, expr);
    case "index":
      return elaborateIndex(env, expr);
    case "call":
      return elaborateCall(env, expr);
    case "unary":
      return elaborateUnary(env, expr);
    case "binary":
      return elaborateBinary(env, expr);
    case "compare":
      return elaborateCompare(env, expr);
    case "if":
      return elaborateIf(env, expr);
    case "reduce":
      return elaborateReduction(env, expr, elaborate);
    case "unsupported":
      report(env)({ code: "E0503", kind: "expression-unsupported", at: expr.span, construct: expr.construct });
      return undefined;
  }
}

/** Reports a spent budget once. */
function isSpent({ workspace, calledFrom }: Environment, at: Span): boolean {
  const { graph } = workspace;
  if (workspace.level > MOST_OPEN) graph.spent ??= "levels";
  if (!graph.spent) return false;
  if (graph.spent !== "reported") {
    const place = calledFrom ?? at;
    if (graph.spent === "nodes") workspace.report({ code: "E0446", kind: "too-large", at: place, most: MOST_NODES });
    else workspace.report({ code: "E0447", kind: "too-deep", at: place, most: MOST_LEVELS });
    graph.spent = "reported";
  }
  return true;
}

/** Problems: those of `elaborateVisible`, E0201, E0211, E0445. */
function elaborateName(env: Environment, name: Name): Operand | undefined {
  const visible = elaborateVisible(env, name);
  if (visible !== "elsewhere") return visible;
  const entry = declarationOf(env, name);
  if (entry === "broken") return undefined;
  if (entry) return elaborateUse(env, entry, { name, args: [], span: name.span }, "value");
  if (builtinOf(name.text)) return wrongKind(env, name, "value");
  return unknownName(env, name);
}

function elaborateCall(env: Environment, call: Extract<ast.Expr, { kind: "call" }>): Operand | undefined {
  const { callee } = call;
  if (callee.text === "len") return elaborateLength(env, call);
  const builtin = builtinOf(callee.text);
  if (builtin)
    return applyBuiltin(
      env,
      callee,
      builtin,
      call.args.map((argument) => place(env, argument)),
      call.span,
    );
  const entry = declarationOf(env, callee);
  if (entry === "broken") return undefined;
  if (entry) return elaborateUse(env, entry, { name: callee, args: call.args, span: call.span }, "function");
  elaborateLoose(env, call.args);
  if (kindOfName(env, callee)) return wrongKind(env, callee, "function");
  const reduction = [...REDUCTIONS, ...POOLINGS].includes(callee.text);
  const inScope = functionNames(env);
  report(env)({ code: "E0206", kind: "unknown-function", name: callee, inScope, ...(reduction && { reduction }) });
  return undefined;
}

/** Arguments of something unknown. A tensor by its name alone may be just what it takes. */
function elaborateLoose(env: Environment, args: readonly ast.Expr[]): void {
  for (const argument of args) {
    if (argument.kind === "name" && lookUp(env, argument.name)?.kind === "tensor") continue;
    elaborate(env, argument);
  }
}

function functionNames(env: Environment): string[] {
  const declared = [...(env.workspace.declarations.scopes[env.file] ?? [])];
  const callable = (entry: Entry | "broken") =>
    entry !== "broken" && (entry.declaration.kind === "fn" || (env.place.masks && entry.declaration.kind === "mask"));
  return [...declared.flatMap(([name, entry]) => (callable(entry) ? [name] : [])), ...BUILTIN_NAMES];
}

/** A declaration that is named or called in an expression. */
function elaborateUse(env: Environment, entry: Entry, call: Call, wanted: "value" | "function"): Operand | undefined {
  const { kind, params } = entry.declaration;
  const declared = entry.declaration.name.span;
  const wrong = {
    code: "E0211",
    kind: "wrong-kind-of-name",
    name: call.name,
    place: env.place.name,
    declared,
  } as const;
  switch (kind) {
    case "fn":
      if (wanted === "function" || params.length === 0) return elaborateBody(env, entry, call);
      report(env)({ ...wrong, found: "fn", wanted });
      return undefined;
    case "mask":
      if (env.place.masks) return elaborateBody(env, entry, call);
      report(env)({ ...wrong, found: "mask", wanted: "number" });
      return undefined;
    case "score":
      if (env.place.name === "score")
        report(env)({ code: "E0445", kind: "score-not-alone", name: call.name, at: call.span });
      else report(env)({ ...wrong, found: "score", wanted: "number" });
      return undefined;
    case "attention":
    case "sparsity":
    case "permutation":
      report(env)({ ...wrong, found: kind, wanted });
      return undefined;
  }
}

/** The body of a declaration with the arguments in place of its parameters. Equal calls are made once. */
export function elaborateBody(env: Environment, entry: Entry, call: Call): Operand | undefined {
  const { workspace } = env;
  workspace.called.add(entry);
  const bindings = bindArguments(env, entry, call, elaborate);
  if (!bindings || workspace.declarations.recursive.has(entry)) {
    workspace.broken = true;
    return undefined;
  }
  const { declaration, file } = entry;
  if (!("value" in declaration)) return undefined;
  const place = declaration.kind === "fn" ? functionPlace(env.place) : declaration.kind === "mask" ? MASK : SCORE;
  const inside = workspace.own ? withoutArguments(workspace.graph, workspace.own, entry, bindings) : bindings;
  const values = [...inside.values()].map((binding) => bindingKey(env, binding));
  const key = [declaration.name.span.file, declaration.name.span.start, place.decides, ...values].join(" ");
  if (!workspace.calls.has(key)) {
    const body: Environment = { workspace, file, place, bindings: inside, calledFrom: env.calledFrom ?? call.span };
    workspace.calls.set(key, elaborateDeclared(body, declaration));
  }
  const value = workspace.calls.get(key);
  return workspace.own ? withoutBody(workspace.graph, key, value, bindings) : value;
}

/** The value of a `fn`, `mask` or `score` in the environment of its body. */
export function elaborateDeclared(
  env: Environment,
  { kind, name, value }: Extract<Entry["declaration"], { value: ast.Expr }>,
): Operand | undefined {
  if (kind === "fn") return elaborate(env, value);
  return elaborateAs(env, value, kind === "mask" ? "bool" : "float", { of: kind, at: name.span });
}

/** Problems: E0201, E0211, E0503, and those of `readElement`. */
function elaborateIndex(
  env: Environment,
  { object, at, span }: Extract<ast.Expr, { kind: "index" }>,
): Operand | undefined {
  const indices = at.map((index): Index | undefined => {
    const node = elaborateAs(env, index, "int", { of: "index" });
    return node && { node, at: index.span };
  });
  const binding = lookUp(env, object);
  if (binding?.kind === "tensor") {
    const known = indices.filter((index) => index !== undefined);
    if (!binding.tensor || known.length < indices.length) return undefined;
    return readElement(env, object, binding.tensor, known, span);
  }
  if (binding?.kind === "value" && !binding.value) return undefined;
  if (declarationOf(env, object) === "broken") return undefined;
  if (kindOfName(env, object)) return wrongKind(env, object, "tensor");
  if ([...REDUCTIONS, ...POOLINGS].includes(object.text)) {
    report(env)({ code: "E0503", kind: "expression-unsupported", at: span, construct: "reduction" });
    return undefined;
  }
  return unknownName(env, object);
}

function wrongKind(env: Environment, name: Name, wanted: "value" | "function" | "tensor"): undefined {
  const kind = kindOfName(env, name);
  if (kind) report(env)({ code: "E0211", kind: "wrong-kind-of-name", name, wanted, place: env.place.name, ...kind });
}

function elaborateUnary(env: Environment, expr: Extract<ast.Expr, { kind: "unary" }>): Operand | undefined {
  const operand = place(env, expr.operand);
  return isKnown(operand) ? applyUnary(env, expr, operand) : undefined;
}

/** Walks down the left side by a loop: a sum of thousands of terms is a tree as deep as it is long. */
function elaborateBinary(env: Environment, expr: Extract<ast.Expr, { kind: "binary" }>): Operand | undefined {
  const spine = [expr];
  let first = expr.left;
  for (; first.kind === "binary"; first = first.left) spine.push(first);
  let left = place(env, first);
  for (const node of spine.reverse()) {
    const right = place(env, node.right);
    const operand = isKnown(left) && isKnown(right) ? applyBinary(env, node, left, right) : undefined;
    left = { operand, at: node.span };
    if (isSpent(env, node.span)) return undefined;
  }
  return left.operand;
}

/** `a <= b < c` is `a <= b and b < c`, with one node for b. */
function elaborateCompare(
  env: Environment,
  { first, rest }: Extract<ast.Expr, { kind: "compare" }>,
): Operand | undefined {
  const { graph } = env.workspace;
  let left = place(env, first);
  let all: spec.Expr | undefined;
  let complete = true;
  for (const { operator, operand } of rest) {
    const right = place(env, operand);
    const holds = isKnown(left) && isKnown(right) ? applyCompare(env, operator, left, right) : undefined;
    if (holds) all = all ? apply(graph, "and", [all, holds]) : holds;
    else complete = false;
    left = right;
    if (isSpent(env, operand.span)) return undefined;
  }
  return complete ? all : undefined;
}

function elaborateIf(env: Environment, expr: Extract<ast.Expr, { kind: "if" }>): Operand | undefined {
  const condition = elaborateAs(env, expr.condition, "bool", { of: "condition" });
  const [whenTrue, whenFalse] = [place(env, expr.then), place(env, expr.else)];
  return condition && isKnown(whenTrue) && isKnown(whenFalse)
    ? choose(env, expr.span, condition, whenTrue, whenFalse)
    : undefined;
}

type MaybePlaced = { readonly operand: Operand | undefined; readonly at: Span };

const place = (env: Environment, expr: ast.Expr): MaybePlaced => ({ operand: elaborate(env, expr), at: expr.span });
const isKnown = (placed: MaybePlaced): placed is Placed => placed.operand !== undefined;
