// Where an attention was declared, as far as artefacts may tell: the name of the file without its folders, so that the
// same source gives the same bytes on every machine.

import type { Origin } from "../bindings/jsdoc.ts";
import { positionAt } from "../source/source-file.ts";
import type { Declared } from "./built.ts";

export function originOf({ attention, source }: Declared): Origin {
  const file = source.path.split(/[\\/]/).at(-1)!;
  return { file, line: positionAt(source, attention.name.span.start).line };
}
