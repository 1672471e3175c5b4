// The catalogue says what is true: every wrong example has its problem and hardly another one, every mended one is clean.

import { describe, expect, test } from "vitest";
import { ALL_CODES, CODES, diagnosticsPage, entryOf, explainCode, STAGES } from "../../../src/diagnostics/codes.ts";
import { checked, expectClean } from "../../check.ts";

const isOfTheFile = (code: string) => /^[EW]0[1-5]/.test(code);

describe.for(ALL_CODES.filter((code) => isOfTheFile(code) && CODES[code].wrong !== undefined))("%s", (code) => {
  test("its wrong example has the problem, and no other error", () => {
    const found = checked(CODES[code].wrong!).diagnostics;
    expect(found.map((diagnostic) => diagnostic.code)).toContain(code);
    const others = found.filter((diagnostic) => diagnostic.severity === "error" && diagnostic.code !== code);
    expect(others.map(({ code: other, title }) => `${other} ${title}`)).toEqual([]);
  });

  test("its mended example is clean", () => {
    expectClean(CODES[code].right!);
  });
});

test("the examples of targets are at least right", () => {
  for (const code of ALL_CODES) if (!isOfTheFile(code) && CODES[code].right) expectClean(CODES[code].right!);
});

test("a code is found in either case, and an unknown one is not", () => {
  expect(entryOf("e0301")?.code).toBe("E0301");
  expect(explainCode("E0301")).toContain("mask near = q - k < 128");
  expect(explainCode("E9999")).toBeUndefined();
});

test("every code belongs to a chapter", () => {
  const prefixes = STAGES.flatMap((stage) => stage.prefixes);
  expect(ALL_CODES.filter((code) => !prefixes.includes(code.slice(0, 3)))).toEqual([]);
});

test("meanings are one line without a dot, explanations are sentences", () => {
  for (const code of ALL_CODES) {
    expect(CODES[code].meaning, code).toMatch(/^[^\n]*[^.\n]$/);
    expect(CODES[code].explanation, code).toMatch(/^[A-Z`"].*[.]$/s);
  }
});

test("docs/diagnostics.md is made from the catalogue", async () => {
  await expect(diagnosticsPage()).toMatchFileSnapshot("../../../docs/diagnostics.md");
});
