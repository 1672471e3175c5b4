import { expect, test } from "vitest";
import type { Diagnostic } from "../../../src/diagnostics/diagnostic.ts";
import { ansi, renderGithub, renderJson, renderPretty } from "../../../src/diagnostics/render.ts";
import { checked } from "../../check.ts";

const sources = [
  { path: "dir/near.attn", text: "mask near(w: int) =\n\tq - k < w\n\n\nscore other = s\n" },
  { path: "std", text: "mask causal = q >= k\n" },
];

const diagnostic: Diagnostic = {
  code: "E0999",
  severity: "error",
  title: "`q - k < w` is not right",
  primary: { span: { file: 0, start: 21, end: 30 }, text: "here" },
  secondary: [
    { span: { file: 0, start: 47, end: 48 }, text: "not this" },
    { span: { file: 1, start: 5, end: 11 }, text: "nor this" },
  ],
  why: "because",
  hint: "write `true`",
};

test("a frame shows every label, lines that are left out, and other files", () => {
  expect(renderPretty(diagnostic, sources)).toBe(
    [
      "error[E0999]: `q - k < w` is not right",
      " --> dir/near.attn:2:2",
      "  |",
      "2 |  q - k < w",
      "  |  ^^^^^^^^^ here",
      "...",
      "5 | score other = s",
      "  |               - not this",
      " ::: std:1:6",
      "  |",
      "1 | mask causal = q >= k",
      "  |      ------ nor this",
      "  = why:  because",
      "  = hint: write `true`",
      "",
    ].join("\n"),
  );
});

test("a label that goes on over several lines marks the first", () => {
  const long = { ...diagnostic, secondary: [], primary: { span: { file: 0, start: 0, end: 40 }, text: "" } };
  expect(renderPretty(long, sources)).toContain("1 | mask near(w: int) =\n  | ^^^^^^^^^^^^^^^^^^^\n");
});

test("a label at the end of the text has one caret", () => {
  const end = { ...diagnostic, secondary: [], primary: { span: { file: 1, start: 20, end: 20 }, text: "end" } };
  expect(renderPretty(end, sources)).toContain("  |                     ^ end");
});

test("colours are escape codes around the same text", () => {
  const coloured = renderPretty(diagnostic, sources, ansi);
  expect(coloured).toContain("\u001b[1;31m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is looked for.
  expect(coloured.replaceAll(/\u001b\[[0-9;]*m/g, "")).toBe(renderPretty(diagnostic, sources));
});

test("JSON has places that count from 1", () => {
  expect(renderJson(diagnostic, sources)).toEqual({
    code: "E0999",
    severity: "error",
    title: "`q - k < w` is not right",
    file: "dir/near.attn",
    line: 2,
    column: 2,
    endLine: 2,
    endColumn: 11,
    labels: [
      { file: "dir/near.attn", line: 2, column: 2, endLine: 2, endColumn: 11, text: "here", primary: true },
      { file: "dir/near.attn", line: 5, column: 15, endLine: 5, endColumn: 16, text: "not this", primary: false },
      { file: "std", line: 1, column: 6, endLine: 1, endColumn: 12, text: "nor this", primary: false },
    ],
    why: "because",
    hint: "write `true`",
  });
});

test("annotations escape what GitHub reads as signs", () => {
  const title = { ...diagnostic, title: "100%\nof `a`", hint: "write `::`" };
  expect(renderGithub(title, [{ path: "a,b:c.attn", text: sources[0]!.text }, sources[1]!])).toBe(
    "::error file=a%2Cb%3Ac.attn,line=2,col=2,endColumn=11,title=E0999::100%25%0Aof `a`%0Abecause%0Ahint: write `::`",
  );
});

test("a file without text has frames, too", () => {
  const { diagnostics, sources: files } = checked("");
  for (const problem of diagnostics) expect(renderPretty(problem, files)).toContain("test.attn:1:1");
});
