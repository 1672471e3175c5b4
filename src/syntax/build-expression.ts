// Expressions of the parser → expressions of the tree. The parser's chain of terms becomes a tree by climbing the table
// of precedence; parentheses leave no node, they only widen the span of what they hold.

import type { IToken } from "chevrotain";
import type {
  ExpressionCstNode,
  IndexCstNode,
  ReductionCstNode,
  ReferenceCstNode,
  TermCstNode,
} from "../../grammar/cst.ts";
import { INFIX, type InfixOperator, PREFIX } from "../../grammar/precedence.ts";
import { joinSpans, type Span } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { readNumber } from "./numbers.ts";
import { spanOf } from "./tokenize.ts";

/** The expression of a complete node. Cost: linear. */
export function buildExpression(node: ExpressionCstNode, file: number): ast.Expr {
  const { term, Infix = [] } = node.children;
  return climb({ terms: term, operators: Infix, file, term: 0, prefix: 0 }, 0);
}

/** How far a chain has been read. */
type Chain = {
  readonly terms: readonly TermCstNode[];
  readonly operators: readonly IToken[];
  readonly file: number;
  /** The term that comes next, and which of its prefixes. The operator behind it has the same index. */
  term: number;
  prefix: number;
};

/** Reads operands and operators as long as these bind at least as tightly as `power`. */
function climb(chain: Chain, power: number): ast.Expr {
  let left = prefixed(chain);
  for (;;) {
    const token = chain.operators[chain.term];
    if (!token) return left;
    const operator = INFIX[token.image as InfixOperator];
    if (operator.power < power) return left;
    if (operator.side === "chain") {
      left = comparison(chain, left, operator.power);
      continue;
    }
    chain.term += 1;
    const right = climb(chain, operator.side === "right" ? operator.power : operator.power + 1);
    const span = joinSpans(left.span, right.span);
    const text = token.image as ast.BinaryOperator;
    left = { kind: "binary", span, operator: text, operatorSpan: spanOf(token, chain.file), left, right };
  }
}

function comparison(chain: Chain, first: ast.Expr, power: number): ast.Expr {
  const rest: { operator: ast.CompareOperator; operatorSpan: Span; operand: ast.Expr }[] = [];
  for (;;) {
    const token = chain.operators[chain.term];
    if (!token || INFIX[token.image as InfixOperator].power !== power) break;
    chain.term += 1;
    const operand = climb(chain, power + 1);
    rest.push({ operator: token.image as ast.CompareOperator, operatorSpan: spanOf(token, chain.file), operand });
  }
  return { kind: "compare", span: joinSpans(first.span, rest.at(-1)!.operand.span), first, rest };
}

/** An operand with its prefixes, each of which takes what binds more tightly than itself. */
function prefixed(chain: Chain): ast.Expr {
  const term = chain.terms[chain.term]!;
  const prefix = term.children.prefix?.[chain.prefix];
  if (!prefix) {
    chain.prefix = 0;
    return operand(term, chain.file);
  }
  chain.prefix += 1;
  const { Minus, Not, reduction } = prefix.children;
  const inner = climb(chain, Not ? PREFIX.not : PREFIX["-"]);
  if (reduction) return buildReduction(reduction[0]!, inner, chain.file);
  const token = (Minus ?? Not)![0]!;
  const span = joinSpans(spanOf(token, chain.file), inner.span);
  return { kind: "unary", span, operator: Not ? "not" : "-", operand: inner };
}

function buildReduction({ children }: ReductionCstNode, operand: ast.Expr, file: number): ast.Expr {
  const { Reduction, Identifier, FormWord, range, width } = children;
  const operator = nameOf(Reduction[0]!, file);
  return {
    kind: "reduce",
    span: joinSpans(operator.span, operand.span),
    operator,
    axis: nameOf(Identifier[0]!, file),
    ...(FormWord && range && { range: { form: nameOf(FormWord[0]!, file), value: buildExpression(range[0]!, file) } }),
    ...(width && { width: buildExpression(width[0]!, file) }),
    operand,
  };
}

const nameOf = (token: IToken, file: number) => ({ text: token.image, span: spanOf(token, file) });

function operand({ children }: TermCstNode, file: number): ast.Expr {
  const { conditional, nested, reference, Number: number, True, False } = children;
  if (number) return readNumber(number[0]!.image, spanOf(number[0]!, file));
  if (reference) return buildReference(reference[0]!, file);
  if (nested) {
    const { OpenParen, CloseParen, expression } = nested[0]!.children;
    const inner = buildExpression(expression[0]!, file);
    return { ...inner, span: joinSpans(spanOf(OpenParen[0]!, file), spanOf(CloseParen[0]!, file)) };
  }
  if (conditional) {
    const { If, condition, whenTrue, whenFalse } = conditional[0]!.children;
    const [test, yes, no] = [condition, whenTrue, whenFalse].map(([branch]) => buildExpression(branch!, file));
    const span = joinSpans(spanOf(If[0]!, file), no!.span);
    // biome-ignore lint/suspicious/noThenProperty: the branch has the language's word; nobody awaits a tree.
    return { kind: "if", span, condition: test!, then: yes!, else: no! };
  }
  const token = (True ?? False)![0]!;
  return { kind: "literal", span: spanOf(token, file), type: "bool", value: True !== undefined, text: token.image };
}

function buildReference({ children }: ReferenceCstNode, file: number): ast.Expr {
  const { callArguments, indices, member } = children;
  const name = nameOf(children.name[0]!, file);
  if (callArguments) {
    const { expression = [], CloseParen } = callArguments[0]!.children;
    const span = joinSpans(name.span, spanOf(CloseParen[0]!, file));
    return { kind: "call", span, callee: name, args: expression.map((arg) => buildExpression(arg, file)) };
  }
  if (indices) {
    const { index, CloseBracket } = indices[0]!.children;
    const span = joinSpans(name.span, spanOf(CloseBracket[0]!, file));
    return { kind: "index", span, object: name, at: index.map((each) => buildIndex(each, file)) };
  }
  if (member) {
    const second = nameOf(member[0]!, file);
    return { kind: "member", span: joinSpans(name.span, second.span), object: name, member: second };
  }
  return { kind: "name", span: name.span, name };
}

function buildIndex({ children }: IndexCstNode, file: number): ast.Expr {
  const first = buildExpression(children.first[0]!, file);
  if (!children.end) return first;
  const end = buildExpression(children.end[0]!, file);
  return { kind: "unsupported", span: joinSpans(first.span, end.span), construct: "a slice `a..<b`" };
}
