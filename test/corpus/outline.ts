// A tree as a person would draw it: one line an item, expressions with all their parentheses. It leaves out places and
// nothing else, so two trees with one outline are the same.

import type * as ast from "../../src/syntax/ast.ts";

/** Outline of a file's declarations, one item a line, each line ended. */
export function outline(file: ast.File): string {
  return file.declarations.flatMap(declarationLines).join("\n");
}

function declarationLines(declaration: ast.Declaration): readonly string[] {
  switch (declaration.kind) {
    case "import":
      return [`import ${declaration.names.map(({ text }) => text).join(" ")} from ${declaration.from}`];
    case "attention":
      return [...head(declaration), ...declaration.clauses.map((clause) => `  ${clauseText(clause)}`)];
    case "sparsity":
    case "permutation":
      return [...head(declaration), ...declaration.rules.map((rule) => `  ${ruleText(rule)}`)];
    case "unsupported":
      return [`unsupported ${declaration.construct} ${declaration.name?.text ?? ""}`.trimEnd()];
    case "broken":
      return [`broken ${declaration.names.map(({ text }) => text).join(" ")}`.trimEnd()];
    default:
      return [...head(declaration), `  ${exprText(declaration.value)}`];
  }
}

type Named = Extract<ast.Declaration, { params: unknown }>;

function head({ kind, name, params, documentation }: Named): readonly string[] {
  const lines = documentation === "" ? [] : documentation.split("\n").map((line) => `| ${line}`.trimEnd());
  return [...lines, `${kind} ${name.text}`, ...params.map((param) => `  param ${paramText(param)}`)];
}

function paramText({ const: isConst, name, type, range, sorted, default: value }: ast.Param): string {
  const typeText =
    type?.kind === "tensor" ? `${type.element.text}[${type.axes.map(exprText).join(", ")}]` : type?.type.text;
  return [
    isConst ? "const " : "",
    name.text,
    typeText === undefined ? "" : `: ${typeText}`,
    range ? ` in ${range.low ? exprText(range.low) : ""}..${range.high ? exprText(range.high) : ""}` : "",
    sorted ? " sorted" : "",
    value ? ` = ${exprText(value)}` : "",
  ].join("");
}

function clauseText(clause: ast.Clause): string {
  switch (clause.kind) {
    case "grid": {
      const axes = clause.axes.map(({ name, extent }) => name.text + (extent ? `: ${exprText(extent)}` : ""));
      return `grid ${axes.join(", ")}${clause.origin ? ` from ${exprText(clause.origin)}` : ""}`;
    }
    case "normalize":
      return `normalize ${clause.form.text}${clause.sink ? ` sink ${exprText(clause.sink)}` : ""}`;
    case "empty":
      return `empty ${clause.policy.text}`;
    case "output":
      return `output ${clause.name.text}${clause.value ? ` = ${exprText(clause.value)}` : ""}`;
    case "sparsity":
    case "permute":
      return `${clause.kind} ${clause.callee.text}(${clause.args.map(exprText).join(", ")})`;
    case "unsupported":
      return `unsupported ${clause.construct}`;
    case "broken":
      return "broken";
    default:
      return `${clause.kind} ${exprText(clause.value)}`;
  }
}

/** Parts in brackets, so that it shows what belongs together. */
function ruleText({ keyword, parts }: ast.Rule): string {
  const texts = parts.map(({ link, words, value }) => {
    const shown = [link?.text, ...words.map(({ text }) => text), value && exprText(value)];
    return `[${shown.filter((text) => text !== undefined).join(" ")}]`;
  });
  return [keyword.text, ...texts].join(" ");
}

/** The expression with a pair of parentheses for every operator. */
export function exprText(expr: ast.Expr): string {
  switch (expr.kind) {
    case "literal":
      return expr.type === "float" && Number.isInteger(expr.value) ? `${expr.value}.0` : String(expr.value);
    case "name":
      return expr.name.text;
    case "member":
      return `${expr.object.text}.${expr.member.text}`;
    case "index":
      return `${expr.object.text}[${expr.at.map(exprText).join(", ")}]`;
    case "call":
      return `${expr.callee.text}(${expr.args.map(exprText).join(", ")})`;
    case "unary":
      return `(${expr.operator} ${exprText(expr.operand)})`;
    case "binary":
      return `(${exprText(expr.left)} ${expr.operator} ${exprText(expr.right)})`;
    case "compare": {
      const rest = expr.rest.map(({ operator, operand }) => ` ${operator} ${exprText(operand)}`);
      return `(${exprText(expr.first)}${rest.join("")})`;
    }
    case "if":
      return `(if ${exprText(expr.condition)} then ${exprText(expr.then)} else ${exprText(expr.else)})`;
    case "reduce": {
      const range = expr.range ? `: ${expr.range.form.text} ${exprText(expr.range.value)}` : "";
      const width = expr.width ? `, ${exprText(expr.width)}` : "";
      return `(${expr.operator.text}[${expr.axis.text}${range}${width}] ${exprText(expr.operand)})`;
    }
    case "unsupported":
      return `<${expr.construct}>`;
  }
}
