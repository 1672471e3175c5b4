// What the masks of an attention depend on: which captured tensors a picture of the mask needs, and whether all heads
// and batches see the same, so that one matrix serves them.

import { argumentsFirst } from "../reference/order.ts";
import { nodesWithin } from "../spec/parts.ts";
import { choiceParts } from "../spec/print-choice.ts";
import type { Attention, Expr, TensorParam } from "../spec/spec.ts";

export type MaskReads = {
  readonly tensors: readonly TensorParam[];
  readonly batch: boolean;
  readonly head: boolean;
};

/** Reads of all mask clauses, of the grid and of the alignment. */
export function maskReads(attention: Attention): MaskReads {
  const { grid } = attention;
  const roots = [
    ...attention.masks.map(({ value }) => value),
    attention.align,
    ...(grid ? [grid.origin, ...grid.axes.flatMap(({ extent }) => extent ?? [])] : []),
    ...(attention.scale ? [attention.scale.value] : []),
  ];
  const exprs = roots.flatMap((root) => argumentsFirst(root));
  const named = new Set(exprs.flatMap((expr) => (expr.kind === "element" ? [expr.tensor] : [])));
  const axes = new Set(exprs.flatMap((expr) => (expr.kind === "length" ? [expr.axis] : [])));
  const isFreshOf = (param: TensorParam) => param.axes.some((axis) => axis.kind === "fresh" && axes.has(axis.name));
  const tensors = attention.tensors.filter((param) => named.has(param.name) || isFreshOf(param));
  const implicit = tensors.flatMap((param) =>
    param.axes.flatMap((axis) => (axis.kind === "implicit" ? [axis.axis] : [])),
  );
  const position = (name: string) => exprs.some((expr: Expr) => expr.kind === "position" && expr.axis === name);
  return {
    tensors,
    batch: position("batch") || implicit.includes("batch"),
    head: position("head") || position("kv") || implicit.includes("head") || implicit.includes("kv"),
  };
}

/** Tensors that sparsities and orders read, which a picture of the mask alone does not need. */
export function choiceTensors(attention: Attention): readonly TensorParam[] {
  const { sparsities = [], permutation, tensors } = attention;
  const exprs = nodesWithin(...choiceParts(sparsities, permutation ? [permutation] : [], []));
  const named = new Set(exprs.flatMap((expr) => (expr.kind === "element" ? [expr.tensor] : [])));
  const bounds = sparsities.flatMap(({ rows, keys }) => [rows, keys]);
  for (const side of bounds) if (side.kind === "bounds") named.add(side.tensor);
  return tensors.filter(({ name }) => named.has(name));
}
