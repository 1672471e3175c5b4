// Everything that `build` writes, in the order of the folders: one folder a target, and the manifest that describes them
// all. Same input, same output, byte for byte.

import type { Artefact } from "./artefact.ts";
import type { WasmAttention } from "./compile-wasm.ts";
import { manifest } from "./manifest.ts";
import { wasmArtefacts } from "./wasm.ts";

/** The files of a build of attentions that `compileWasm` compiled; their names must differ. */
export async function buildArtefacts(attentions: readonly WasmAttention[]): Promise<readonly Artefact[]> {
  const files = await wasmArtefacts(attentions);
  return [...files, await manifest(attentions, files)];
}
