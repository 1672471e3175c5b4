// The folder `cuda/`: for each attention the kernel, its C header, what Python must know of it, and cases with answers;
// once, the headers that kernels include and the programs that call, check and measure them. A copy of the folder works
// on a machine that has no Node.

import { cudaSimt } from "../../targets/cuda-simt.ts";
import { cudaWgmma } from "../../targets/cuda-wgmma.ts";
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

/** The kernel of one architecture, beside that of all: the same functions, header and cases. */
export const SPECIAL_FOLDER = "cuda/sm_90a";

function filesOf(built: CudaAttention): readonly Artefact[] {
  const files = built.kernel.emission.files.map(({ name, text }) => ({ path: `cuda/${name}`, content: text }));
  const special = typeof built.special === "string" ? [] : built.special.emission.files;
  const own = special.filter(({ kind }) => kind === "cu" || kind === "json");
  return [
    ...files,
    ...own.map(({ name, text }) => ({ path: `${SPECIAL_FOLDER}/${name}`, content: text })),
    { path: `cuda/${built.attention.name.text}.cases.npz`, content: casesOf(built) },
  ];
}

function cudaEntry({ attention, target, kernel, special }: CudaAttention) {
  const name = attention.name.text;
  return {
    kernels: [{ file: `cuda/${name}.cu`, features: target.features, capability: target.limits.capability }],
    // Beside it, that of warpgroups; or why the schedule chose none.
    warpgroups:
      typeof special === "string"
        ? { none: special }
        : {
            file: `${SPECIAL_FOLDER}/${name}.cu`,
            features: cudaWgmma.features,
            capability: cudaWgmma.limits.capability,
          },
    header: `cuda/${name}.h`,
    description: `cuda/${name}.json`,
    cases: `cuda/${name}.cases.npz`,
    steps: kernel.program.steps.map((step) => step.name),
    limits: { dim: target.limits.dim },
    errorBound: errorBound(target),
  };
}
