// Joins the small files of the runtime into one, so that an artefact folder needs no package: dependencies first, the
// imports between them dropped, types stripped into JavaScript and collected into declarations. Runs when this package
// is built, not when a user compiles.

import type { ExportDeclaration, ImportDeclaration, Project, SourceFile } from "ts-morph";

export type Bundle = { readonly javascript: string; readonly declarations: string };

/** `files` maps a name such as `wasm.ts` to its text; imports are `./name.ts`. What the entry exports is exported.
 *  Throws when two files declare one name, or an import renames: the joined file would mean something else. */
export async function bundle(entry: string, files: Readonly<Record<string, string>>): Promise<Bundle> {
  const { Node, Project, ts } = await import("ts-morph");
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  const ordered = dependenciesFirst(entry, files, project);
  demandDistinctNames(ordered);
  const exported = new Set([...project.getSourceFileOrThrow(entry).getExportedDeclarations().values()].flat());
  const hidden = ordered
    .flatMap((file) => [...file.getExportedDeclarations().values()].flat())
    .filter((declaration) => !exported.has(declaration));
  for (const declaration of hidden) {
    const statement = declaration.getFirstAncestorByKind(ts.SyntaxKind.VariableStatement) ?? declaration;
    if (Node.isExportable(statement)) statement.setIsExported(false);
  }
  const source = ordered.map(withoutImports).join("\n");
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, declaration: true };
  const { outputText: declarations, diagnostics = [] } = ts.transpileDeclaration(source, { compilerOptions });
  const [untyped] = diagnostics;
  if (untyped) throw new Error(`the runtime: ${ts.flattenDiagnosticMessageText(untyped.messageText, " ")}`);
  return { javascript: ts.transpileModule(source, { compilerOptions }).outputText, declarations };
}

function dependenciesFirst(entry: string, files: Readonly<Record<string, string>>, project: Project): SourceFile[] {
  const found = new Map<string, SourceFile>();
  const visit = (name: string) => {
    if (project.getSourceFile(name)) return;
    const text = files[name];
    if (text === undefined) throw new Error(`the runtime has no file ${name}`);
    const file = project.createSourceFile(name, text);
    for (const imported of importsOf(file)) visit(localName(imported.getModuleSpecifierValue()!));
    found.set(name, file);
  };
  visit(entry);
  return [...found.values()];
}

/** `import … from` and `export … from`. */
function importsOf(file: SourceFile): (ImportDeclaration | ExportDeclaration)[] {
  const exports = file.getExportDeclarations().filter((declaration) => declaration.hasModuleSpecifier());
  return [...file.getImportDeclarations(), ...exports];
}

function localName(specifier: string): string {
  if (!specifier.startsWith("./")) throw new Error(`the runtime must stand alone, but imports ${specifier}`);
  return specifier.slice(2);
}

function demandDistinctNames(files: readonly SourceFile[]): void {
  const owners = new Map<string, string>();
  for (const file of files) {
    const imported = importedNames(file);
    for (const name of file.getLocals().map((symbol) => symbol.getName())) {
      if (imported.has(name)) continue;
      const owner = owners.get(name);
      if (owner) throw new Error(`the runtime declares ${name} in ${owner} and in ${file.getBaseName()}`);
      owners.set(name, file.getBaseName());
    }
  }
}

function importedNames(file: SourceFile): Set<string> {
  const imports = file.getImportDeclarations();
  if (imports.some((each) => each.getNamespaceImport() || each.getDefaultImport())) {
    throw new Error(`${file.getBaseName()} must import by name`);
  }
  const named = imports.flatMap((each) => each.getNamedImports());
  if (named.some((name) => name.getAliasNode())) throw new Error(`an import of ${file.getBaseName()} renames`);
  return new Set(named.map((name) => name.getName()));
}

function withoutImports(file: SourceFile): string {
  for (const declaration of importsOf(file)) declaration.remove();
  return file.getFullText();
}
