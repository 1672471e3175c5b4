// The folder `cuda/`: for each attention the kernel, its C header, what Python must know of it, and cases with answers;
// once, the headers that kernels include and the programs that call, check and measure them. A copy of the folder works
// on a machine that has no Node.

import { cudaSimt } from "../../targets/cuda-simt.ts";
import { CUDA_HEADERS, CUDA_SCRIPTS } from "../generated/device.ts";
import type { Artefact } from "./artefact.ts";
import type { BuildTarget, Built } from "./built.ts";
import { type CudaAttention, compileCuda } from "./compile-cuda.ts";
import { casesOf } from "./cuda-cases.ts";
import { errorBound } from "./error-bound.ts";

export const cudaBuild: BuildTarget = {
  name: "cuda",
  rows: cudaSimt.rows,
  shared: [
    ...Object.entries(CUDA_HEADERS).map(([path, content]) => ({ path: `cuda/attnc/${path}`, content })),
    ...Object.entries(CUDA_SCRIPTS).map(([path, content]) => ({ path: `cuda/${path}`, content })),
  ],
  build(declared, settings) {
    const { value, problems } = compileCuda(declared, settings);
    return { value: value.map(builtOf), problems };
  },
};

const builtOf = (compiled: CudaAttention): Built => ({
  ...{ attention: compiled.attention, source: compiled.source, settings: compiled.settings, target: "cuda" },
  program: compiled.kernel.program,
  entry: cudaEntry(compiled),
  files: async () => filesOf(compiled),
});

function filesOf(built: CudaAttention): readonly Artefact[] {
  const files = built.kernel.emission.files.map(({ name, text }) => ({ path: `cuda/${name}`, content: text }));
  return [...files, { path: `cuda/${built.attention.name.text}.cases.npz`, content: casesOf(built) }];
}

function cudaEntry({ attention, target, kernel }: CudaAttention) {
  const name = attention.name.text;
  return {
    kernels: [{ file: `cuda/${name}.cu`, features: target.features, capability: target.limits.capability }],
    header: `cuda/${name}.h`,
    description: `cuda/${name}.json`,
    cases: `cuda/${name}.cases.npz`,
    steps: kernel.program.steps.map((step) => step.name),
    limits: { dim: target.limits.dim },
    errorBound: errorBound(target),
  };
}
