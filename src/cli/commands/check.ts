// `attnc check`: every problem of every file, for people, for programs, or as annotations of a pull request. Here the
// problems are the answer, so they go to stdout.

import { renderGithub, renderJson } from "../../diagnostics/render.ts";
import { knownParams, readParams, splitAssignments } from "../assignments.ts";
import { CommandError } from "../command-error.ts";
import type { Io } from "../io.ts";
import { hasErrors, type Loaded, load, printDiagnostics } from "../load.ts";
import { readSelector, type Selector, selectAll } from "../selection.ts";
import { headsOf, readShape } from "../shapes.ts";

type Options = {
  readonly format?: "pretty" | "json" | "github";
  readonly json?: true;
  readonly set?: readonly string[];
  readonly shape?: readonly string[];
};

export function run(io: Io, files: readonly string[], options: Options): 0 | 1 {
  const selectors = files.map(readSelector);
  const paths = [...new Set(selectors.map(({ path }) => path))];
  const { loaded, unreadable } = loadEach(paths);
  demandFits(selectors, loaded, options);
  PRINTERS[options.json ? "json" : (options.format ?? "pretty")](io, loaded);
  for (const error of unreadable)
    io.err.write(`${io.err.style(["red", "bold"], `error[${error.code}]`)}: ${error.message}\n`);
  const failed = loaded.filter(({ diagnostics }) => hasErrors(diagnostics)).length + unreadable.length;
  io.err.write(`${verdict(failed, paths.length)}\n`);
  return failed === 0 ? 0 : 1;
}

/** Attentions of that name, and values and extents that they can take. Says nothing of a file with errors. */
function demandFits(
  selectors: readonly Selector[],
  loaded: readonly Loaded[],
  { set = [], shape = [] }: Options,
): void {
  const chosen = selectors.flatMap((selector) => {
    const file = loaded.find(({ path, diagnostics }) => path === selector.path && !hasErrors(diagnostics));
    if (!file) return [];
    return selector.name === undefined ? file.attentions : selectAll(file.attentions, selector);
  });
  const values = splitAssignments("--set", set);
  const extents = splitAssignments("--shape", shape);
  for (const attention of chosen) {
    knownParams(attention, readParams(attention, values, chosen));
    headsOf(readShape(attention, extents, chosen));
  }
}

/** A file that cannot be read does not keep the others from being checked. */
function loadEach(paths: readonly string[]) {
  const loaded: Loaded[] = [];
  const unreadable: CommandError[] = [];
  for (const path of paths) {
    try {
      loaded.push(load(path));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      unreadable.push(error);
    }
  }
  return { loaded, unreadable };
}

const PRINTERS: Readonly<Record<"pretty" | "json" | "github", (io: Io, loaded: readonly Loaded[]) => void>> = {
  pretty: (io, loaded) => {
    for (const { diagnostics, sources } of loaded) printDiagnostics(io.out, diagnostics, sources);
  },
  json: (io, loaded) => {
    const problems = loaded.flatMap(({ diagnostics, sources }) => diagnostics.map((each) => renderJson(each, sources)));
    io.out.write(`${JSON.stringify(problems, null, 2)}\n`);
  },
  github: (io, loaded) => {
    for (const { diagnostics, sources } of loaded) {
      for (const diagnostic of diagnostics) io.out.write(`${renderGithub(diagnostic, sources)}\n`);
    }
  },
};

function verdict(failed: number, all: number): string {
  if (failed === 0) return `${countFiles(all)} checked, no errors`;
  return failed === all ? `${countFiles(failed)} failed` : `${failed} of ${countFiles(all)} failed`;
}

function countFiles(count: number): string {
  return count === 1 ? "1 file" : `${count} files`;
}
