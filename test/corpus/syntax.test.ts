// Every entry of test/corpus/syntax is a text and the outline of its tree:
//
//     # What it shows
//     mask near = q - k < 8
//     ==>
//     mask near
//       ((q - k) < 8)
//
// The canonical form of each text must have the same outline, and must be the canonical form of itself.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseFile } from "../../src/syntax/parse.ts";
import { printFile } from "../../src/syntax/print.ts";
import { outline } from "./outline.ts";

const folder = new URL("syntax", import.meta.url).pathname;

describe.for(readdirSync(folder).filter((name) => name.endsWith(".attn")))("%s", (name) => {
  for (const entry of readFileSync(join(folder, name), "utf8").split(/^# /m).slice(1)) {
    const [title] = entry.split("\n", 1);
    const [text, tree] = entry.slice(title!.length + 1).split("\n==>\n");
    test(title!, () => {
      expect(read(text!)).toBe(tree!.trimEnd());
      const printed = print(text!);
      expect(read(printed)).toBe(tree!.trimEnd());
      expect(print(printed)).toBe(printed);
    });
  }
});

function read(text: string): string {
  const { value, problems } = parseFile({ path: "entry.attn", text }, 0);
  expect(problems).toEqual([]);
  return outline(value);
}

function print(text: string): string {
  const source = { path: "entry.attn", text };
  return printFile(parseFile(source, 0).value, source);
}
