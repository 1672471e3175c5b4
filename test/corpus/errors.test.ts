// Every file of test/corpus/errors is wrong in exactly the places that its first lines say:
//
//     //! E0301 3:21-3:26        code, and line:column of the primary label's start and end
//
// Every code of a problem in a file has a file of its own; a few are too large or too empty to say what they expect.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ALL_CODES } from "../../src/diagnostics/codes.ts";
import { positionAt } from "../../src/source/source-file.ts";
import { checked } from "../check.ts";

const folder = new URL("errors", import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));

test.for(files)("%s", (name) => {
  const text = readFileSync(join(folder, name), "utf8");
  const expected = [...text.matchAll(/^\/\/! (.+)$/gm)].map(([, line]) => line!.trim());
  const { diagnostics, sources } = checked(text, neighbours());
  const found = diagnostics.map(({ code, primary: { span } }) => {
    const [start, end] = [span.start, span.end].map((offset) => positionAt(sources[span.file]!, offset));
    return `${code} ${start!.line}:${start!.column}-${end!.line}:${end!.column}`;
  });
  expect(found.toSorted()).toEqual(expected.toSorted());
  expect(expected.some((line) => line.startsWith(name.slice(0, 5)))).toBe(true);
});

/** Files of the corpus may import each other. */
function neighbours(): Record<string, string> {
  return Object.fromEntries(files.map((name) => [`./${name}`, readFileSync(join(folder, name), "utf8")]));
}

/** Files that cannot hold a comment, or would be too large to read: unit tests make them. */
const MADE_BY_TESTS = ["E0113", "E0114"];

test("every code of a file's problems has a file", () => {
  const ofFiles = ALL_CODES.filter((code) => /^[EW]0[1-5]/.test(code) && !MADE_BY_TESTS.includes(code));
  expect(ofFiles.filter((code) => !files.some((name) => name.startsWith(code)))).toEqual([]);
});
