// Which of the CUDA targets a kernel is compiled for: the one with matrix units where rows are halves and they can hold the
// weights.

import { cudaMma } from "../../../targets/cuda-mma.ts";
import { cudaSimt } from "../../../targets/cuda-simt.ts";
import type { RowElement, Target } from "../../../targets/target.ts";
import type { Attention } from "../../spec/spec.ts";

/** Weights that no softmax bounds may be too large for f16, and then they stay f32. */
export function cudaTargetOf({ normalize }: Attention, element: RowElement = "f32"): Target<"cuda"> {
  if (!cudaMma.rows[element]) return cudaSimt;
  return element === "f16" && normalize.kind !== "softmax" ? cudaSimt : cudaMma;
}
