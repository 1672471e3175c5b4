// Tensors that hold a value for every place of some axes of a call, and how an expression of a place reads them.

import type { PlaceAxis } from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type { Expr, Tensor } from "./expr.ts";
import { coord, extent, load, op } from "./make.ts";
import { SCALAR_OF } from "./scalar.ts";

export const EXTENTS = {
  batch: extent("batch"),
  head: extent("heads"),
  kv: extent("kvHeads"),
  query: extent("queries"),
  key: extent("keys"),
} as const;

export function tensorOf(name: string, value: Expr, axes: readonly PlaceAxis[], span: spec.Attention["span"]): Tensor {
  const extents = axes.map((axis) => EXTENTS[axis]);
  return { name, element: elementOf(value), extents, range: {}, sorted: false, span };
}

export const elementOf = ({ type }: Expr) => (type === "float" ? "f32" : "i32");

export const ROW = op("sub", coord("query"), extent("queryStart"));

/** The element at the place at hand. */
export const read = ({ name, element }: Tensor, axes: readonly PlaceAxis[]): Expr =>
  load(
    SCALAR_OF[element],
    name,
    axes.map((axis) => (axis === "query" ? ROW : coord(axis))),
  );

/** lse of the row at hand, once all rows have theirs. */
export const LSE = load("float", "lse", [coord("batch"), coord("head"), ROW]);
