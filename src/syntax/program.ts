// A file with everything that it imports. Files are found by the resolver that is passed in, because the compiler has no
// file system; each is parsed once, and imports must not lead back to where they came from.

import type { Outcome } from "../diagnostics/problem.ts";
import type { SyntaxProblem } from "../diagnostics/syntax-problem.ts";
import type { SourceFile, Sources } from "../source/source-file.ts";
import type { Span } from "../source/span.ts";
import type * as ast from "./ast.ts";
import { parseFile } from "./parse.ts";

type Import = Extract<ast.Declaration, { kind: "import" }>;
/** An import that was found: which file it names, and where that is written. */
type Edge = { readonly to: number; readonly at: Span };

/** The files of a program, entry first, with the texts that spans of its problems point into.
 *  Problems: those of each file, E0117 files that are not found, E0118 cycles, E0119 names imported twice. */
export function parseProgram(
  entry: SourceFile,
  sources: Sources,
): Outcome<ast.Program> & { readonly sources: readonly SourceFile[] } {
  const found: SourceFile[] = [entry];
  const indexOf = new Map([[entry.path, 0]]);
  const files: ast.File[] = [];
  const imports: ReadonlyMap<string, number>[] = [];
  const edges: Edge[][] = [];
  const problems: Outcome<ast.Program>["problems"][number][] = [];

  // `found` grows while it is read: files wait there in order of discovery.
  for (let file = 0; file < found.length; file++) {
    const source = found[file]!;
    const parsed = parseFile(source, file);
    problems.push(...parsed.problems);
    const targets = new Map<string, number>();
    edges.push([]);
    for (const declaration of parsed.value.declarations) {
      if (declaration.kind !== "import") continue;
      const { from: specifier, fromSpan: at } = declaration;
      const target = sources(specifier, source.path);
      if ("missing" in target) {
        problems.push({ code: "E0117", kind: "import-not-found", at, specifier, reason: target.missing });
        continue;
      }
      const known = indexOf.get(target.path);
      const to = known ?? found.push(target) - 1;
      indexOf.set(target.path, to);
      targets.set(specifier, to);
      edges[file]!.push({ to, at });
    }
    const distinct = withoutDuplicates(parsed.value, targets);
    problems.push(...distinct.problems);
    files.push(distinct.file);
    imports.push(targets);
  }
  problems.push(...cycles(edges, found));
  return { value: { files, imports }, problems, sources: found };
}

/** The file with every name imported once from each other file. */
function withoutDuplicates(file: ast.File, targets: ReadonlyMap<string, number>) {
  const first = new Map<string, Span>();
  const problems: SyntaxProblem[] = [];
  const declarations = file.declarations.map((declaration) => {
    if (declaration.kind !== "import") return declaration;
    const names = declaration.names.filter(({ text, span }) => {
      const key = `${targets.get(declaration.from)} ${text}`;
      const known = first.get(key);
      if (known) problems.push({ code: "E0119", kind: "duplicate-import", at: span, name: text, first: known });
      else first.set(key, span);
      return !known;
    });
    return names.length === declaration.names.length ? declaration : ({ ...declaration, names } satisfies Import);
  });
  return { file: { ...file, declarations }, problems };
}

/** E0118 for every import that leads back to a file on the way to it. A walk in depth with a stack of its own, because a
 *  chain of imports may be long. */
function cycles(edges: readonly (readonly Edge[])[], sources: readonly SourceFile[]): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const visited = new Set([0]);
  const way = [{ file: 0, next: 0 }];
  while (way.length > 0) {
    const here = way.at(-1)!;
    const edge = edges[here.file]![here.next++];
    if (!edge) {
      way.pop();
      continue;
    }
    const start = way.findIndex(({ file }) => file === edge.to);
    if (start >= 0) {
      const chain = [...way.slice(start).map(({ file }) => file), edge.to].map((file) => sources[file]!.path);
      problems.push({ code: "E0118", kind: "import-cycle", at: edge.at, chain });
    } else if (!visited.has(edge.to)) {
      visited.add(edge.to);
      way.push({ file: edge.to, next: 0 });
    }
  }
  return problems;
}
