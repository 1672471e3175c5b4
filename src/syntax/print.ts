// Tree → text in the one canonical form: what `attnc fmt` writes. Reading the result gives the same tree, and formatting
// it again changes nothing.
//
// Comments are not in the tree; they stand beside it and are put back by their places: before the declaration or clause
// that follows them, or at the end of its line. Single blank lines between items stay where the writer put them.

import type { SourceFile } from "../source/source-file.ts";
import type { Span } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { documentationBefore } from "./documentation.ts";
import { layOut, printExpression, type Verbatim, WIDTH } from "./print-expression.ts";

const INDENT = "  ";

/** What the printer carries: where the text came from, and how far its comments have been written. */
type Printer = {
  readonly text: string;
  readonly comments: readonly ast.Comment[];
  readonly verbatim: Verbatim;
  readonly lines: string[];
  nextComment: number;
};

/** The file in canonical form, with a line break at its end. `source` is the text that the tree was read from; without it
 *  there are no comments to keep. */
export function printFile(file: ast.File, source?: SourceFile): string {
  const text = source?.text ?? "";
  const printer: Printer = {
    text,
    comments: source ? file.comments : [],
    verbatim: ({ span }) => text.slice(span.start, span.end),
    lines: [],
    nextComment: 0,
  };
  let previous: Block | undefined;
  for (const declaration of file.declarations) {
    const block = declarationBlock(printer, declaration, previous?.end ?? 0);
    if (previous && (block.stands || previous.stands || hasGap(printer, block.start) || !source))
      printer.lines.push("");
    printer.lines.push(...block.lines);
    previous = block;
  }
  const rest = commentLines(printer, Number.POSITIVE_INFINITY, "", previous !== undefined);
  printer.lines.push(...rest);
  return printer.lines.length > 0 ? `${printer.lines.join("\n")}\n` : "";
}

/** A declaration with what stands before it. */
type Block = {
  readonly lines: readonly string[];
  readonly start: number;
  readonly end: number;
  /** Whether blank lines set it off: it has more than one line, comments aside. */
  readonly stands: boolean;
};

function declarationBlock(printer: Printer, declaration: ast.Declaration, previousEnd: number): Block {
  const { span } = declaration;
  const documentation = "documentation" in declaration ? declaration.documentation : "";
  const attached = documentation ? documentationBefore(printer.comments, printer.text, previousEnd, span.start) : [];
  const start = Math.min(printer.comments[printer.nextComment]?.span.start ?? span.start, span.start);
  const before = commentLines(printer, span.start, "", false, new Set(attached));
  const gap = before.length > 0 && hasGap(printer, attached[0]?.span.start ?? span.start) ? [""] : [];
  // Before the declaration three slashes would document it.
  const inside = commentLines(printer, headEnd(declaration), "", false).map((line) =>
    line.replace(/^\/{3}(?!\/)/, "//"),
  );
  const doc = documentation ? documentation.split("\n").map((line) => `/// ${line}`.trimEnd()) : [];
  const code = declarationLines(printer, declaration);
  const lines = [...before, ...gap, ...inside, ...doc, ...code];
  lines[lines.length - 1] += trailingComment(printer, span.end);
  return { lines, start, end: span.end, stands: doc.length + code.length > 1 };
}

/** Where the head of a declaration ends. Comments inside it are written before it. */
function headEnd(declaration: ast.Declaration): number {
  if ("clauses" in declaration || "rules" in declaration) {
    return (declaration.params.at(-1) ?? declaration.name).span.end;
  }
  return declaration.kind === "unsupported" ? declaration.span.start : declaration.span.end;
}

function declarationLines(printer: Printer, declaration: ast.Declaration): readonly string[] {
  switch (declaration.kind) {
    case "import":
      return [`import { ${declaration.names.map(({ text }) => text).join(", ")} } from "${declaration.from}"`];
    case "attention":
    case "sparsity":
    case "permutation": {
      const start = `${declaration.kind} ${declaration.name.text}`;
      const head = headLines(start, declaration.params, " {", printer.verbatim);
      const body = bodyLines(
        printer,
        "rules" in declaration ? declaration.rules : declaration.clauses,
        declaration.span,
      );
      if (body.length > 0) return [...head, ...body, "}"];
      return [...head.slice(0, -1), `${head.at(-1)}}`];
    }
    case "unsupported":
    case "broken":
      return verbatimLines(printer, declaration.span);
    default: {
      const start = `${declaration.kind} ${declaration.name.text}`;
      const head = headLines(start, declaration.params, " =", printer.verbatim);
      const value = printExpression(declaration.value, printer.verbatim);
      const line = `${head.at(-1)} ${value}`;
      if (line.length <= WIDTH) return [...head.slice(0, -1), line];
      const room = WIDTH - INDENT.length;
      return [...head, ...layOut(declaration.value, room, 0, printer.verbatim).map((each) => INDENT + each)];
    }
  }
}

/** `mask near(window: int) =`, with a line for each parameter where one is not enough. */
function headLines(start: string, params: readonly ast.Param[], end: string, verbatim: Verbatim): readonly string[] {
  if (params.length === 0) return [start + end];
  const texts = params.map((param) => printParam(param, verbatim));
  const line = `${start}(${texts.join(", ")})${end}`;
  if (line.length <= WIDTH) return [line];
  return [`${start}(`, ...texts.map((text, i) => `${INDENT}${text}${i + 1 < texts.length ? "," : ""}`), `)${end}`];
}

function printParam(param: ast.Param, verbatim: Verbatim): string {
  const { type, range, sorted } = param;
  const print = (expr: ast.Expr | undefined) => (expr ? printExpression(expr, verbatim) : "");
  const element =
    type?.kind === "tensor" ? `${type.element.text}[${type.axes.map(print).join(", ")}]` : type?.type.text;
  return [
    param.const ? "const " : "",
    param.name.text,
    element ? `: ${element}` : "",
    range ? ` in ${print(range.low)}..${print(range.high)}` : "",
    sorted ? " sorted" : "",
    param.default ? ` = ${isChain(param.default) ? `(${print(param.default)})` : print(param.default)}` : "",
  ].join("");
}

/** A default is a literal; behind one, `//` begins a comment. What is computed keeps its meaning in parentheses. */
const isChain = ({ kind }: ast.Expr) => kind === "binary" || kind === "compare";

function bodyLines(printer: Printer, clauses: readonly (ast.Clause | ast.Rule)[], whole: Span): readonly string[] {
  const lines: string[] = [];
  for (const clause of clauses) {
    const start = Math.min(printer.comments[printer.nextComment]?.span.start ?? clause.span.start, clause.span.start);
    if (lines.length > 0 && hasGap(printer, start)) lines.push("");
    const until = clause.kind === "unsupported" ? clause.span.start : clause.span.end;
    lines.push(...commentLines(printer, until, INDENT, false));
    lines.push(
      ...clauseLines(clause, printer).map((line, i) => (i === 0 || clause.kind !== "unsupported" ? INDENT : "") + line),
    );
    skipCommentsBefore(printer, clause.span.end);
    lines[lines.length - 1] += trailingComment(printer, clause.span.end);
  }
  return [...lines, ...commentLines(printer, whole.end, INDENT, lines.length > 0)];
}

function clauseLines(clause: ast.Clause | ast.Rule, printer: Printer): readonly string[] {
  const { verbatim } = printer;
  switch (clause.kind) {
    case "grid": {
      const axes = clause.axes.map(
        ({ name, extent }) => name.text + (extent ? `: ${printExpression(extent, verbatim)}` : ""),
      );
      const origin = clause.origin ? ` from ${printExpression(clause.origin, verbatim)}` : "";
      return [`grid (${axes.join(", ")})${origin}`];
    }
    case "normalize":
      return [
        `normalize ${clause.form.text}${clause.sink ? `(sink = ${printExpression(clause.sink, verbatim)})` : ""}`,
      ];
    case "empty":
      return [`empty ${clause.policy.text}`];
    case "output":
      if (clause.value) return valueLines(`output ${clause.name.text} = `, clause.value, verbatim);
      return [`output ${clause.name.text}`];
    case "sparsity":
    case "permute": {
      const args = clause.args.map((each) => printExpression(each, verbatim)).join(", ");
      return [`${clause.kind} ${clause.callee.text}${clause.args.length > 0 ? `(${args})` : ""}`];
    }
    case "rule":
      return ruleLines(clause, verbatim);
    case "unsupported":
    case "broken":
      return verbatimLines(printer, clause.span);
    default:
      return valueLines(`${clause.kind} `, clause.value, verbatim);
  }
}

function valueLines(start: string, value: ast.Expr, verbatim: Verbatim): readonly string[] {
  const room = WIDTH - 2 * INDENT.length;
  const [first, ...rest] = layOut(value, room, start.length - INDENT.length, verbatim);
  return [start + first, ...rest.map((line) => INDENT + line)];
}

/** A rule in one line, or with a line for each of its parts. */
function ruleLines({ keyword, parts }: ast.Rule, verbatim: Verbatim): readonly string[] {
  const texts = parts.map(({ link, words, value }) => {
    const chosen = [...words.map(({ text }) => text), ...(value ? [printExpression(value, verbatim)] : [])];
    return [...(link && link.text !== "," ? [link.text] : []), ...chosen].join(" ");
  });
  const [first = "", ...more] = texts.map((text, i) => text + (parts[i + 1]?.link?.text === "," ? "," : ""));
  const start = `${keyword.text} ${first}`.trimEnd();
  const line = [start, ...more].join(" ");
  return line.length <= WIDTH - INDENT.length ? [line] : [start, ...more.map((each) => INDENT + each)];
}

/** Text that has no tree stays as it is, comments and all. */
function verbatimLines(printer: Printer, span: ast.Comment["span"]): readonly string[] {
  skipCommentsBefore(printer, span.end);
  return printer
    .verbatim({ span })
    .split(/\r?\n/)
    .map((line) => line.trimEnd());
}

// ── Comments ──

function skipCommentsBefore(printer: Printer, offset: number): void {
  while (printer.nextComment < printer.comments.length && printer.comments[printer.nextComment]!.span.start < offset) {
    printer.nextComment += 1;
  }
}

/** The comments before an offset, each on its line, but for those that are written elsewhere. */
function commentLines(
  printer: Printer,
  before: number,
  indent: string,
  gapFirst: boolean,
  elsewhere?: ReadonlySet<ast.Comment>,
): readonly string[] {
  const lines: string[] = [];
  for (; printer.nextComment < printer.comments.length; printer.nextComment++) {
    const comment = printer.comments[printer.nextComment]!;
    if (comment.span.start >= before) break;
    if (elsewhere?.has(comment)) continue;
    if ((gapFirst || lines.length > 0) && hasGap(printer, comment.span.start)) lines.push("");
    lines.push(indent + comment.text.trimEnd());
  }
  return lines;
}

/** The comment that ends the line on which an item ends. */
function trailingComment(printer: Printer, end: number): string {
  const comment = printer.comments[printer.nextComment];
  if (!comment || !/^[ \t]*$/.test(printer.text.slice(end, comment.span.start))) return "";
  printer.nextComment += 1;
  return `  ${comment.text.trimEnd()}`;
}

/** Whether a blank line stands before an offset. */
function hasGap(printer: Printer, offset: number): boolean {
  let breaks = 0;
  for (let at = offset - 1; at >= 0 && /\s/.test(printer.text[at]!); at--) if (printer.text[at] === "\n") breaks += 1;
  return breaks > 1;
}
