// The library as a whole: clean, documented, and known to the hints.

import { expect, test } from "vitest";
import { STD_NAMES } from "../../../src/diagnostics/std-names.ts";
import { withStandardLibrary } from "../../../src/std-sources.ts";
import { parseProgram } from "../../../src/syntax/program.ts";
import { expectClean } from "../../check.ts";

const library = withStandardLibrary(() => ({ missing: "" }))("std", "test.attn");
const text = "text" in library ? library.text : "";
const declarations = parseProgram({ path: "std", text }, () => ({ missing: "" })).value.files[0]!.declarations;

test("nothing is wrong with it, and nothing doubtful", () => {
  expectClean(text);
});

test("hints know every declaration that is documented, and no other", () => {
  const documented = declarations.flatMap((declaration) =>
    "documentation" in declaration && declaration.documentation !== "" && !isHelper(declaration.name.text)
      ? [declaration.name.text]
      : [],
  );
  expect(documented.toSorted()).toEqual(STD_NAMES);
});

/** Functions that the others are made of. */
const HELPERS = [
  "places",
  "window_start",
  "leader",
  "power_of_two",
  "apart",
  "far_apart",
  "side",
  "quarter",
  "turn",
  "turns",
  "four_turns",
];
const isHelper = (name: string) => HELPERS.includes(name);

test("the documentation of a mask holds its formula", () => {
  for (const declaration of declarations) {
    if (declaration.kind !== "mask") continue;
    expect(declaration.documentation, declaration.name.text).toMatch(/[<>=]=?/);
  }
});

test("other files are found as before", () => {
  const find = withStandardLibrary((specifier) => ({ path: specifier, text: "mask all = true" }));
  expect(find("./other.attn", "test.attn")).toEqual({ path: "./other.attn", text: "mask all = true" });
});
