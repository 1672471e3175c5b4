// What a backend is: a function from a program of plans to texts and a description of how to call them. A new backend
// is one folder and one line in the registry.

import type { BackendName, Target } from "../../targets/target.ts";
import type { KernelDescription } from "../runtime/description.ts";
import type { WebgpuDescription } from "../runtime/webgpu-description.ts";
import type { Program } from "../schedule/plan.ts";

/** One text for one file. `name` is the file's, without a folder: `causal.relaxed.wat`. */
export type Emitted = {
  readonly name: string;
  readonly text: string;
  readonly kind: "wat" | "wgsl" | "cu" | "h" | "json" | "py";
};

/** What the runtime of each backend must know to run its files. */
type Descriptions = {
  readonly wasm: KernelDescription;
  readonly wgsl: WebgpuDescription;
  /** Programs in Python run them, and read NAME.json. */
  readonly cuda: undefined;
};

/** All that a target needs to run a program. */
export type Emission<Name extends BackendName = BackendName> = {
  readonly files: readonly Emitted[];
  readonly description: Descriptions[Name];
};

export type Backend<Name extends BackendName> = {
  readonly name: Name;
  /** Cannot fail: a plan that cannot be printed is a bug of the compiler and throws. */
  emit(program: Program, target: Target<Name>): Emission<Name>;
};
