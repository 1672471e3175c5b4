// Expressions of the parser → expressions of the tree. The parser's chain of terms becomes a tree by climbing the table
// of precedence; parentheses leave no node, they only widen the span of what they hold.

import type { IToken } from "chevrotain";
import type { ExpressionCstNode, IndexCstNode, ReferenceCstNode, TermCstNode } from "../../grammar/cst.ts";
import { INFIX, type InfixOperator, PREFIX } from "../../grammar/precedence.ts";
import { joinSpans, type Span } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { nameOf, type Read } from "./build-token.ts";
import { readNumber } from "./numbers.ts";

/** The expression, or a `missing` node at `place` where the parser could not read one. */
export function buildExpression(node: ExpressionCstNode | undefined, read: Read, place: Span): ast.Expr {
  const terms = node?.children?.term;
  if (!terms) return { kind: "missing", span: place };
  return climb({ terms, operators: node.children.Infix ?? [], term: 0, prefix: 0, read, place }, 0);
}

/** How far a chain has been read. */
type Chain = {
  readonly terms: readonly TermCstNode[];
  readonly operators: readonly IToken[];
  readonly read: Read;
  readonly place: Span;
  /** The term that comes next, and which of its prefixes. The operator behind it has the same index. */
  term: number;
  prefix: number;
};

/** Reads operands and operators as long as these bind at least as tightly as `power`. */
function climb(chain: Chain, power: number): ast.Expr {
  let left = prefixed(chain);
  for (;;) {
    const token = chain.operators[chain.term];
    const operator = token && INFIX[token.image as InfixOperator];
    if (!operator || operator.power < power) return left;
    if (operator.side === "chain") left = comparison(chain, left, operator.power);
    else {
      chain.term += 1;
      const right = climb(chain, operator.side === "right" ? operator.power : operator.power + 1);
      const span = joinSpans(left.span, right.span);
      const text = token.image as ast.BinaryOperator;
      left = { kind: "binary", span, operator: text, operatorSpan: chain.read.span(token), left, right };
    }
  }
}

function comparison(chain: Chain, first: ast.Expr, power: number): ast.Expr {
  const rest: { operator: ast.CompareOperator; operatorSpan: Span; operand: ast.Expr }[] = [];
  for (;;) {
    const token = chain.operators[chain.term];
    if (!token || INFIX[token.image as InfixOperator]?.power !== power) break;
    chain.term += 1;
    const operand = climb(chain, power + 1);
    rest.push({ operator: token.image as ast.CompareOperator, operatorSpan: chain.read.span(token), operand });
  }
  return { kind: "compare", span: joinSpans(first.span, rest.at(-1)!.operand.span), first, rest };
}

function prefixed(chain: Chain): ast.Expr {
  const term = chain.terms[chain.term];
  const prefix = term?.children?.prefix?.[chain.prefix];
  if (!prefix) {
    chain.prefix = 0;
    return operand(term, chain.read, chain.place);
  }
  chain.prefix += 1;
  const { Minus, Not, Reduction } = prefix.children;
  const token = (Minus ?? Not ?? Reduction)?.[0];
  const inner = climb(chain, Not ? PREFIX.not : PREFIX["-"]);
  if (!token) return inner;
  const span = joinSpans(chain.read.span(token), inner.span);
  if (Reduction) return { kind: "unsupported", span, construct: `${token.image}[…]` };
  return { kind: "unary", span, operator: Not ? "not" : "-", operand: inner };
}

function operand(term: TermCstNode | undefined, read: Read, place: Span): ast.Expr {
  const { conditional, nested, reference, Number: number, True, False } = term?.children ?? {};
  const literal = number?.[0] ?? True?.[0] ?? False?.[0];
  if (literal) {
    const span = read.span(literal);
    if (number) return readNumber(literal.image, span) ?? { kind: "missing", span };
    return { kind: "literal", span, type: "bool", value: True !== undefined, text: literal.image };
  }
  if (reference?.[0]?.children) return buildReference(reference[0], read, place);
  if (nested?.[0]?.children) {
    const { OpenParen, CloseParen, expression } = nested[0].children;
    const inner = buildExpression(expression?.[0], read, place);
    return { ...inner, span: joinSpans(read.span(OpenParen?.[0], inner.span), read.span(CloseParen?.[0], inner.span)) };
  }
  if (conditional?.[0]?.children) {
    const { If, condition, whenTrue, whenFalse } = conditional[0].children;
    const start = read.span(If?.[0], place);
    const test = buildExpression(condition?.[0], read, start);
    const yes = buildExpression(whenTrue?.[0], read, test.span);
    const no = buildExpression(whenFalse?.[0], read, yes.span);
    // biome-ignore lint/suspicious/noThenProperty: the branch is called by the language's word; nobody awaits a tree.
    return { kind: "if", span: joinSpans(start, no.span), condition: test, then: yes, else: no };
  }
  return { kind: "missing", span: place };
}

function buildReference(node: ReferenceCstNode, read: Read, place: Span): ast.Expr {
  const name = nameOf(node.children.name?.[0], read);
  if (!name) return { kind: "missing", span: place };
  const { callArguments, indices, Dot, member } = node.children;
  if (callArguments?.[0]?.children) {
    const { expression = [], CloseParen } = callArguments[0].children;
    const args = expression.map((arg) => buildExpression(arg, read, name.span));
    const end = read.span(CloseParen?.[0], args.at(-1)?.span ?? name.span);
    return { kind: "call", span: joinSpans(name.span, end), callee: name, args };
  }
  if (indices?.[0]?.children) {
    const { index = [], CloseBracket } = indices[0].children;
    const at = index.map((each) => buildIndex(each, read, name.span));
    const end = read.span(CloseBracket?.[0], at.at(-1)?.span ?? name.span);
    return { kind: "index", span: joinSpans(name.span, end), object: name, at };
  }
  if (Dot) {
    const second = nameOf(member?.[0], read);
    if (!second) return { kind: "missing", span: name.span };
    return { kind: "member", span: joinSpans(name.span, second.span), object: name, member: second };
  }
  return { kind: "name", span: name.span, name };
}

function buildIndex(node: IndexCstNode, read: Read, place: Span): ast.Expr {
  const { first, UpTo, end } = node.children;
  const low = buildExpression(first?.[0], read, place);
  if (!UpTo) return low;
  const high = buildExpression(end?.[0], read, read.span(UpTo[0], place));
  return { kind: "unsupported", span: joinSpans(low.span, high.span), construct: "a slice `a..<b`" };
}
