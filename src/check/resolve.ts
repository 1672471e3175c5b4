// Names → declarations. Every file has one namespace for what it declares and what it imports. Duplicates, reserved
// names, imports that do not exist and declarations that use themselves are found here, once, before any expression
// is looked at. Parameters are not resolved here: they shadow declarations, and the elaborator binds them.

import type { CheckProblem } from "../diagnostics/check-problem.ts";
import type { Name } from "../source/span.ts";
import type * as ast from "../syntax/ast.ts";
import { reservedForDeclaration } from "./reserved.ts";

export type NamedDeclaration = Extract<
  ast.Declaration,
  { kind: "fn" | "mask" | "score" | "attention" | "sparsity" | "permutation" }
>;

/** A declaration and the file whose names its body sees. */
export type Entry = { readonly declaration: NamedDeclaration; readonly file: number };

/** `broken`: the name is known to be a mistake that was already reported, so its uses are passed over in silence. */
export type Scope = ReadonlyMap<string, Entry | "broken">;

export type Report = (problem: CheckProblem) => void;

export type Declarations = {
  readonly entries: readonly Entry[];
  /** By file index. */
  readonly scopes: readonly Scope[];
  /** At least one declaration of every cycle; their uses are passed over in silence. */
  readonly recursive: ReadonlySet<Entry>;
};

export function resolve(program: ast.Program, report: Report): Declarations {
  const own = program.files.map((file) => declaredNames(file, report));
  const scopes = program.files.map((file, index) => withImports(program, index, file, own, report));
  const entries = own.flatMap((names) => [...names.values()].filter((entry) => entry !== "broken"));
  reportUnusedImports(program, scopes, report);
  return { entries, scopes, recursive: findCycles(entries, scopes, report) };
}

function declaredNames(file: ast.File, report: Report): Map<string, Entry | "broken"> {
  const names = new Map<string, Entry | "broken">();
  const spans = new Map<string, Name>();
  for (const declaration of file.declarations) {
    if (declaration.kind === "import") continue;
    if (declaration.kind === "broken") {
      for (const { text } of declaration.names) names.set(text, "broken");
      continue;
    }
    if (declaration.kind === "unsupported") {
      report({
        code: "E0501",
        kind: "declaration-unsupported",
        at: declaration.span,
        construct: declaration.construct,
      });
      if (declaration.name) names.set(declaration.name.text, "broken");
      continue;
    }
    const { name } = declaration;
    const first = spans.get(name.text);
    const meaning = reservedForDeclaration(name.text);
    if (first) report({ code: "E0203", kind: "duplicate-name", name, first: first.span });
    else if (meaning) report({ code: "E0204", kind: "reserved-name", name, as: "declaration", meaning });
    if (first) continue;
    spans.set(name.text, name);
    names.set(name.text, { declaration, file: file.file });
  }
  return names;
}

function withImports(
  program: ast.Program,
  index: number,
  file: ast.File,
  own: readonly ReadonlyMap<string, Entry | "broken">[],
  report: Report,
): Scope {
  const scope = new Map(own[index]);
  const imported = new Map<string, Name>();
  for (const declaration of file.declarations) {
    if (declaration.kind !== "import") continue;
    const source = program.imports[index]?.get(declaration.from);
    const available = source === undefined ? undefined : own[source];
    for (const name of declaration.names) {
      const known = scope.get(name.text);
      const first = imported.get(name.text)?.span ?? (known && known !== "broken" && known.declaration.name.span);
      if (first) {
        report({ code: "E0203", kind: "duplicate-name", name, first });
        continue;
      }
      const entry = available?.get(name.text);
      if (available && !entry) {
        const names = [...available.keys()];
        report({ code: "E0202", kind: "unknown-import", name, from: declaration.from, available: names });
      }
      imported.set(name.text, name);
      scope.set(name.text, entry ?? "broken");
    }
  }
  return scope;
}

function reportUnusedImports(program: ast.Program, scopes: readonly Scope[], report: Report): void {
  for (const [index, file] of program.files.entries()) {
    const imports = file.declarations.filter((declaration) => declaration.kind === "import");
    // What could not be read may use anything.
    if (imports.length === 0 || file.declarations.some(isBroken)) continue;
    const used = new Set<string>();
    for (const declaration of file.declarations) for (const name of usedNames(declaration)) used.add(name.text);
    for (const { names, from } of imports) {
      for (const name of names) {
        const known = scopes[index]?.get(name.text);
        const isImported = known !== "broken" && known?.file !== file.file;
        if (isImported && !used.has(name.text)) report({ code: "W0201", kind: "unused-import", name, from });
      }
    }
  }
}

const isBroken = (declaration: ast.Declaration) =>
  declaration.kind === "broken" ||
  (declaration.kind === "attention" && declaration.clauses.some(({ kind }) => kind === "broken"));

type Visit = { readonly entry: Entry; readonly uses: readonly Name[]; next: number };

/** Depth-first, with an explicit stack: a chain of declarations may be as long as the file. */
function findCycles(entries: readonly Entry[], scopes: readonly Scope[], report: Report): Set<Entry> {
  const recursive = new Set<Entry>();
  const done = new Set<Entry>();
  for (const root of entries) {
    if (done.has(root)) continue;
    const path: Visit[] = [];
    const depths = new Map<Entry, number>();
    const enter = (entry: Entry) => {
      depths.set(entry, path.length);
      path.push({ entry, uses: [...usedNames(entry.declaration)], next: 0 });
    };
    enter(root);
    while (path.length > 0) {
      const visit = path.at(-1)!;
      const use = visit.uses[visit.next++];
      if (!use) {
        done.add(visit.entry);
        path.pop();
        continue;
      }
      const target = scopes[visit.entry.file]?.get(use.text);
      if (!target || target === "broken" || done.has(target)) continue;
      const start = depths.get(target);
      if (start === undefined) enter(target);
      else reportCycle(path.slice(start), recursive, report);
    }
  }
  return recursive;
}

function reportCycle(cycle: readonly Visit[], recursive: Set<Entry>, report: Report): void {
  const known = cycle.some(({ entry }) => recursive.has(entry));
  for (const { entry } of cycle) recursive.add(entry);
  if (known) return;
  const chain = cycle.map(({ uses, next }) => uses[next - 1]!);
  report({ code: "E0205", kind: "recursive-declaration", name: cycle[0]!.entry.declaration.name, chain });
}

/** Names of other declarations in an expression, a parameter list or a clause. Parameters shadow declarations. */
function* usedNames(declaration: ast.Declaration): Generator<Name> {
  if (declaration.kind === "import" || declaration.kind === "unsupported" || declaration.kind === "broken") return;
  const parameters = new Set(declaration.params.map(({ name }) => name.text));
  const expressions: (ast.Expr | undefined)[] = declaration.params.map((parameter) => parameter.default);
  if ("value" in declaration) expressions.push(declaration.value);
  if ("rules" in declaration) {
    for (const { parts } of declaration.rules) expressions.push(...parts.map(({ value }) => value));
  }
  if ("clauses" in declaration) {
    for (const clause of declaration.clauses) {
      if ("callee" in clause) yield clause.callee;
      expressions.push(...clauseExpressions(clause));
    }
  }
  while (expressions.length > 0) {
    const expression = expressions.pop();
    if (!expression) continue;
    if (expression.kind === "call") yield expression.callee;
    if (expression.kind === "name" && !parameters.has(expression.name.text)) yield expression.name;
    for (const child of children(expression)) expressions.push(child);
  }
}

function clauseExpressions(clause: ast.Clause): readonly (ast.Expr | undefined)[] {
  switch (clause.kind) {
    case "grid":
      return [clause.origin, ...clause.axes.map(({ extent }) => extent)];
    case "mask":
    case "score":
    case "weight":
    case "scale":
    case "align":
      return [clause.value];
    case "normalize":
      return [clause.sink];
    case "sparsity":
    case "permute":
      return clause.args;
    case "output":
      return [clause.value];
    case "empty":
    case "unsupported":
    case "broken":
      return [];
  }
}

function children(expression: ast.Expr): readonly ast.Expr[] {
  switch (expression.kind) {
    case "index":
      return expression.at;
    case "call":
      // The name in `len(axis)` is an axis.
      return expression.callee.text === "len" ? [] : expression.args;
    case "unary":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "compare":
      return [expression.first, ...expression.rest.map(({ operand }) => operand)];
    case "if":
      return [expression.condition, expression.then, expression.else];
    case "reduce":
      return [expression.operand, ...(expression.width ? [expression.width] : []), ...rangeOf(expression)];
    case "literal":
    case "name":
    case "member":
    case "unsupported":
      return [];
  }
}

const rangeOf = ({ range }: Extract<ast.Expr, { kind: "reduce" }>) => (range ? [range.value] : []);
