// The folder `wgsl/`: for each attention its shaders, one file a step, its mask and score by themselves, and a typed module that holds them as text and runs
// them on a caller's device; once, the runtime that the modules import. A copy of the folder works wherever it is put,
// with no package installed.

import { webgpu } from "../../targets/webgpu.ts";
import { printFunctions } from "../backend/wgsl/bare.ts";
import { emitWebgpuBindings } from "../bindings/emit-webgpu.ts";
import { RUNTIME_MODULE } from "../bindings/module.ts";
import { signatureOf } from "../bindings/signatures.ts";
import { WEBGPU_DECLARATIONS, WEBGPU_JAVASCRIPT } from "../generated/runtime.ts";
import { VERSION } from "../generated/version.ts";
import type { Artefact } from "./artefact.ts";
import type { BuildTarget, Built } from "./built.ts";
import { compileWgsl, type WgslAttention } from "./compile-wgsl.ts";
import { errorBound } from "./error-bound.ts";
import { originOf } from "./origin.ts";

export const wgslBuild: BuildTarget = {
  name: "wgsl",
  rows: webgpu.rows,
  shared: [
    { path: `wgsl/${RUNTIME_MODULE}.js`, content: WEBGPU_JAVASCRIPT },
    { path: `wgsl/${RUNTIME_MODULE}.d.ts`, content: WEBGPU_DECLARATIONS },
    // Without it Node would go by the nearest package.json above, which may say that .js is CommonJS.
    { path: "wgsl/package.json", content: '{ "type": "module", "sideEffects": false }\n' },
  ],
  build(declared, settings) {
    const { value, problems } = compileWgsl(declared, settings);
    return { value: value.map(builtOf), problems };
  },
};

const builtOf = (compiled: WgslAttention): Built => ({
  ...{ attention: compiled.attention, source: compiled.source, settings: compiled.settings, target: "wgsl" },
  program: compiled.kernel.program,
  entry: wgslEntry(compiled),
  files: () => filesOf(compiled),
});

async function filesOf(compiled: WgslAttention): Promise<readonly Artefact[]> {
  const { attention, settings, kernel } = compiled;
  const { files, description } = kernel.emission;
  const functions = printFunctions(kernel.program);
  const { typescript, javascript, declarations } = await emitWebgpuBindings({
    signature: signatureOf(attention, kernel.program, settings.consts),
    description,
    shaders: files,
    functions,
    origin: originOf(compiled),
    version: VERSION,
  });
  const path = `wgsl/${attention.name.text}`;
  return [
    ...[...files, functions].map(({ name, text }) => ({ path: `wgsl/${name}`, content: text })),
    { path: `${path}.ts`, content: typescript },
    { path: `${path}.js`, content: javascript },
    { path: `${path}.d.ts`, content: declarations },
  ];
}

function wgslEntry({ attention, target, kernel }: WgslAttention) {
  const { steps, limits } = kernel.emission.description;
  return {
    module: `wgsl/${attention.name.text}.js`,
    functions: `wgsl/${attention.name.text}.functions.wgsl`,
    kernels: steps.map(({ file, entryPoint }) => ({ file: `wgsl/${file}`, entryPoint, features: target.features })),
    steps: steps.map(({ name }) => name),
    limits: { ...limits, dim: target.limits.dim },
    errorBound: errorBound(target),
  };
}
