// Words → output: a frame with carets for people, JSON for editors, annotations for GitHub. Pure functions of the
// diagnostic and the texts; what prints them decides about colours.

import { lineText, positionAt, type SourceFile } from "../source/source-file.ts";
import type { Span } from "../source/span.ts";
import type { Diagnostic, Label } from "./diagnostic.ts";

export type Colours = {
  /** Severity and primary carets. */
  strong(text: string, severity: Diagnostic["severity"]): string;
  /** Secondary carets. */
  soft(text: string): string;
  /** Line numbers and bars. */
  faint(text: string): string;
};

export const plain: Colours = { strong: (text) => text, soft: (text) => text, faint: (text) => text };

/** Terminal colours as escape codes. */
export const ansi: Colours = {
  strong: (text, severity) => `\u001b[1;${severity === "error" ? 31 : 33}m${text}\u001b[0m`,
  soft: (text) => `\u001b[36m${text}\u001b[0m`,
  faint: (text) => `\u001b[2m${text}\u001b[0m`,
};

/** A frame in the manner of:
 *
 *      error[E0301]: a mask is a bool, but `q - k` is an int
 *        --> near.attn:3:21
 *        |
 *      3 | mask near(q, k) = q - k
 *        |                   ^^^^^ int
 *        = why:  ...
 *        = hint: ...
 */
export function renderPretty(diagnostic: Diagnostic, sources: readonly SourceFile[], colours: Colours = plain): string {
  const { code, severity, title, primary, secondary, why, hint } = diagnostic;
  const marks = [{ ...primary, isPrimary: true }, ...secondary.map((label) => ({ ...label, isPrimary: false }))];
  const files = [...new Set(marks.map(({ span }) => span.file))];
  const lastLine = Math.max(...marks.map(({ span }) => startOf(span, sources)?.line ?? 1));
  const margin = " ".repeat(String(lastLine).length);
  const bar = `${margin} ${colours.faint("|")}`;
  const lines = [`${colours.strong(`${severity}[${code}]`, severity)}: ${title}`];
  for (const file of files) {
    const inFile = marks.filter(({ span }) => span.file === file);
    const first = inFile.find(({ isPrimary }) => isPrimary) ?? inFile[0]!;
    lines.push(
      `${margin}${colours.faint(file === primary.span.file ? "-->" : ":::")} ${placeText(first.span, sources)}`,
    );
    lines.push(bar, ...frame(inFile, sources[file], margin, severity, colours));
  }
  if (why !== undefined) lines.push(`${margin} ${colours.faint("= why:")}  ${why}`);
  if (hint !== undefined) lines.push(`${margin} ${colours.faint("= hint:")} ${hint}`);
  return `${lines.join("\n")}\n`;
}

type Mark = Label & { readonly isPrimary: boolean };

/** Every line that carries a mark, in order, with its carets below; a gap is shown by dots. */
function frame(
  marks: readonly Mark[],
  source: SourceFile | undefined,
  margin: string,
  severity: Diagnostic["severity"],
  colours: Colours,
): string[] {
  if (!source) return [];
  const lineOf = ({ span }: Mark) => positionAt(source, span.start).line;
  const lines: string[] = [];
  let previous: number | undefined;
  for (const line of [...new Set(marks.map(lineOf))].sort((a, b) => a - b)) {
    const onLine = marks.filter((mark) => lineOf(mark) === line);
    if (previous !== undefined && line > previous + 1) lines.push(colours.faint("..."));
    previous = line;
    const marked = onLine.map(({ span }) => positionAt(source, span.start).column - 1);
    const { text, before } = windowOf(lineText(source, line), Math.min(...marked), Math.max(...marked));
    lines.push(`${colours.faint(`${String(line).padStart(margin.length)} |`)} ${text.replaceAll("\t", " ")}`);
    for (const { span, text: words, isPrimary } of onLine.sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary))) {
      const column = Math.min(positionAt(source, span.start).column - before, text.length + 1);
      const room = Math.max(1, text.length - column + 1);
      const carets = (isPrimary ? "^" : "-").repeat(Math.min(Math.max(1, span.end - span.start), room));
      const mark = `${carets} ${words}`.trimEnd();
      const shown = isPrimary ? colours.strong(mark, severity) : colours.soft(mark);
      lines.push(`${margin} ${colours.faint("|")} ${" ".repeat(column - 1)}${shown}`);
    }
  }
  return lines;
}

/** Longest line that is shown whole, and what is kept before the first mark of a longer one. */
const LINE_WIDTH = 160;
const LEAD = 40;

/** The part of a line that holds its marks; `before` counts the columns that are left out on the left. */
function windowOf(line: string, first: number, last: number): { readonly text: string; readonly before: number } {
  if (line.length <= LINE_WIDTH) return { text: line, before: 0 };
  const start = Math.max(0, first - LEAD);
  const end = Math.max(start + LINE_WIDTH, Math.min(last, start + 2 * LINE_WIDTH) + LEAD);
  const [left, right] = [start > 0 ? "…" : "", end < line.length ? "…" : ""];
  return { text: `${left}${line.slice(start, end)}${right}`, before: start - left.length };
}

/** One object per problem; lines and columns count from 1, the end is exclusive. */
export function renderJson(diagnostic: Diagnostic, sources: readonly SourceFile[]): object {
  const { code, severity, title, primary, secondary, why, hint } = diagnostic;
  const place = ({ span, text }: Label) => ({ ...placeOf(span, sources), text });
  return {
    code,
    severity,
    title,
    ...placeOf(primary.span, sources),
    labels: [{ ...place(primary), primary: true }, ...secondary.map((label) => ({ ...place(label), primary: false }))],
    ...(why !== undefined && { why }),
    ...(hint !== undefined && { hint }),
  };
}

/** A workflow command: `::error file=a.attn,line=3,col=21,endColumn=26,title=E0301::...`. */
export function renderGithub(diagnostic: Diagnostic, sources: readonly SourceFile[]): string {
  const { code, severity, title, primary, why, hint } = diagnostic;
  const { file, line, column, endLine, endColumn } = placeOf(primary.span, sources);
  const properties = {
    file,
    line,
    ...(endLine > line && { endLine }),
    col: column,
    ...(endLine === line && { endColumn }),
    title: code,
  };
  const shown = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  const message = [title, why, hint && `hint: ${hint}`].filter((part) => part !== undefined).join("\n");
  return `::${severity} ${shown.join(",")}::${escapeMessage(message)}`;
}

const escapeMessage = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const escapeProperty = (text: string) => escapeMessage(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

function placeOf(span: Span, sources: readonly SourceFile[]) {
  const source = sources[span.file];
  const start = source ? positionAt(source, span.start) : { line: 1, column: 1 };
  const end = source ? positionAt(source, span.end) : start;
  return { file: source?.path ?? "", line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}

function startOf(span: Span, sources: readonly SourceFile[]) {
  const source = sources[span.file];
  return source && positionAt(source, span.start);
}

function placeText(span: Span, sources: readonly SourceFile[]): string {
  const { file, line, column } = placeOf(span, sources);
  return `${file}:${line}:${column}`;
}
