// Writes src/generated: the templates, compiled to functions; the sources of the standard library and the runtime that
// artefacts carry, as text; the version. So the compiler needs neither a file system nor `eval` and runs in a browser.
// `--bin` makes the built command executable.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Handlebars from "handlebars";
import { bundle } from "./bindings/bundle.ts";

const root = new URL("..", import.meta.url).pathname;
const generated = join(root, "src/generated");

if (process.argv.includes("--bin")) chmodSync(join(root, "dist/src/cli/bin.js"), 0o755);
else {
  mkdirSync(generated, { recursive: true });
  writeIfChanged(join(generated, "std.ts"), standardLibrary());
  writeIfChanged(join(generated, "templates.ts"), templates());
  writeIfChanged(join(generated, "version.ts"), version());
  writeIfChanged(join(generated, "runtime.ts"), await runtime());
}

function standardLibrary(): string {
  const sources = filesBelow(join(root, "src/std"), ".attn").map((path) => [path, read("src/std", path)]);
  return [
    "// Generated from src/std by `npm run generate`.",
    `export const STD: Readonly<Record<string, string>> = ${JSON.stringify(Object.fromEntries(sources), null, 2)};`,
    "",
  ].join("\n");
}

function templates(): string {
  const options = { noEscape: true, strict: true, knownHelpersOnly: true };
  const rows = filesBelow(join(root, "templates"), ".hbs").map(
    (path) =>
      `  ${JSON.stringify(path.replace(/\.hbs$/, ""))}: ${Handlebars.precompile(read("templates", path), options)},`,
  );
  return [
    "// @ts-nocheck Generated from templates by `npm run generate`.",
    "export const TEMPLATES: Readonly<Record<string, unknown>> = {",
    ...rows,
    "};",
    "",
  ].join("\n");
}

function version(): string {
  const { version } = JSON.parse(read(".", "package.json"));
  return `// Generated from package.json by \`npm run generate\`.\nexport const VERSION = ${JSON.stringify(version)};\n`;
}

async function runtime(): Promise<string> {
  const files = filesBelow(join(root, "src/runtime"), ".ts").map((path) => [path, read("src/runtime", path)]);
  const { javascript, declarations } = await bundle("wasm.ts", Object.fromEntries(files));
  return [
    "// Generated from src/runtime by `npm run generate`.",
    `export const RUNTIME_JAVASCRIPT = ${JSON.stringify(javascript)};`,
    `export const RUNTIME_DECLARATIONS = ${JSON.stringify(declarations)};`,
    "",
  ].join("\n");
}

/** Paths relative to `folder`, sorted, so that the result does not depend on the file system. */
function filesBelow(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return entries.filter((path) => path.endsWith(ending)).sort();
}

function read(folder: string, path: string): string {
  return readFileSync(join(root, folder, path), "utf8");
}

/** Untouched files keep their time, so that watchers and incremental builds stay quiet. */
function writeIfChanged(path: string, text: string): void {
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}
