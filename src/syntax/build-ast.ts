// Declarations and clauses of the parser → the tree. Only what was parsed without a problem comes here, so every node is
// complete.

import type { IToken } from "chevrotain";
import type * as cst from "../../grammar/cst.ts";
import type { Name, Span } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { buildExpression } from "./build-expression.ts";
import { spanOf } from "./tokenize.ts";

/** The declaration of a complete node.
 *  @param span from its first to its last token
 *  @param isBroken whether a clause that begins there has a problem; such clauses are left out */
export function buildDeclaration(
  node: cst.DeclarationCstNode,
  span: Span,
  documentation: string,
  isBroken: (start: number) => boolean,
): ast.Declaration {
  const { importDeclaration, definition, attention, choice, laterDeclaration } = node.children;
  const { file } = span;
  if (importDeclaration) return buildImport(importDeclaration[0]!.children, span);
  if (definition) {
    const { Fn, Mask, Identifier, parameters, expression } = definition[0]!.children;
    const kind = Fn ? "fn" : Mask ? "mask" : "score";
    const params = buildParams(parameters?.[0], file);
    const value = buildExpression(expression[0]!, file);
    return { kind, span, name: nameOf(Identifier[0]!, file), params, value, documentation };
  }
  if (attention) {
    const { Identifier, parameters, clause = [] } = attention[0]!.children;
    const whole = clause.filter((each) => !isBroken(each.location!.startOffset));
    const clauses = whole.map((each) => buildClause(each, file));
    const params = buildParams(parameters?.[0], file);
    return { kind: "attention", span, name: nameOf(Identifier[0]!, file), params, clauses, documentation };
  }
  if (choice) {
    const { Sparsity, Identifier, parameters, rule = [] } = choice[0]!.children;
    const kind = Sparsity ? "sparsity" : "permutation";
    const params = buildParams(parameters?.[0], file);
    const rules = rule.map((each) => buildRule(each, file));
    return { kind, span, name: nameOf(Identifier[0]!, file), params, rules, documentation };
  }
  const { LaterDeclaration, Identifier } = laterDeclaration![0]!.children;
  return { kind: "unsupported", span, construct: LaterDeclaration[0]!.image, name: nameOf(Identifier[0]!, file) };
}

function buildImport({ Identifier, String: path }: cst.ImportDeclarationCstChildren, span: Span): ast.Declaration {
  const names = Identifier.map((token) => nameOf(token, span.file));
  return { kind: "import", span, names, from: path[0]!.image.slice(1, -1), fromSpan: spanOf(path[0]!, span.file) };
}

// ── Parameters ──

function buildParams(node: cst.ParametersCstNode | undefined, file: number): readonly ast.Param[] {
  return (node?.children.parameter ?? []).map((each) => buildParam(each, file));
}

function buildParam(node: cst.ParameterCstNode, file: number): ast.Param {
  const { Const, Identifier, type, range, Sorted, expression } = node.children;
  return {
    kind: "param",
    span: placeOf(node, file),
    const: Const !== undefined,
    name: nameOf(Identifier[0]!, file),
    type: type && buildType(type[0]!, file),
    ...(range && { range: buildRange(range[0]!, file) }),
    ...(Sorted && { sorted: spanOf(Sorted[0]!, file) }),
    ...(expression && { default: buildExpression(expression[0]!, file) }),
  };
}

function buildType(node: cst.TypeCstNode, file: number): ast.ParamType {
  const { Identifier, expression } = node.children;
  const [span, type] = [placeOf(node, file), nameOf(Identifier[0]!, file)];
  if (!expression) return { kind: "scalar", span, type };
  return { kind: "tensor", span, element: type, axes: expression.map((axis) => buildExpression(axis, file)) };
}

function buildRange(node: cst.RangeCstNode, file: number): ast.RangeContract {
  const { low, high } = node.children;
  return {
    kind: "range",
    span: placeOf(node, file),
    ...(low && { low: buildExpression(low[0]!, file) }),
    ...(high && { high: buildExpression(high[0]!, file) }),
  };
}

// ── Rules of a sparsity or a permutation ──

function buildRule(node: cst.RuleCstNode, file: number): ast.Rule {
  const { RuleKeyword, rulePart, linkedPart = [] } = node.children;
  const linked = linkedPart.map(({ children }) => {
    const link = nameOf((children.LinkWord ?? children.Comma)![0]!, file);
    return { link, ...buildPart(children.rulePart[0]!, file) };
  });
  const parts = [buildPart(rulePart[0]!, file), ...linked];
  return { kind: "rule", span: placeOf(node, file), keyword: nameOf(RuleKeyword[0]!, file), parts };
}

function buildPart({ children }: cst.RulePartCstNode, file: number): ast.RulePart {
  const { FormWord = [], expression } = children;
  const words = FormWord.map((word) => nameOf(word, file));
  return { words, ...(expression && { value: buildExpression(expression[0]!, file) }) };
}

// ── Clauses ──

function buildClause(node: cst.ClauseCstNode, file: number): ast.Clause {
  const { gridClause, valueClause, normalizeClause, emptyClause, outputClause, useClause, laterClause } = node.children;
  const span = placeOf(node, file);
  if (gridClause) {
    const { gridAxis, expression } = gridClause[0]!.children;
    const axes = gridAxis.map((each) => buildGridAxis(each, file));
    return { kind: "grid", span, axes, ...(expression && { origin: buildExpression(expression[0]!, file) }) };
  }
  if (valueClause) {
    const { Mask, Score, Scale, Weight, Align, expression } = valueClause[0]!.children;
    const kind = (Mask ?? Score ?? Scale ?? Weight ?? Align)![0]!.image as
      | "mask"
      | "score"
      | "scale"
      | "weight"
      | "align";
    return { kind, span, value: buildExpression(expression[0]!, file) };
  }
  if (normalizeClause) {
    const { form, expression } = normalizeClause[0]!.children;
    const sink = expression && buildExpression(expression[0]!, file);
    return { kind: "normalize", span, form: nameOf(form[0]!, file), ...(sink && { sink }) };
  }
  if (emptyClause) return { kind: "empty", span, policy: nameOf(emptyClause[0]!.children.Identifier[0]!, file) };
  if (outputClause) {
    const { Identifier, expression } = outputClause[0]!.children;
    const value = expression && { value: buildExpression(expression[0]!, file) };
    return { kind: "output", span, name: nameOf(Identifier[0]!, file), ...value };
  }
  if (useClause) {
    const { Sparsity, Identifier, callArguments } = useClause[0]!.children;
    const args = callArguments ? (callArguments[0]!.children.expression ?? []) : [];
    const callee = nameOf(Identifier[0]!, file);
    const kind = Sparsity ? "sparsity" : "permute";
    return { kind, span, callee, args: args.map((each) => buildExpression(each, file)) };
  }
  return { kind: "unsupported", span, construct: laterClause![0]!.children.LaterClause[0]!.image };
}

function buildGridAxis({ children }: cst.GridAxisCstNode, file: number): ast.GridAxis {
  const { Identifier, expression } = children;
  return {
    name: nameOf(Identifier[0]!, file),
    ...(expression && { extent: buildExpression(expression[0]!, file) }),
  };
}

// ── Places ──

/** From the first to the last token of a node. */
function placeOf(
  { location }: { readonly location?: { startOffset: number; endOffset?: number } },
  file: number,
): Span {
  return { file, start: location!.startOffset, end: location!.endOffset! + 1 };
}

function nameOf(token: IToken, file: number): Name {
  return { text: token.image, span: spanOf(token, file) };
}
