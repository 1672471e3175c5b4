// Operators on operands that are elaborated already: their types are matched, and the operation is applied.

import { joinSpans, type Span } from "../source/span.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { type Environment, type Operand, origin, report } from "./environment.ts";
import { apply, factsOf } from "./graph.ts";
import { operandsFor, type Placed, warnOfInexactDecision, widened } from "./operands.ts";
import { BINARY, COMPARE, UNARY } from "./operators.ts";
import { scaleRow } from "./reduce.ts";

/** Problems: E0302, E0506. */
export function applyUnary(
  env: Environment,
  { operator, span }: Extract<ast.Expr, { kind: "unary" }>,
  operand: Placed,
): spec.Expr | undefined {
  const { op, takes } = UNARY[operator];
  const operatorSpan = { ...span, end: span.start + operator.length };
  const nodes = operandsFor(env, operator, operatorSpan, takes, [operand]);
  return nodes && apply(env.workspace.graph, op, nodes);
}

/** Problems: E0302, E0306, E0506. */
export function applyBinary(
  env: Environment,
  { operator, operatorSpan, span }: Extract<ast.Expr, { kind: "binary" }>,
  left: Placed,
  right: Placed,
): Operand | undefined {
  const { op, takes } = BINARY[operator];
  const row = scaleRow(env, operator, left.operand, right.operand);
  if (row) return row;
  const nodes = operandsFor(env, operator, operatorSpan, takes, [left, right]);
  if (!nodes) return undefined;
  if (op === "div" || op === "floorDiv" || op === "floorMod") {
    const { low, high } = factsOf(env.workspace.graph, nodes[1]!);
    if (low === 0 && high === 0) {
      report(env)({ code: "E0306", kind: "division-by-zero", at: span, operator, ...origin(env) });
      return undefined;
    }
  }
  return apply(env.workspace.graph, op, nodes);
}

/** One pair of a chain of comparisons. Problems: E0308. */
export function applyCompare(
  env: Environment,
  operator: ast.CompareOperator,
  left: Placed,
  right: Placed,
): spec.Expr | undefined {
  const { op, bools } = COMPARE[operator];
  const [a, b] = [left.operand, right.operand];
  const at = joinSpans(left.at, right.at);
  const isNumber = ({ type }: Operand) => type === "int" || type === "float";
  if (!(isNumber(a) && isNumber(b)) && !(bools && a.type === "bool" && b.type === "bool")) {
    const types = { left: a.type, right: b.type };
    report(env)({ code: "E0308", kind: "not-comparable", at, operator, ...types, ...origin(env) });
    return undefined;
  }
  const nodes = widened(env, [a as spec.Expr, b as spec.Expr]);
  warnOfInexactDecision(env, nodes, at);
  return apply(env.workspace.graph, op, nodes);
}

/** `if condition then a else b`. Problems: E0303, E0506. */
export function choose(
  env: Environment,
  at: Span,
  condition: spec.Expr,
  whenTrue: Placed,
  whenFalse: Placed,
): spec.Expr | undefined {
  const nodes: spec.Expr[] = [];
  for (const branch of [whenTrue, whenFalse]) {
    if (branch.operand.kind === "vector") {
      report(env)({ code: "E0506", kind: "vector-arithmetic-unsupported", at: branch.at, operator: "if" });
      return undefined;
    }
    nodes.push(branch.operand);
  }
  const [a, b] = widened(env, nodes) as [spec.Expr, spec.Expr];
  if (a.type === b.type) return apply(env.workspace.graph, "select", [condition, a, b]);
  const types = { whenTrue: { at: whenTrue.at, type: a.type }, whenFalse: { at: whenFalse.at, type: b.type } };
  report(env)({ code: "E0303", kind: "branches-differ", at, ...types, ...origin(env) });
  return undefined;
}
