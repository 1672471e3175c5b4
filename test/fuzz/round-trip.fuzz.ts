// The laws of parser and printer: a printed tree reads as the same tree, canonical text is the canonical form of itself,
// and no text whatever makes the parser throw, loop or point outside of the text.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { SyntaxProblem } from "../../src/diagnostics/syntax-problem.ts";
import { parseFile } from "../../src/syntax/parse.ts";
import { printFile } from "../../src/syntax/print.ts";
import { outline } from "../corpus/outline.ts";
import { file } from "./trees.ts";

const parse = (text: string) => parseFile({ path: "fuzz.attn", text }, 0);
const print = (text: string) => printFile(parse(text).value, { path: "fuzz.attn", text });

test("a printed tree reads as the same tree", () => {
  fc.assert(
    fc.property(file, (tree) => {
      const text = printFile(tree);
      const { value, problems } = text === "" ? { value: tree, problems: [] } : parse(text);
      expect(problems, text).toEqual([]);
      expect(outline(value), text).toBe(outline(tree));
      expect(print(text)).toBe(text);
    }),
    { numRuns: 1000 },
  );
});

const words =
  'mask score attention fn import grid normalize q k s = = ( ( ) ) { } [ ] , : . .. ..< + - * ** // < <= == and or not if then else in const sorted from true 3 0.5 "std" \n mean // /// comment\n ; && ! # \' é \0'.split(
    " ",
  );
const soup = fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((all) => all.join(" "));
const program = file.map((tree) => printFile(tree));
/** A program with a piece cut out and another put in. */
const damaged = fc
  .tuple(
    program,
    fc.nat(400),
    fc.nat(20),
    soup.map((text) => text.slice(0, 12)),
  )
  .map(([text, at, length, piece]) => text.slice(0, at) + piece + text.slice(at + length));

test("no text makes the parser throw, and every problem lies in the text", () => {
  fc.assert(
    fc.property(fc.oneof(soup, damaged, fc.string({ unit: "binary", maxLength: 60 })), (text) => {
      const { value, problems } = parse(text);
      expect(problems.length).toBeLessThanOrEqual(100);
      for (const { at } of problems as readonly SyntaxProblem[]) {
        expect(at.start).toBeGreaterThanOrEqual(0);
        expect(at.end).toBeGreaterThanOrEqual(at.start);
        expect(at.end).toBeLessThanOrEqual(text.length);
      }
      const isWhole = !outline(value).includes("broken");
      if (problems.length === 0) expect(isWhole).toBe(true);
      if (problems.length === 0 && text.trim() !== "") expect(print(print(text))).toBe(print(text));
    }),
    { numRuns: 2500 },
  );
});
