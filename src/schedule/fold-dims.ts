// Dims are fixed in a kernel, so their extents become numbers here and what they alone decide is decided: the scale
// 1 / sqrt(len(dim)) turns into a literal. It stands in the schedule and not among the passes, because an AttentionIr
// is free of dims and a plan is not.

import type { Arithmetic } from "../ir/evaluate.ts";
import type * as ir from "../ir/expr.ts";
import { constant, int } from "../ir/make.ts";
import { mapRoots } from "../ir/roots.ts";
import { rebuild } from "../ir/walk.ts";
import { findSignature } from "../ops/index.ts";
import type { Value } from "../ops/op.ts";
import type { Dims } from "./plan.ts";

/** The attention for these dims: no `dim` or `valueDim` extent is left in it. */
export function foldDims(attention: ir.AttentionIr, dims: Dims): ir.AttentionIr {
  return mapRoots(attention, (root, arithmetic) => rebuild(root, (node) => foldNode(node, dims, arithmetic)));
}

/** The node as a constant where all it reads is constant; a decision rounds every float to f32. */
function foldNode(node: ir.Expr, dims: Dims, arithmetic: Arithmetic): ir.Expr {
  if (node.kind === "extent") {
    return node.extent === "dim" || node.extent === "valueDim" ? int(dims[node.extent]) : node;
  }
  if (node.kind !== "op") return node;
  const round = (type: ir.Expr["type"], value: Value) =>
    type === "float" && arithmetic === "decide" ? Math.fround(value as number) : value;
  const values: Value[] = [];
  for (const argument of node.args) {
    if (argument.kind !== "const") return node;
    values.push(round(argument.type, argument.value));
  }
  const types = node.args.map(({ type }) => type);
  return constant(node.type, round(node.type, findSignature(node.op, types)!.eval(...values)));
}
