// What a caller passes and gets, as data: the tensors with an axis name and, where it is fixed, an extent for every
// axis, and the run-time scalars with their promises and defaults. From the Spec and the program to the properties of
// a typed module; `jsdoc.ts` turns them into words, `call-types.ts` into types.

import type * as ir from "../ir/expr.ts";
import type { Value } from "../ops/op.ts";
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
  /** `query`, `key`, `value`. */
  readonly tensors: readonly TensorProperty[];
  /** In the order in which they were declared. */
  readonly captured: readonly TensorProperty[];
  /** Passed with every call. */
  readonly scalars: readonly Param[];
  /** Fixed when the kernel was compiled. */
  readonly constants: readonly { readonly name: string; readonly value: Value }[];
  /** Grid axes whose extent the caller passes. */
  readonly lengths: readonly string[];
  /** `out`, and `lse` where the attention asks for it. */
  readonly results: readonly TensorProperty[];
  /** What it names beside them. */
  readonly named: readonly TensorProperty[];
};

/** Cannot fail: the attention has passed the check, and the program was planned from it.
 *  @param consts values of `const` parameters that do not keep their default */
export function signatureOf(
  attention: Attention,
  program: Program,
  consts: Readonly<Record<string, Value>>,
): Signature {
  const rows = [axis("batch"), axis("heads"), axis("queries")];
  const stored = [axis("batch"), axis("kvHeads"), axis("keys")];
  const dim = axis("dim", program.dims.dim);
  const valueDim = axis("valueDim", program.dims.valueDim);
  const constants = attention.params.filter((param) => param.const);
  const elements = new Map(program.buffers.map(({ name, element }) => [name, element]));
  const row = (name: string, axes: readonly Axis[], documentation: string): TensorProperty => {
    return { name, element: elements.get(name) ?? "f32", axes, range: {}, sorted: false, documentation };
  };
  const lse = row("lse", rows, "Natural logarithm of each row's denominator; -Infinity for a row that sees no key.");
  return {
    name: attention.name.text,
    documentation: attention.documentation,
    tensors: [
      row("query", [...rows, dim], "Query rows."),
      row("key", [...stored, dim], "Key rows. `kvHeads` divides `heads`: query heads share key heads in groups."),
      row("value", [...stored, valueDim], "Value rows."),
    ],
    captured: attention.tensors.map((tensor) => captured(tensor, program.ir)),
    scalars: attention.params.filter((param) => !param.const),
    constants: constants.map(({ name, default: value }) => ({ name, value: consts[name] ?? value! })),
    lengths: program.ir.shapeParams,
    results: [
      row("out", [...rows, valueDim], "For every query row the weighted sum of the values that it sees."),
      ...(attention.outputs.lse ? [lse] : []),
    ],
    named: (attention.outputs.named ?? []).map(({ name, axes }) =>
      row(
        name,
        axes.map((each) => axis(PLURAL[each])),
        "",
      ),
    ),
  };
}

function axis(label: string, extent?: number): Axis {
  return extent === undefined ? { label } : { label, extent };
}

function captured(tensor: TensorParam, attention: ir.AttentionIr): TensorProperty {
  const extents = attention.tensors.find(({ name }) => name === tensor.name)?.extents ?? [];
  const { name, element, range, sorted, documentation = "" } = tensor;
  const axes = tensor.axes.map((each, at) => capturedAxis(each, extents[at]));
  return { name, element, axes, range, sorted, documentation };
}

/** What callers call the extent of an axis that is named after one index. */
const PLURAL = {
  ...{ batch: "batch", head: "heads", kv: "kvHeads", query: "queries", key: "keys", token: "keys" },
  ...{ queryBlock: "queryBlocks", keyBlock: "keyBlocks" },
} as const;

function capturedAxis(declared: TensorAxis, extent: ir.Expr | undefined): Axis {
  switch (declared.kind) {
    case "implicit":
    case "position":
      return axis(PLURAL[declared.axis]);
    case "fresh":
      return axis(declared.name);
    case "extent":
      if (extent?.kind === "const") return axis("extent", Number(extent.value));
      return axis(extent?.kind === "extent" ? extent.extent.replace(/^axis:/, "") : "extent");
  }
}
