// Types of operands: an int becomes a float where a float is wanted, never the reverse; everything else must fit. Each
// function returns the node of the wanted type, or reports why there is none and returns undefined.

import type { Expectation } from "../diagnostics/type-problem.ts";
import type { ScalarType } from "../ops/op.ts";
import type { Span } from "../source/span.ts";
import type * as spec from "../spec/spec.ts";
import { type Environment, type Operand, origin, report } from "./environment.ts";
import { apply, factsOf } from "./graph.ts";
import type { OperandRule } from "./operators.ts";

/** An operand and where it was written. */
export type Placed = { readonly operand: Operand; readonly at: Span };

export function toFloat(env: Environment, node: spec.Expr): spec.Expr {
  return node.type === "int" ? apply(env.workspace.graph, "toFloat", [node]) : node;
}

/** Problems: E0301, E0309. */
export function convert(
  env: Environment,
  { operand, at }: Placed,
  expected: ScalarType,
  expectation: Expectation,
): spec.Expr | undefined {
  if (operand.type === expected) return operand as spec.Expr;
  if (operand.type === "int" && expected === "float") return toFloat(env, operand);
  if (operand.type === "float" && expected === "int") {
    report(env)({ code: "E0309", kind: "float-for-int", at, expectation, ...origin(env) });
  } else {
    const found = operand.type;
    report(env)({ code: "E0301", kind: "type-mismatch", at, expected, found, expectation, ...origin(env) });
  }
  return undefined;
}

/** Nodes of one type that the operator takes. Problems: E0302, E0506. */
export function operandsFor(
  env: Environment,
  operator: string,
  operatorSpan: Span,
  takes: OperandRule,
  operands: readonly Placed[],
): readonly spec.Expr[] | undefined {
  const fits = (type: ScalarType) => (takes === "bool" || takes === "int" ? type === takes : type !== "bool");
  for (const { operand, at } of operands) {
    if (operand.type === "vector") {
      report(env)({ code: "E0506", kind: "vector-arithmetic-unsupported", at, operator });
      return undefined;
    }
    if (fits(operand.type)) continue;
    const wanted = takes === "bool" || takes === "int" ? takes : "number";
    const found = operand.type;
    report(env)({ code: "E0302", kind: "operand-type", at, operator, operatorSpan, wanted, found, ...origin(env) });
    return undefined;
  }
  const nodes = operands.map(({ operand }) => operand as spec.Expr);
  return takes === "real" ? nodes.map((node) => toFloat(env, node)) : widened(env, nodes);
}

/** All floats if one of them is a float. Bools stay as they are. */
export function widened(env: Environment, nodes: readonly spec.Expr[]): readonly spec.Expr[] {
  return nodes.some(({ type }) => type === "float") ? nodes.map((node) => toFloat(env, node)) : nodes;
}

/** Warns where a float that targets may compute differently decides what is visible. */
export function warnOfInexactDecision(env: Environment, nodes: readonly spec.Expr[], at: Span): void {
  if (!env.place.decides || nodes.every((node) => factsOf(env.workspace.graph, node).exact)) return;
  report(env)({ code: "W0301", kind: "inexact-decision", at, ...origin(env) });
}
