// Expressions as text, with the fewest parentheses that keep the tree. An expression that is too long for its line is
// broken before the operators that bind loosest, and then between the arguments of a call.

import { ATOM_POWER, IF_POWER, INFIX, PREFIX } from "../../grammar/precedence.ts";
import type * as ast from "./ast.ts";

/** Text of a part that has no tree, as it was written. */
export type Verbatim = (node: { readonly span: ast.Expr["span"] }) => string;

/** Columns that a line of code should not exceed. */
export const WIDTH = 120;

/** One line. */
export function printExpression(expr: ast.Expr, verbatim: Verbatim): string {
  switch (expr.kind) {
    case "literal":
      return expr.text;
    case "name":
      return expr.name.text;
    case "member":
      return `${expr.object.text}.${expr.member.text}`;
    case "index":
      return `${expr.object.text}[${expr.at.map((at) => printExpression(at, verbatim)).join(", ")}]`;
    case "call":
      return `${expr.callee.text}(${expr.args.map((arg) => printExpression(arg, verbatim)).join(", ")})`;
    case "unary": {
      const operator = expr.operator === "not" ? "not " : "-";
      return operator + wrapped(expr.operand, PREFIX[expr.operator], verbatim);
    }
    case "binary":
    case "compare":
      return operandsOf(expr, verbatim).join(" ");
    case "if": {
      const [condition, yes, no] = branchesOf(expr, verbatim);
      return `if ${condition} then ${yes} else ${no}`;
    }
    case "reduce": {
      const { operator, axis, range, width, operand } = expr;
      const part = range ? `: ${range.form.text} ${printExpression(range.value, verbatim)}` : "";
      const wide = width ? `, ${printExpression(width, verbatim)}` : "";
      return `${operator.text}[${axis.text}${part}${wide}] ${wrapped(operand, PREFIX["-"], verbatim)}`;
    }
    case "unsupported":
      return verbatim(expr);
    default:
      return unreachable(expr);
  }
}

/** As many lines as it needs to stay within `room` columns; the first line has `used` columns less. */
export function layOut(expr: ast.Expr, room: number, used: number, verbatim: Verbatim): readonly string[] {
  const line = printExpression(expr, verbatim);
  if (line.length <= room - used) return [line];
  if (expr.kind === "if") {
    const [condition, yes, no] = branchesOf(expr, verbatim);
    return [`if ${condition}`, `then ${yes}`, `else ${no}`];
  }
  if (expr.kind === "call" && expr.args.length > 0) {
    const args = expr.args.map((arg, i) => {
      const lines = hanging(arg, layOut(arg, room - 2, 0, verbatim));
      return i + 1 < expr.args.length ? [...lines.slice(0, -1), `${lines.at(-1)},`] : lines;
    });
    return [`${expr.callee.text}(`, ...args.flat().map((each) => `  ${each}`), ")"];
  }
  // `//` at the beginning of a line would be a comment.
  if (expr.kind !== "binary" || expr.operator === "//" || expr.operator === "**") return [line];
  return chainOf(expr).flatMap(({ operator, operand, side }, i) => {
    const parenthesised = powerOf(operand) < needed(expr.operator, side);
    const prefix = operator ? `${operator} ` : "";
    if (parenthesised) return [prefix + wrapped(operand, ATOM_POWER, verbatim)];
    const [first, ...rest] = hanging(operand, layOut(operand, room - 2, i === 0 ? used : prefix.length, verbatim));
    return [prefix + first, ...rest];
  });
}

/** Lines after the first indented, but for those of a call, whose brackets stand in one column. */
function hanging(expr: ast.Expr, [first, ...rest]: readonly string[]): readonly string[] {
  return [first!, ...rest.map((line) => (expr.kind === "call" ? line : `  ${line}`))];
}

type Link = { readonly operator: string; readonly operand: ast.Expr; readonly side: "left" | "right" };

/** `a or b or c` as its operands, each with the operator before it. */
function chainOf(expr: Extract<ast.Expr, { kind: "binary" }>): readonly Link[] {
  const links: Link[] = [];
  let left: ast.Expr = expr;
  while (left.kind === "binary" && left.operator === expr.operator) {
    links.push({ operator: left.operator, operand: left.right, side: "right" });
    left = left.left;
  }
  return [{ operator: "", operand: left, side: "left" }, ...links.reverse()];
}

/** Operands and operators in the order of the text. Chains to the left may be long, so they are walked in a loop. */
function operandsOf(expr: Extract<ast.Expr, { kind: "binary" | "compare" }>, verbatim: Verbatim): readonly string[] {
  if (expr.kind === "compare") {
    const power = INFIX["<"].power + 1;
    const rest = expr.rest.flatMap(({ operator, operand }) => [operator, wrapped(operand, power, verbatim)]);
    return [wrapped(expr.first, power, verbatim), ...rest];
  }
  const backwards: string[] = [];
  let here: ast.Expr = expr;
  for (;;) {
    if (here.kind !== "binary") break;
    backwards.push(wrapped(here.right, needed(here.operator, "right"), verbatim), here.operator);
    const power = needed(here.operator, "left");
    if (here.left.kind !== "binary" || powerOf(here.left) < power) {
      backwards.push(wrapped(here.left, power, verbatim));
      break;
    }
    here = here.left;
  }
  return backwards.reverse();
}

function branchesOf(expr: Extract<ast.Expr, { kind: "if" }>, verbatim: Verbatim): readonly [string, string, string] {
  return [
    printExpression(expr.condition, verbatim),
    printExpression(expr.then, verbatim),
    printExpression(expr.else, verbatim),
  ];
}

/** The expression, in parentheses where it binds more loosely than its place needs. */
function wrapped(expr: ast.Expr, power: number, verbatim: Verbatim): string {
  const text = printExpression(expr, verbatim);
  return powerOf(expr) < power ? `(${text})` : text;
}

/** How tightly an operand has to bind. The right side of `**` may be a negation: `2 ** -x`. */
function needed(operator: ast.BinaryOperator, side: "left" | "right"): number {
  const { power } = INFIX[operator];
  if (operator === "**") return side === "right" ? PREFIX["-"] : power + 1;
  return side === "right" ? power + 1 : power;
}

function powerOf(expr: ast.Expr): number {
  switch (expr.kind) {
    case "binary":
      return INFIX[expr.operator].power;
    case "compare":
      return INFIX["<"].power;
    case "unary":
      return PREFIX[expr.operator];
    case "if":
      return IF_POWER;
    // A slice stands alone in its brackets.
    case "reduce":
    case "unsupported":
      return PREFIX["-"];
    default:
      return ATOM_POWER;
  }
}

function unreachable(value: never): never {
  throw new Error(`no such expression: ${JSON.stringify(value)}`);
}
