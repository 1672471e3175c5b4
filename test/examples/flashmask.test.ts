// The columns that FlashMask's generators write mean the masks of their names, in the example too.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeTensor } from "../../src/tensors/elements.ts";
import { maskRows, predicateRows } from "../unit/std/calls.ts";
import { COLUMNS, FAMILIES, TOKENS } from "./flashmask.ts";

const text = readFileSync(new URL("../../examples/27-flashmask.attn", import.meta.url), "utf8");

test("there are thirteen", () => {
  expect(Object.keys(FAMILIES)).toHaveLength(13);
});

test.each(Object.entries(FAMILIES))("%s", (_, { ends, isVisible }) => {
  const columns = Array.from({ length: TOKENS }, (_, k) => ends(k));
  const tensors = COLUMNS.map((name, at) => {
    const line = columns.map((column) => column[at]!);
    return [name, makeTensor("i32", [1, TOKENS], line)] as const;
  });
  const rows = maskRows(text, { shape: { keys: TOKENS }, tensors: Object.fromEntries(tensors) });
  expect(rows).toEqual(predicateRows(TOKENS, TOKENS, isVisible));
});
