// What examples/ shows is what the compiler says today: committed pictures and tensors are those that `npm run pictures`
// writes, and the table in examples/README.md has every attention, in order, with its picture and its density.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drawExamples, EXAMPLES } from "./pictures.ts";
import { SAMPLE_PATH, sampleFile } from "./sample.ts";

const drawings = drawExamples();

test.each(drawings.map((drawing) => [drawing.name, drawing] as const))("%s has a fresh picture", (_, { path, svg }) => {
  const isFresh = readFileSync(join(EXAMPLES, path), "utf8") === svg;
  expect(isFresh, `examples/${path} is not fresh: npm run pictures, then look at what changed`).toBe(true);
});

test("there is no picture of an example that is gone", () => {
  const known = drawings.map(({ path }) => path.replace("pictures/", ""));
  expect(readdirSync(join(EXAMPLES, "pictures")).sort()).toEqual(known.sort());
});

test("the sample tensors are fresh", () => {
  expect(readFileSync(join(EXAMPLES, SAMPLE_PATH)).equals(sampleFile())).toBe(true);
});

test("the table of examples/README.md names every attention in order", () => {
  const rows = readFileSync(join(EXAMPLES, "README.md"), "utf8").matchAll(
    /^\| <img src="([^"]+)".*?\| \[`([^`]+)`\]\(([^)]+)\) \|.*\| (\S+ %) \|$/gm,
  );
  const listed = [...rows].map(([, path, name, link, density]) => ({ path, name, link, density }));
  expect(listed).toEqual(
    drawings.map(({ path, name, density }) => ({ path, name, link: name.split("#")[0], density })),
  );
});
