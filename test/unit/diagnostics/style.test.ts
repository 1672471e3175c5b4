// The words of every problem that the corpus can produce follow the style page.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Diagnostic } from "../../../src/diagnostics/diagnostic.ts";
import { checked } from "../../check.ts";

const folder = new URL("../../corpus/errors/", import.meta.url);
const diagnostics: Diagnostic[] = readdirSync(folder)
  .filter((name) => name.endsWith(".attn"))
  .flatMap((name) => checked(readFileSync(new URL(name, folder), "utf8")).diagnostics);

const shown = ({ code, title }: Diagnostic) => `${code}: ${title}`;
const breaking = (rule: (diagnostic: Diagnostic) => boolean) => [
  ...new Set(diagnostics.filter((diagnostic) => !rule(diagnostic)).map(shown)),
];

test("titles begin in lower case or with the user's text, and end without a dot", () => {
  expect(breaking(({ title }) => /^[a-z`"]/.test(title) && !/[.\n]$/.test(title))).toEqual([]);
});

test("titles are short", () => {
  expect(breaking(({ title }) => title.length <= 130)).toEqual([]);
});

test("labels are short and end without a dot", () => {
  expect(
    breaking(({ primary, secondary }) =>
      [primary, ...secondary].every(({ text }) => text.length > 0 && text.length <= 60 && !text.endsWith(".")),
    ),
  ).toEqual([]);
});

test("every problem says why, in one sentence without a final dot", () => {
  expect(breaking(({ why }) => why !== undefined && /^[a-z`0-9]/.test(why) && !/[.\n]$/.test(why))).toEqual([]);
});

test("every hint says what to do", () => {
  expect(breaking(({ hint }) => hint !== undefined && /^[a-z`]/.test(hint) && !hint.endsWith("."))).toEqual([]);
});

test("most hints hold the text to type", () => {
  const withCode = diagnostics.filter(({ hint }) => hint?.includes("`"));
  expect(withCode.length / diagnostics.length).toBeGreaterThan(0.85);
});

test("nobody is blamed, and no word of the compiler's inside appears", () => {
  const banned =
    /\b(invalid|illegal|unexpected|you must|must not|CST|AST|IR|lower(ed|ing)|node|elaborat\w+|syntax error)\b/i;
  expect(
    breaking(({ title, why = "", hint = "", primary }) => !banned.test([title, why, hint, primary.text].join(" "))),
  ).toEqual([]);
});

test("backticks stand in pairs", () => {
  const paired = (text = "") => text.split("`").length % 2 === 1;
  expect(breaking(({ title, why, hint }) => paired(title) && paired(why) && paired(hint))).toEqual([]);
});
