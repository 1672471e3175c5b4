// The registry: one line per backend.

import type { Target } from "../../targets/target.ts";
import type { Program } from "../schedule/plan.ts";
import type { Backend, Emission } from "./backend.ts";
import { wasm } from "./wasm/index.ts";

const BACKENDS: Readonly<Record<Target["backend"], Backend>> = { wasm };

/** Prints the program for the target. Same input, same output, byte for byte. */
export function emitProgram(program: Program, target: Target): Emission {
  return BACKENDS[target.backend].emit(program, target);
}
