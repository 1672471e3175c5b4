// An attention on its way into a build: as it was declared, and compiled for one target. What a target adds to a build is a
// `BuildTarget`; src/artefacts/targets.ts lists them.

import type { BackendName, Target } from "../../targets/target.ts";
import type { Settings } from "../compile.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import type { Program } from "../schedule/plan.ts";
import type { SourceFile } from "../source/source-file.ts";
import type { Attention } from "../spec/spec.ts";
import type { Artefact } from "./artefact.ts";

/** An attention with the file that declares it. */
export type Declared = { readonly attention: Attention; readonly source: SourceFile };

/** One attention, compiled for one target. */
export type Built = Declared & {
  readonly settings: Settings;
  readonly program: Program;
  readonly target: BackendName;
  /** What the manifest says of it. */
  readonly entry: object;
  /** Its own files in the folder of the target. */
  files(): Promise<readonly Artefact[]>;
};

export type BuildTarget = {
  readonly name: BackendName;
  /** How kernels hold rows, by what they are said to be made of. */
  readonly rows: Target["rows"];
  /** What the folder holds once, whatever the attentions are. */
  readonly shared: readonly Artefact[];
  /** None where there are problems: those of `compileAttention`. */
  build(declared: Declared, settings: Settings): Outcome<readonly Built[]>;
};
