// Everything that `build` writes, in the order of the folders: one folder a target, and the manifest that describes them
// all. Same input, same output, byte for byte.

import type { Artefact } from "./artefact.ts";
import type { CudaAttention } from "./compile-cuda.ts";
import type { WasmAttention } from "./compile-wasm.ts";
import { cudaArtefacts } from "./cuda.ts";
import { manifest } from "./manifest.ts";
import { wasmArtefacts } from "./wasm.ts";

/** The files of a build of attentions that `compileWasm` and `compileCuda` compiled; their names must differ, but for one
 *  attention on two targets. */
export async function buildArtefacts(
  wasm: readonly WasmAttention[],
  cuda: readonly CudaAttention[] = [],
): Promise<readonly Artefact[]> {
  const files = [...(await wasmArtefacts(wasm)), ...cudaArtefacts(cuda)];
  return [...files, await manifest(wasm, cuda, files)];
}
