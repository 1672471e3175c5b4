// The targets of a build, in the order of its folders.

import type { BackendName } from "../../targets/target.ts";
import type { BuildTarget } from "./built.ts";
import { cudaBuild } from "./cuda.ts";
import { wasmBuild } from "./wasm.ts";
import { wgslBuild } from "./wgsl.ts";

export const BUILD_TARGETS: Readonly<Record<BackendName, BuildTarget>> = {
  wasm: wasmBuild,
  wgsl: wgslBuild,
  cuda: cudaBuild,
};
