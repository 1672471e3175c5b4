// The rules of a sparsity or a permutation, read against the forms that each has. A rule's parts are compared by their shape,
// the words with `_` for a value, as in `mass _`, `of softmax`, `at least _`; what a shape means is a row of a table.

import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { type AXIS_BITS, axisNames } from "./axes.ts";
import { elaborate } from "./elaborate.ts";
import { type Environment, report } from "./environment.ts";
import { axesOf, factsOf } from "./graph.ts";
import { convert } from "./operands.ts";
import { BLOCK_SIZE, type Place } from "./place.ts";

export type ChoiceDeclaration = Extract<ast.Declaration, { kind: "sparsity" | "permutation" }>;

/** One part of a rule: its shape, and its value if it has one. */
export type Part = { readonly shape: string; readonly value?: ast.Expr };

export function partsOf({ parts }: ast.Rule): readonly Part[] {
  return parts.map(({ link, words, value }) => {
    const texts = [link?.text, ...words.map(({ text }) => text), value && "_"].filter((text) => text !== undefined);
    return { shape: texts.join(" "), ...(value && { value }) };
  });
}

/** The rules with a keyword. */
export const rulesOf = ({ rules }: ChoiceDeclaration, keyword: string): readonly ast.Rule[] =>
  rules.filter((rule) => rule.keyword.text === keyword);

/** The rule with a keyword that a declaration has once; that there are more was said before. Problems: E0449. */
export function demandRule(env: Environment, declaration: ChoiceDeclaration, keyword: string): ast.Rule | undefined {
  const [rule] = rulesOf(declaration, keyword);
  const { kind, name } = declaration;
  if (!rule) report(env)({ code: "E0449", kind: "rule-missing", at: name.span, keyword, of: kind });
  return rule;
}

/** Problems: E0448. */
export function wrongForm(env: Environment, { keyword, span }: ast.Rule, forms: readonly string[]): undefined {
  report(env)({ code: "E0448", kind: "rule-form", at: span, keyword, forms });
}

/** The node of a value in a rule, which may change along the given axes and no others.
 *  Problems: E0301, E0309, E0311, and those of expressions. */
export function elaborateValue(
  env: Environment,
  place: Place,
  value: ast.Expr,
  type: spec.Expr["type"] | "number",
  free: readonly (keyof typeof AXIS_BITS)[] = ["batch", "head", "kv"],
): spec.Expr | undefined {
  const inside = { ...env, place };
  const operand = elaborate(inside, value);
  const wanted = type !== "number" ? type : operand?.type === "int" ? "int" : "float";
  const node = operand && convert(inside, { operand, at: value.span }, wanted, { of: "rule" });
  if (!node) return undefined;
  const left = axisNames(axesOf(env.workspace.graph, node)).filter((axis) => !free.includes(axis));
  if (left.length === 0) return node;
  report(env)({ code: "E0311", kind: "axis-left-over", at: value.span, axes: left, place: place.name });
  return undefined;
}

/** A size that is known when the kernel is compiled. Problems: E0419, E0450. */
export function elaborateSize(env: Environment, value: ast.Expr): spec.Expr | undefined {
  const node = elaborateValue(env, BLOCK_SIZE, value, "int");
  if (!node) return undefined;
  const { constant, high } = factsOf(env.workspace.graph, node);
  if (!constant) {
    report(env)({ code: "E0450", kind: "size-not-constant", at: value.span });
    return undefined;
  }
  if (high >= 1) return node;
  report(env)({ code: "E0419", kind: "extent-not-positive", at: value.span, of: "block" });
  return undefined;
}
