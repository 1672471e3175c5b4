// Dims are fixed in a kernel, so their extents become numbers here and what they alone decide is decided: the scale
// 1 / sqrt(len(dim)) turns into a literal. It stands in the schedule and not among the passes, because an AttentionIr
// is free of dims and a plan is not.

import type * as ir from "../ir/expr.ts";
import { foldConstants } from "../ir/fold-constants.ts";
import { int } from "../ir/make.ts";
import { mapRoots } from "../ir/roots.ts";
import { substitute } from "../ir/walk.ts";
import type { Dims } from "./plan.ts";

/** The attention for these dims: no `dim` or `valueDim` extent is left in it. */
export function foldDims(attention: ir.AttentionIr, dims: Dims): ir.AttentionIr {
  const sizeOf = (expr: ir.Expr) =>
    expr.kind === "extent" && (expr.extent === "dim" || expr.extent === "valueDim")
      ? int(dims[expr.extent])
      : undefined;
  return mapRoots(attention, (root, arithmetic) => foldConstants(substitute(root, sizeOf), arithmetic));
}
