// The invariants of docs/architecture.md that can be read off the source: who imports whom, how large files are, that
// targets hold literals only, and that the core stays free of Node, of the clock and of chance.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Node, Project, SyntaxKind } from "ts-morph";
import { describe, expect, test } from "vitest";

const root = new URL("..", import.meta.url).pathname;
const files = ["grammar", "src", "targets"]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((f) => `${folder}/${f}`),
  )
  .filter((path) => path.endsWith(".ts") && !path.startsWith("src/generated/"))
  .sort();
const textOf = (path: string) => readFileSync(join(root, path), "utf8");
/** Without comments; a string that holds a comment's sign loses its end, which no test here minds. */
const codeOf = (path: string) => textOf(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^;"'`]*?\bfrom\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s+"([^"]+)"/g;
const importsOf = (path: string) =>
  [...textOf(path).matchAll(IMPORT)].map((match) => (match[1] ?? match[2] ?? match[3])!);

/** The folder that the table speaks of: `src/check` for src/check/a/b.ts, `grammar`, `targets`. */
const folderOf = (path: string) =>
  path.startsWith("src/") ? path.split("/").slice(0, 2).join("/") : path.split("/")[0]!;

const table = new Map(
  [
    ...textOf("docs/architecture.md")
      .split("## Where things are")[0]!
      .matchAll(/^\| (`[^|]+`) \| ([a-z, -]+) \|$/gm),
  ].flatMap(([, names, allowed]) =>
    [...names!.matchAll(/`([^`]+)`/g)].map(
      ([, name]) =>
        [
          name!,
          allowed === "nothing"
            ? []
            : allowed!.split(", ").map((a) => (/^(grammar|targets)$/.test(a) ? a : `src/${a}`)),
        ] as const,
    ),
  ),
);

describe("imports follow the table of docs/architecture.md", () => {
  const folders = [...new Set(files.map(folderOf))].filter((folder) => !folder.endsWith(".ts"));
  // The command and the files at the root of src stand above every stage.
  const free = new Set(["src/cli"]);

  for (const folder of folders.filter((name) => !free.has(name))) {
    test(folder, () => {
      expect(table.has(folder), `${folder} has no row in the table`).toBe(true);
      const allowed = new Set([folder, ...(table.get(folder) ?? [])]);
      const forbidden = files
        .filter((path) => folderOf(path) === folder)
        .flatMap((path) =>
          importsOf(path)
            .filter((specifier) => specifier.startsWith("."))
            .map((specifier) => relative(root, join(root, dirname(path), specifier)))
            .filter((imported) => !allowed.has(folderOf(imported).replace(/\.ts$/, "")))
            .map((imported) => `${path} imports ${imported}`),
        );
      expect(forbidden).toEqual([]);
    });
  }
});

const HOMES: Readonly<Record<string, RegExp>> = {
  chevrotain: /^(grammar|src\/syntax)\//,
  handlebars: /^src\/(backend\/template|generate)\.ts$/,
  "ts-morph": /^src\/(bindings\/|generate\.ts$)/,
  watr: /^src\/backend\/wasm\/assemble\.ts$/,
  commander: /^src\/cli\//,
};

describe("the core", () => {
  test("uses every package in its one home", () => {
    const strays = files.flatMap((path) =>
      importsOf(path)
        .map((specifier) => ({ path, home: HOMES[specifier.split("/")[0]!] }))
        .filter(({ home }) => home && !home.test(path))
        .map(() => path),
    );
    expect(strays).toEqual([]);
  });

  test("touches no Node API outside of the command and the generators", () => {
    const users = files.filter((path) => importsOf(path).some((specifier) => specifier.startsWith("node:")));
    expect(users.filter((path) => !/^(src\/cli\/|(src|grammar)\/generate\.ts$)/.test(path))).toEqual([]);
  });

  test("asks targets for features, never for names", () => {
    expect(files.filter((path) => /target\.name\s*[!=]==/.test(codeOf(path)))).toEqual([]);
  });
});

describe("files", () => {
  test("stay under 400 lines, tables excepted", () => {
    const tables = /(ops|codes|describe-[a-z-]+|index)\.ts$|^grammar\/(cst|parser)\.ts$/;
    const large = files.filter((path) => !tables.test(path) && textOf(path).split("\n").length > 401);
    expect(large).toEqual([]);
  });

  test("open by saying what they are", () => {
    expect(files.filter((path) => !/^(#!.*\n)?\/[/*]/.test(textOf(path)))).toEqual([]);
  });

  test("that describe targets hold literals only, some on top of another's", () => {
    const project = new Project({ useInMemoryFileSystem: true });
    const computed = files
      .filter((path) => path.startsWith("targets/") && !/^targets\/(target|index)\.ts$/.test(path))
      .flatMap((path) =>
        project
          .createSourceFile(path, textOf(path))
          .getVariableDeclarations()
          .flatMap((target) => target.getInitializerOrThrow().forEachDescendantAsArray())
          .filter((node) => !LITERAL.has(node.getKind()) && !isPropertyName(node) && !isOtherTarget(node))
          .map((node) => `${path}:${node.getStartLineNumber()} ${node.getText()}`),
      );
    expect(computed).toEqual([]);
  });

  test("leave the clock, chance and the machine to the command", () => {
    const impure = /\bMath\.random\b|\bDate\b|\bperformance\b|\bprocess\.|\bglobalThis\b/;
    const readers = files.filter((path) => !/^src\/(cli\/|generate\.ts)/.test(path) && impure.test(codeOf(path)));
    expect(readers).toEqual([]);
  });

  test("have names and exports that say what they are", () => {
    expect(files.filter((path) => /\b(utils?|helpers?|misc|common)\.ts$/.test(path))).toEqual([]);
    expect(files.filter((path) => /^export default\b/m.test(codeOf(path)))).toEqual([]);
  });
});

describe("the package", () => {
  test("locks versions and not the addresses that one machine had them from", () => {
    expect(textOf("package-lock.json")).not.toMatch(/"resolved": *"https?:/);
    expect(textOf(".npmrc")).not.toMatch(/^\s*(@\S+:)?registry\s*=/m);
  });
});

const LITERAL: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.PropertyAssignment,
  SyntaxKind.ObjectLiteralExpression,
  SyntaxKind.ArrayLiteralExpression,
  SyntaxKind.StringLiteral,
  SyntaxKind.NumericLiteral,
  SyntaxKind.TrueKeyword,
  SyntaxKind.FalseKeyword,
]);

/** `...webgpu`, ahead of what differs. */
const isOtherTarget = (node: Node) =>
  [node, node.getParentOrThrow()].some((each) => Node.isSpreadAssignment(each) && each.getChildIndex() === 0);

const isPropertyName = (node: Node) =>
  Node.isPropertyAssignment(node.getParent()) &&
  Node.isIdentifier(node) &&
  node.getNextSiblingIfKind(SyntaxKind.ColonToken) !== undefined;
