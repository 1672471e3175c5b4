// Declarations and clauses of the parser → the tree. What recovery left out becomes a `missing` expression, so that later
// stages still see every declaration that has a name and pass over its holes in silence.

import type { IToken } from "chevrotain";
import type * as cst from "../../grammar/cst.ts";
import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import { joinSpans, type Name, type Span } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { buildExpression } from "./build-expression.ts";
import { nameOf, type Read } from "./build-token.ts";

/** The declaration of a node whose tokens cover `span`, or nothing where not even its name could be read. */
export function buildDeclaration(
  node: cst.DeclarationCstNode | undefined,
  span: Span,
  documentation: string,
  read: Read,
): ast.Declaration | undefined {
  const { importDeclaration, definition, attention, laterDeclaration } = node?.children ?? {};
  if (importDeclaration?.[0]?.children) return buildImport(importDeclaration[0].children, span, read);
  if (definition?.[0]?.children) return buildDefinition(definition[0].children, span, documentation, read);
  if (attention?.[0]?.children) {
    const { Identifier, parameters, clause = [] } = attention[0].children;
    const name = nameOf(Identifier?.[0], read);
    if (!name) return undefined;
    const clauses = clause.flatMap((each) => buildClause(each, read) ?? []);
    return { kind: "attention", span, name, params: buildParams(parameters?.[0], read), clauses, documentation };
  }
  if (laterDeclaration?.[0]?.children) {
    const { LaterDeclaration, Identifier } = laterDeclaration[0].children;
    const name = nameOf(Identifier?.[0], read);
    return { kind: "unsupported", span, construct: LaterDeclaration![0]!.image, ...(name && { name }) };
  }
  return undefined;
}

function buildImport(node: cst.ImportDeclarationCstChildren, span: Span, read: Read): ast.Declaration | undefined {
  const path = node.String?.[0];
  if (!path || path.isInsertedInRecovery) return undefined;
  const names = (node.Identifier ?? []).flatMap((token) => nameOf(token, read) ?? []);
  return { kind: "import", span, names, from: path.image.replace(/^"|"$/g, ""), fromSpan: read.span(path) };
}

function buildDefinition(
  node: cst.DefinitionCstChildren,
  span: Span,
  documentation: string,
  read: Read,
): ast.Declaration | undefined {
  const name = nameOf(node.Identifier?.[0], read);
  if (!name) return undefined;
  const kind = node.Fn ? "fn" : node.Mask ? "mask" : "score";
  const value = buildExpression(node.expression?.[0], read, span);
  return { kind, span, name, params: buildParams(node.parameters?.[0], read), value, documentation };
}

// ── Parameters ──

function buildParams(node: cst.ParametersCstNode | undefined, read: Read): readonly ast.Param[] {
  return (node?.children?.parameter ?? []).flatMap((each) => buildParam(each, read) ?? []);
}

function buildParam(node: cst.ParameterCstNode, read: Read): ast.Param | undefined {
  const { Const, Identifier, type, range, Sorted, expression } = node.children;
  const name = nameOf(Identifier?.[0], read);
  if (!name) return undefined;
  const paramType = buildType(type?.[0], read);
  const contract = buildRange(range?.[0], read);
  const sorted = Sorted && read.span(Sorted[0], name.span);
  const value = expression && buildExpression(expression[0], read, name.span);
  const parts = [Const && read.span(Const[0], name.span), paramType?.span, contract?.span, sorted, value?.span];
  return {
    kind: "param",
    span: parts.reduce<Span>((whole, part) => (part ? joinSpans(whole, part) : whole), name.span),
    const: Const !== undefined,
    name,
    type: paramType,
    ...(contract && { range: contract }),
    ...(sorted && { sorted }),
    ...(value && { default: value }),
  };
}

function buildType(node: cst.TypeCstNode | undefined, read: Read): ast.ParamType | undefined {
  const type = nameOf(node?.children?.Identifier?.[0], read);
  if (!node || !type) return undefined;
  const { OpenBracket, CloseBracket, expression = [] } = node.children;
  if (!OpenBracket) return { kind: "scalar", span: type.span, type };
  const axes = expression.map((axis) => buildExpression(axis, read, type.span));
  const end = read.span(CloseBracket?.[0], axes.at(-1)?.span ?? type.span);
  return { kind: "tensor", span: joinSpans(type.span, end), element: type, axes };
}

function buildRange(node: cst.RangeCstNode | undefined, read: Read): ast.RangeContract | undefined {
  if (!node?.children) return undefined;
  const { In, Range, low, high } = node.children;
  const start = read.span(In?.[0]);
  const dots = read.span(Range?.[0], start);
  const from = low && buildExpression(low[0], read, dots);
  const to = high && buildExpression(high[0], read, dots);
  const span = joinSpans(start, to?.span ?? dots);
  return { kind: "range", span, ...(from && { low: from }), ...(to && { high: to }) };
}

// ── Clauses ──

function buildClause(node: cst.ClauseCstNode, read: Read): ast.Clause | undefined {
  const { gridClause, valueClause, normalizeClause, emptyClause, outputClause, laterClause } = node.children ?? {};
  if (gridClause?.[0]?.children) return buildGrid(gridClause[0], read);
  if (valueClause?.[0]?.children) {
    const { Mask, Score, Scale, Weight, Align, expression } = valueClause[0].children;
    const keyword = (Mask ?? Score ?? Scale ?? Weight ?? Align)![0]!;
    const start = read.span(keyword);
    const value = buildExpression(expression?.[0], read, start);
    const kind = keyword.image as "mask" | "score" | "scale" | "weight" | "align";
    return { kind, span: joinSpans(start, value.span), value };
  }
  if (normalizeClause?.[0]?.children) return buildNormalize(normalizeClause[0], read);
  if (emptyClause?.[0]?.children) {
    const policy = nameOf(emptyClause[0].children.Identifier?.[0], read);
    return (
      policy && { kind: "empty", span: joinSpans(read.span(emptyClause[0].children.Empty[0]), policy.span), policy }
    );
  }
  if (outputClause?.[0]?.children) {
    const { Output, Identifier, Equals } = outputClause[0].children;
    const name = nameOf(Identifier?.[0], read);
    if (Equals) return { kind: "unsupported", span: covered(outputClause[0], read), construct: "output NAME = …" };
    return name && { kind: "output", span: joinSpans(read.span(Output[0]), name.span), name };
  }
  if (laterClause?.[0]?.children) {
    const keyword = laterClause[0].children.LaterClause[0]!;
    return { kind: "unsupported", span: covered(laterClause[0], read), construct: keyword.image };
  }
  return undefined;
}

function buildGrid(node: cst.GridClauseCstNode, read: Read): ast.Clause {
  const { Grid, gridAxis = [], CloseParen, expression } = node.children;
  const start = read.span(Grid[0]);
  const axes = gridAxis.flatMap((each): ast.GridAxis[] => {
    const name = nameOf(each.children?.Identifier?.[0], read);
    if (!name) return [];
    const extent = each.children.expression && buildExpression(each.children.expression[0], read, name.span);
    return [{ name, ...(extent && { extent }) }];
  });
  const origin = expression && buildExpression(expression[0], read, start);
  const end = origin?.span ?? read.span(CloseParen?.[0], start);
  return { kind: "grid", span: joinSpans(start, end), axes, ...(origin && { origin }) };
}

function buildNormalize(node: cst.NormalizeClauseCstNode, read: Read): ast.Clause | undefined {
  const { Normalize, form, OpenParen, expression, CloseParen } = node.children;
  const name = nameOf(form?.[0], read);
  if (!name) return undefined;
  const sink = OpenParen && buildExpression(expression?.[0], read, name.span);
  const end = read.span(CloseParen?.[0], sink?.span ?? name.span);
  const span = joinSpans(read.span(Normalize[0]), end);
  return { kind: "normalize", span, form: name, ...(sink && { sink }) };
}

/** From the first to the last token of a node. */
function covered(node: cst.OutputClauseCstNode | cst.LaterClauseCstNode, read: Read): Span {
  const tokens = tokensOf(node);
  return tokens.map((token) => read.span(token)).reduce(joinSpans);
}

function tokensOf(node: { readonly children: object }): IToken[] {
  const children = Object.values(node.children).flat() as (IToken | cst.SkippedCstNode)[];
  return children.flatMap((child) =>
    "image" in child ? (child.isInsertedInRecovery ? [] : [child]) : tokensOf(child),
  );
}

/** Clauses of which an attention has one at most. */
const SINGLE: ReadonlySet<string> = new Set(["grid", "scale", "normalize", "empty", "align"]);

/** E0110 for every clause that stands a second time where one may stand. */
export function duplicateClauses(clauses: readonly ast.Clause[]): SyntaxProblem[] {
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

/** The option of `normalize softmax(sink = z)` can only be `sink`. */
export function wrongOptions(node: cst.DeclarationCstNode | undefined, read: Read): SyntaxProblem[] {
  const clauses = node?.children.attention?.[0]?.children?.clause ?? [];
  return clauses.flatMap((clause): SyntaxProblem[] => {
    const option = clause.children?.normalizeClause?.[0]?.children?.option?.[0];
    const name: Name | undefined = nameOf(option, read);
    if (!name || name.text === "sink") return [];
    return [{ code: "E0106", kind: "unexpected-token", at: name.span, found: name.text, expected: ["`sink`"] }];
  });
}
