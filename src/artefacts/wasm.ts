// The folder `wasm/`: for each attention the kernel in both forms, each for one thread and for several, its text for reading,
// and a typed module; once, the runtime that the modules import and what its workers run. A copy of the folder works wherever it is put, with no package installed.

import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { emitWasmBindings, WORKER_FILE } from "../bindings/emit-wasm.ts";
import { RUNTIME_MODULE } from "../bindings/module.ts";
import { signatureOf } from "../bindings/signatures.ts";
import { RUNTIME_DECLARATIONS, RUNTIME_JAVASCRIPT, WORKER_JAVASCRIPT } from "../generated/runtime.ts";
import { VERSION } from "../generated/version.ts";
import type { Artefact } from "./artefact.ts";
import type { BuildTarget, Built } from "./built.ts";
import { compileWasm, type WasmAttention, type WasmKernel } from "./compile-wasm.ts";
import { errorBound } from "./error-bound.ts";
import { originOf } from "./origin.ts";

export const wasmBuild: BuildTarget = {
  name: "wasm",
  rows: wasmSimd128.rows,
  shared: [
    { path: `wasm/${RUNTIME_MODULE}.js`, content: RUNTIME_JAVASCRIPT },
    { path: `wasm/${RUNTIME_MODULE}.d.ts`, content: RUNTIME_DECLARATIONS },
    { path: `wasm/${WORKER_FILE}`, content: WORKER_JAVASCRIPT },
    // Without it Node would go by the nearest package.json above, which may say that .js is CommonJS.
    { path: "wasm/package.json", content: `{ "type": "module", "sideEffects": ["./${WORKER_FILE}"] }\n` },
  ],
  build(declared, settings) {
    const { value, problems } = compileWasm(declared, settings);
    return { value: value.map(builtOf), problems };
  },
};

const builtOf = (compiled: WasmAttention): Built => ({
  ...{ attention: compiled.attention, source: compiled.source, settings: compiled.settings, target: "wasm" },
  program: compiled.plain.program,
  entry: wasmEntry(compiled),
  files: () => filesOf(compiled),
});

async function filesOf(built: WasmAttention): Promise<readonly Artefact[]> {
  const { attention, settings, plain, relaxed } = built;
  const { typescript, javascript, declarations } = await emitWasmBindings({
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

function wasmEntry({ attention, plain, relaxed }: WasmAttention) {
  const name = attention.name.text;
  const { memory } = plain.emission.description;
  return {
    module: `wasm/${name}.js`,
    kernels: [...kernelEntries(`wasm/${name}.relaxed`, relaxed), ...kernelEntries(`wasm/${name}`, plain)],
    steps: plain.program.steps.map((step) => step.name),
    limits: { memoryBytes: memory.limitBytes, dim: plain.target.limits.dim },
    scratch: memory.scratch,
    errorBound: errorBound(plain.target),
  };
}

function kernelEntries(file: string, { target: { features }, bytes, threadsBytes }: WasmKernel) {
  return [
    { file: `${file}.wasm`, bytes: bytes.length, features },
    { file: `${file}.threads.wasm`, bytes: threadsBytes.length, features: [...features, "threads"] },
  ];
}
