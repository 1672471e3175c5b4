// What a caller passes and gets, as data: the tensors with an axis name and, where it is fixed, an extent for every
// axis, and the run-time scalars with their promises and defaults. From the Spec and the program to the properties of
// a typed module; `jsdoc.ts` turns them into words and `emit.ts` into TypeScript.

import type * as ir from "../ir/expr.ts";
import type { Program } from "../schedule/plan.ts";
import type { Attention, ElementType, Param, Range, TensorAxis, TensorParam } from "../spec/spec.ts";

/** One axis of a tensor. `extent` is there where the artefact fixes it. */
export type Axis = { readonly label: string; readonly extent?: number };

export type TensorProperty = {
  readonly name: string;
  readonly element: ElementType;
  readonly axes: readonly Axis[];
  readonly range: Range;
  readonly sorted: boolean;
  readonly documentation: string;
};

export type Signature = {
  readonly name: string;
  readonly documentation: string;
  /** `query`, `key`, `value`, then the captured tensors in the order they were declared. */
  readonly tensors: readonly TensorProperty[];
  /** Passed with every call. */
  readonly scalars: readonly Param[];
  /** Fixed when the kernel was compiled. */
  readonly constants: readonly Param[];
  /** Grid axes whose length the caller passes. */
  readonly lengths: readonly string[];
  readonly results: readonly TensorProperty[];
};

/** Cannot fail: the attention has passed the check, and the program was planned from it. */
export function signatureOf(attention: Attention, program: Program): Signature {
  const { dim, valueDim } = program.dims;
  const heads = { batch: { label: "batch" }, heads: { label: "heads" }, kvHeads: { label: "kvHeads" } };
  const queries = { label: "queries" };
  const keys = { label: "keys" };
  const head = { label: "dim", extent: dim };
  const valueHead = { label: "valueDim", extent: valueDim };
  const lse = resultTensor("lse", [heads.batch, heads.heads, queries], LSE);
  return {
    name: attention.name.text,
    documentation: attention.documentation,
    tensors: [
      floatTensor("query", [heads.batch, heads.heads, queries, head], "Query rows."),
      floatTensor("key", [heads.batch, heads.kvHeads, keys, head], "Key rows; `kvHeads` divides `heads`."),
      floatTensor("value", [heads.batch, heads.kvHeads, keys, valueHead], "Value rows."),
      ...attention.tensors.map((tensor) => capturedTensor(tensor, program.ir)),
    ],
    scalars: attention.params.filter((param) => !param.const),
    constants: attention.params.filter((param) => param.const),
    lengths: program.ir.shapeParams,
    results: [
      resultTensor("out", [heads.batch, heads.heads, queries, valueHead], "The weighted sum of the values."),
      ...(attention.outputs.lse ? [lse] : []),
    ],
  };
}

const LSE = "Natural log of each row's denominator; -Infinity for a row that sees no key and has no sink.";

function floatTensor(name: string, axes: readonly Axis[], documentation: string): TensorProperty {
  return { name, element: "f32", axes, range: {}, sorted: false, documentation };
}

const resultTensor = floatTensor;

function capturedTensor(tensor: TensorParam, { tensors }: ir.AttentionIr): TensorProperty {
  const extents = tensors.find(({ name }) => name === tensor.name)?.extents ?? [];
  const { name, element, range, sorted, documentation = "" } = tensor;
  return {
    name,
    element,
    range,
    sorted,
    documentation,
    axes: tensor.axes.map((axis, at) => axisOf(axis, extents[at])),
  };
}

/** What the caller calls the extents of the axes that are named after one index. */
const PLURAL = { batch: "batch", head: "heads", kv: "kvHeads", query: "queries", key: "keys", token: "keys" } as const;

function axisOf(axis: TensorAxis, extent: ir.Expr | undefined): Axis {
  switch (axis.kind) {
    case "implicit":
    case "position":
      return { label: PLURAL[axis.axis] };
    case "fresh":
      return { label: axis.name };
    case "extent":
      if (extent?.kind === "const" && typeof extent.value === "number")
        return { label: "extent", extent: extent.value };
      if (extent?.kind === "extent") return { label: extent.extent.replace(/^axis:/, "") };
      return { label: "extent" };
  }
}
