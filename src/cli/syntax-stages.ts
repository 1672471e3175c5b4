// The two stages before the tree: the tokens of a file, and the parser's own record of how it read each declaration.

import { placeKeywords } from "../../grammar/keywords.ts";
import { AttnParser } from "../../grammar/parser.ts";
import { positionAt, type SourceFile } from "../source/source-file.ts";
import { balance } from "../syntax/brackets.ts";
import { expectations } from "../syntax/expectations.ts";
import { overLimit } from "../syntax/limits.ts";
import { segmentsOf } from "../syntax/segments.ts";
import { tokenize } from "../syntax/tokenize.ts";

type Token = ReturnType<typeof tokenize>["tokens"][number];
type Node = { readonly name: string; readonly children: Readonly<Record<string, readonly (Node | Token)[]>> };

/** One line a token: place, type, text. */
export function tokensText(source: SourceFile): string {
  const lines = tokensOf(source).map((token) => {
    const { line, column } = positionAt(source, token.startOffset);
    return `${`${line}:${column}`.padEnd(8)} ${token.tokenType.name.padEnd(16)} ${token.image}`.trimEnd();
  });
  return lines.map((line) => `${line}\n`).join("");
}

/** The parser's rules as an indented tree, tokens quoted. */
export function cstText(source: SourceFile): string {
  const parser = new AttnParser(expectations);
  const lines: string[] = [];
  for (const segment of segmentsOf(tokensOf(source))) {
    if (overLimit(segment, 0)) continue;
    parser.input = [...segment];
    const node = parser.declaration() as Node | undefined;
    if (node) appendNode(lines, node, "");
  }
  return lines.map((line) => `${line}\n`).join("");
}

function tokensOf(source: SourceFile): readonly Token[] {
  const { tokens } = balance(tokenize(source.text, 0).tokens, source, 0);
  placeKeywords(tokens);
  return tokens;
}

/** Nesting is limited before the parser runs, so recursion is safe here. */
function appendNode(lines: string[], node: Node, indent: string): void {
  lines.push(`${indent}${node.name}`);
  for (const [name, parts] of Object.entries(node.children)) {
    for (const part of parts) {
      if ("image" in part) lines.push(`${indent}  ${name}: ${JSON.stringify(part.image)}`);
      else appendNode(lines, part, `${indent}  `);
    }
  }
}
