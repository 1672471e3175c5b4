// The folder `cuda/`: for each attention the kernel, its C header, what Python must know of it, and cases with answers;
// once, the headers that kernels include and the programs that call, check and measure them. A copy of the folder works
// on a machine that has no Node.

import { CUDA_HEADERS, CUDA_SCRIPTS } from "../generated/device.ts";
import type { Artefact } from "./artefact.ts";
import type { CudaAttention } from "./compile-cuda.ts";
import { casesOf } from "./cuda-cases.ts";

export function cudaArtefacts(attentions: readonly CudaAttention[]): readonly Artefact[] {
  if (attentions.length === 0) return [];
  const shared = [
    ...Object.entries(CUDA_HEADERS).map(([path, content]) => ({ path: `cuda/attnc/${path}`, content })),
    ...Object.entries(CUDA_SCRIPTS).map(([path, content]) => ({ path: `cuda/${path}`, content })),
  ];
  return [...attentions.flatMap(filesOf), ...shared];
}

function filesOf(built: CudaAttention): readonly Artefact[] {
  const files = built.kernel.emission.files.map(({ name, text }) => ({ path: `cuda/${name}`, content: text }));
  return [...files, { path: `cuda/${built.attention.name.text}.cases.npz`, content: casesOf(built) }];
}
