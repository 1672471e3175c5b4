// Files and what they import.

import { expect, test } from "vitest";
import { describeSyntax } from "../../../src/diagnostics/describe-syntax.ts";
import type { SyntaxProblem } from "../../../src/diagnostics/syntax-problem.ts";
import type { Sources } from "../../../src/source/source-file.ts";
import { parseProgram } from "../../../src/syntax/program.ts";

function load(files: Readonly<Record<string, string>>) {
  const sources: Sources = (specifier) => {
    const text = files[specifier];
    return text === undefined ? { missing: "there is no such file" } : { path: specifier, text };
  };
  const program = parseProgram({ path: "main", text: files.main! }, sources);
  const problems = (program.problems as readonly SyntaxProblem[]).map((problem) => {
    const place = program.sources[problem.at.file]!;
    return `${place.path}: ${describeSyntax(problem).title} at ${place.text.slice(problem.at.start, problem.at.end)}`;
  });
  return { ...program, problems };
}

test("files are listed in the order of discovery, each once", () => {
  const { sources, value, problems } = load({
    main: 'import { a } from "left" import { c } from "right"',
    left: 'import { d } from "shared" mask a = d',
    right: 'import { d } from "shared" mask c = d',
    shared: "mask d = q >= k",
  });
  expect(problems).toEqual([]);
  expect(sources.map(({ path }) => path)).toEqual(["main", "left", "right", "shared"]);
  expect(value.files.map(({ file }) => file)).toEqual([0, 1, 2, 3]);
  expect(value.imports.map((imports) => Object.fromEntries(imports))).toEqual([
    { left: 1, right: 2 },
    { shared: 3 },
    { shared: 3 },
    {},
  ]);
});

test("the resolver is asked with the file that imports", () => {
  const asked: string[] = [];
  parseProgram({ path: "a/main", text: 'import { x } from "./b"' }, (specifier, from) => {
    asked.push(`${specifier} from ${from}`);
    return { missing: "no" };
  });
  expect(asked).toEqual(["./b from a/main"]);
});

test("a file that is not found is a problem where it is imported, with the reason", () => {
  const { problems, value } = load({ main: 'import { a } from "nowhere" mask m = a' });
  expect(problems).toEqual(['main: cannot import `nowhere` at "nowhere"']);
  expect(value.imports[0]!.has("nowhere")).toBe(false);
});

test("problems of imported files point into these", () => {
  expect(load({ main: 'import { a } from "b"', b: "mask a = q && k" }).problems).toEqual([
    "b: `&&` is not written in this language at &&",
  ]);
});

test("circles name every file on the way", () => {
  const circle = { main: 'import { a } from "b"', b: 'import { a } from "c"', c: 'import { a } from "b"' };
  expect(load(circle).problems).toEqual(['c: files import each other in a circle: `b` → `c` → `b` at "b"']);
  expect(load({ main: 'import { a } from "main"' }).problems).toEqual([
    'main: files import each other in a circle: `main` → `main` at "main"',
  ]);
});

test("a file may be imported over several ways, but a name only once", () => {
  const text = 'import { a, c } from "b" import { c, d } from "b"';
  expect(load({ main: text, b: "mask a = true mask c = true mask d = true" }).problems).toEqual([
    "main: `c` is imported twice at c",
  ]);
});

test("a chain of thousands of files is read", () => {
  const files = Object.fromEntries(
    Array.from({ length: 5000 }, (_, i) => [`f${i}`, `import { a } from "f${i + 1}"`] as const),
  );
  const { sources, problems } = load({ ...files, main: 'import { a } from "f0"', f5000: "mask a = true" });
  expect(problems).toEqual([]);
  expect(sources.length).toBe(5002);
});
