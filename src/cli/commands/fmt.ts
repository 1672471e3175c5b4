// `attnc fmt`: files in their canonical form. A file with syntax errors is left alone, because a tree with holes cannot
// be printed without loss.

import { describe } from "../../diagnostics/describe.ts";
import type { SourceFile } from "../../source/source-file.ts";
import { parseFile } from "../../syntax/parse.ts";
import { printFile } from "../../syntax/print.ts";
import { writeAtomically } from "../files.ts";
import type { Io } from "../io.ts";
import { printDiagnostics, readEntry } from "../load.ts";
import { readSelector } from "../selection.ts";

type Options = { readonly check?: true; readonly stdout?: true; readonly json?: true };

/** An attention is formatted with its file. */
export function run(io: Io, files: readonly string[], options: Options): 0 | 1 {
  let status: 0 | 1 = 0;
  const answer: { readonly file: string; readonly canonical: boolean }[] = [];
  for (const path of new Set(files.map((file) => readSelector(file).path))) {
    const source = readEntry(path);
    const canonical = formatted(io, source);
    answer.push({ file: path, canonical: canonical === source.text });
    if (canonical === undefined) {
      status = 1;
    } else if (options.stdout || path === "-") {
      if (!options.json) io.out.write(canonical);
    } else if (canonical !== source.text) {
      if (options.check) status = 1;
      else writeAtomically(path, canonical);
      io.err.write(`${options.check ? "would change" : "changed"} ${path}\n`);
    }
  }
  if (options.json) io.out.write(`${JSON.stringify(answer)}\n`);
  return status;
}

/** The canonical text; undefined where the file has problems, which are printed. */
function formatted(io: Io, source: SourceFile): string | undefined {
  const { value, problems } = parseFile(source, 0);
  const sources = [source];
  printDiagnostics(
    io.err,
    problems.map((problem) => describe(problem, sources)),
    sources,
  );
  return problems.length === 0 ? printFile(value, source) : undefined;
}
