// Finds the files of a program: the entry as the user named it, imports relative to the file that they stand in, and
// the standard library from the compiler itself.

import { realpathSync } from "node:fs";
import { dirname, isAbsolute, join, normalize } from "node:path";
import type { SourceFile, Sources } from "../source/source-file.ts";
import { withStandardLibrary } from "../std-sources.ts";
import { readSource } from "./files.ts";

/** A resolver for one program. A file that is reached on several ways, links included, is one file and keeps the path
 *  under which it was first found, so that an import of itself is seen as such. */
export function sourcesFor(entry: SourceFile): Sources {
  const found = new Map<string, SourceFile>([[identityOf(entry.path), entry]]);
  return withStandardLibrary((specifier, from) => {
    if (!isPath(specifier)) return { missing: `a file is imported as "./${specifier}"; the only library is "std"` };
    const path = isAbsolute(specifier) ? normalize(specifier) : join(dirname(from), specifier);
    const identity = identityOf(path);
    const known = found.get(identity);
    if (known) return known;
    const read = readSource(path);
    if ("missing" in read) return read;
    const file = { path, text: read.text };
    found.set(identity, file);
    return file;
  });
}

function isPath(specifier: string): boolean {
  return specifier.includes("/") || specifier.endsWith(".attn");
}

function identityOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
