// What examples/README.md says of the sets of others: all masks and scores of attention-gym and all generators of FlashMask have
// an example, which exists and has a formula of its own.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FAMILIES } from "./flashmask.ts";
import { EXPECTED } from "./formulas.ts";

const text = readFileSync(new URL("../../examples/README.md", import.meta.url), "utf8");
const [, ofMasks = "", ofScores = ""] = text.slice(text.indexOf("## Sets of others")).split("| attention-gym, ");
const examplesOf = (table: string) => [...table.matchAll(/^\| .* \| `([^`]+)` \|$/gm)].map(([, name]) => name!);

test.each([
  ["masks", ofMasks, 21],
  ["scores", ofScores, 7],
] as const)("attention-gym's %s are all there", (_, table, count) => {
  const names = examplesOf(table);
  expect(new Set(names).size).toBe(count);
  expect(names.filter((name) => !EXPECTED[name])).toEqual([]);
});

test("FlashMask's generators are all named", () => {
  const named = text.slice(text.indexOf("FlashMask's thirteen generators")).replaceAll("\n", " ");
  expect(Object.keys(FAMILIES).filter((name) => !named.includes(name))).toEqual([]);
});
