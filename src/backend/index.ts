// The registry: one line per backend.

import type { BackendName, Target } from "../../targets/target.ts";
import type { Program } from "../schedule/plan.ts";
import type { Backend, Emission } from "./backend.ts";
import { cuda } from "./cuda/index.ts";
import { wasm } from "./wasm/index.ts";
import { wgsl } from "./wgsl/index.ts";

const BACKENDS: { readonly [Name in BackendName]: Backend<Name> } = { wasm, wgsl, cuda };

/** Prints the program for the target. Same input, same output, byte for byte. */
export function emitProgram<Name extends BackendName>(program: Program, target: Target<Name>): Emission<Name> {
  const backend: Backend<Name> = BACKENDS[target.backend];
  return backend.emit(program, target);
}
