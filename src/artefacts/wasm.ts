// The folder `wasm/`: for each attention the kernel in both forms, each for one thread and for several, its text for reading,
// and a typed module; once, the runtime that the modules import and what its workers run. A copy of the folder works wherever it is put, with no package installed.

import { emitBindings, RUNTIME_MODULE, WORKER_FILE } from "../bindings/emit.ts";
import { signatureOf } from "../bindings/signatures.ts";
import { RUNTIME_DECLARATIONS, RUNTIME_JAVASCRIPT, WORKER_JAVASCRIPT } from "../generated/runtime.ts";
import { VERSION } from "../generated/version.ts";
import type { Artefact } from "./artefact.ts";
import type { WasmAttention } from "./compile-wasm.ts";
import { originOf } from "./origin.ts";

export async function wasmArtefacts(attentions: readonly WasmAttention[]): Promise<readonly Artefact[]> {
  if (attentions.length === 0) return [];
  const folders = await Promise.all(attentions.map(filesOf));
  return [
    ...folders.flat(),
    { path: `wasm/${RUNTIME_MODULE}.js`, content: RUNTIME_JAVASCRIPT },
    { path: `wasm/${RUNTIME_MODULE}.d.ts`, content: RUNTIME_DECLARATIONS },
    { path: `wasm/${WORKER_FILE}`, content: WORKER_JAVASCRIPT },
    // Without it Node would go by the nearest package.json above, which may say that .js is CommonJS.
    { path: "wasm/package.json", content: `{ "type": "module", "sideEffects": ["./${WORKER_FILE}"] }\n` },
  ];
}

async function filesOf(built: WasmAttention): Promise<readonly Artefact[]> {
  const { attention, settings, plain, relaxed } = built;
  const { typescript, javascript, declarations } = await emitBindings({
    signature: signatureOf(attention, plain.program, settings.consts),
    description: plain.emission.description,
    origin: originOf(built),
    version: VERSION,
  });
  const path = `wasm/${attention.name.text}`;
  return [
    { path: `${path}.wasm`, content: plain.bytes },
    { path: `${path}.relaxed.wasm`, content: relaxed.bytes },
    { path: `${path}.threads.wasm`, content: plain.threadsBytes },
    { path: `${path}.relaxed.threads.wasm`, content: relaxed.threadsBytes },
    { path: `${path}.wat`, content: plain.text },
    { path: `${path}.ts`, content: typescript },
    { path: `${path}.js`, content: javascript },
    { path: `${path}.d.ts`, content: declarations },
  ];
}
