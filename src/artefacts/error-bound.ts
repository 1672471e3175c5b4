// What the manifest says of errors: what `attnc verify` holds a kernel to.

import type { Target } from "../../targets/target.ts";

export function errorBound({ errorUlps }: Target) {
  return {
    reference: "the dense formula in f64; masks in f32, each operation rounded to nearest",
    accumulation: "f32",
    bound: "for every element: rounding errors propagated through scores, normalisation and the weighted sum",
    operationUlps: errorUlps,
  };
}
