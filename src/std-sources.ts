// Where `import ... from "std"` leads: the standard library is part of the compiler, as text, and all of its files make
// one. Every other specifier goes to whoever the caller asked before.

import { STD } from "./generated/std.ts";
import type { SourceFile, Sources } from "./source/source-file.ts";

const STANDARD_LIBRARY: SourceFile = { path: "std", text: Object.values(STD).join("\n") };

/** `sources`, and `"std"` beside it. */
export function withStandardLibrary(sources: Sources): Sources {
  return (specifier, from) => (specifier === "std" ? STANDARD_LIBRARY : sources(specifier, from));
}
