// Specs and calls made by hand, so that the tests of the reference do not lean on the parser and the checker.

import type { OpName } from "../../../src/ops/index.ts";
import type { ScalarType } from "../../../src/ops/op.ts";
import type { Case, Shape } from "../../../src/spec/case.ts";
import type { Attention, Clause, Expr, PositionAxis, TensorAxis, TensorParam } from "../../../src/spec/spec.ts";
import { elementCount, makeTensor } from "../../../src/tensors/elements.ts";

const span = { file: 0, start: 0, end: 0 };

export const position = (axis: PositionAxis): Expr => ({ kind: "position", type: "int", axis });
export const [b, h, kv, q, k] = [
  position("batch"),
  position("head"),
  position("kv"),
  position("query"),
  position("key"),
];
export const int = (value: number): Expr => ({ kind: "literal", type: "int", value });
export const float = (value: number): Expr => ({ kind: "literal", type: "float", value });
export const bool = (value: boolean): Expr => ({ kind: "literal", type: "bool", value });
export const quantity = (name: "s" | "p" | "lse" | "scale"): Expr => ({ kind: "quantity", type: "float", name });
export const length = (axis: string): Expr => ({ kind: "length", type: "int", axis });
export const apply = (type: ScalarType, op: OpName, ...args: readonly Expr[]): Expr => ({
  kind: "apply",
  type,
  op,
  args,
});
export const toFloat = (value: Expr) => apply("float", "toFloat", value);
export const element = (type: ScalarType, tensor: string, ...at: readonly Expr[]): Expr => ({
  kind: "element",
  type,
  tensor,
  at,
});

export const clause = (value: Expr): Clause => ({ value, span, label: "" });
export const causal = clause(apply("bool", "ge", q, k));

export const token: TensorAxis = { kind: "position", axis: "token" };
export const implicit = (axis: "batch" | "head" | "kv"): TensorAxis => ({ kind: "implicit", axis });
export const tensorParam = (
  name: string,
  elementType: TensorParam["element"],
  axes: readonly TensorAxis[],
  contract: Partial<TensorParam> = {},
): TensorParam => ({ name, element: elementType, axes, range: {}, sorted: false, span, ...contract });

/** Full attention, changed as asked. */
export function attention(changes: Partial<Attention> = {}): Attention {
  return {
    name: { text: "test", span },
    span,
    documentation: "",
    params: [],
    tensors: [],
    masks: [],
    scores: [],
    normalize: { kind: "softmax" },
    empty: "zero",
    weights: [],
    align: apply("int", "sub", length("key"), length("query")),
    outputs: { lse: true },
    ...changes,
  };
}

export function shapeOf(changes: Partial<Shape> = {}): Shape {
  const heads = changes.heads ?? 1;
  const queries = changes.queries ?? changes.keys ?? 4;
  const dim = changes.dim ?? 3;
  return {
    batch: 1,
    heads,
    kvHeads: heads,
    queries,
    keys: queries,
    dim,
    valueDim: dim,
    axes: {},
    ...changes,
  };
}

/** A call on smooth, distinct numbers. */
export function callOf(changes: Partial<Attention>, extents: Partial<Shape>, inputs: Partial<Case> = {}): Case {
  const shape = shapeOf(extents);
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = shape;
  const wave = (extent: readonly number[], phase: number) =>
    makeTensor(
      "f32",
      extent,
      Array.from({ length: elementCount(extent) }, (_, index) => Math.sin(index * 1.7 + phase) * 2),
    );
  return {
    attention: attention(changes),
    shape,
    params: {},
    tensors: {},
    query: wave([batch, heads, queries, dim], 0),
    key: wave([batch, kvHeads, keys, dim], 1),
    value: wave([batch, kvHeads, keys, valueDim], 2),
    ...inputs,
  };
}
