// The record that a caller fills, field by field, and the scratch that a launcher adds. Names of the caller's own end in an
// underscore, as in printed expressions.

import type * as ir from "../../ir/expr.ts";
import type { ScalarType } from "../../ops/op.ts";
import type { Buffer, Program } from "../../schedule/plan.ts";
import type { ElementType } from "../../spec/spec.ts";
import { axesOf } from "../describe-call.ts";
import { ownName } from "../simt/dialect.ts";
import { lengthField, storedExtent } from "../simt/scope.ts";
import { CUDA } from "./dialect.ts";

export type Field = {
  readonly name: string;
  /** `const float*`, `long long[3]` */
  readonly type: string;
  readonly comment: string;
};

/** Types of elements in C, as a caller in C sees them and as a kernel does. */
export const C_TYPES: Readonly<Record<ElementType, { readonly caller: string; readonly kernel: string }>> = {
  f32: { caller: "float", kernel: "float" },
  f16: { caller: "void", kernel: "Half" },
  bf16: { caller: "void", kernel: "Brain" },
  i32: { caller: "int", kernel: "int" },
  u8: { caller: "unsigned char", kernel: "unsigned char" },
  bool: { caller: "unsigned char", kernel: "unsigned char" },
};

export const BYTES: Readonly<Record<ElementType, number>> = { f32: 4, f16: 2, bf16: 2, i32: 4, u8: 1, bool: 1 };

const SCALARS: Readonly<Record<ScalarType, string>> = { bool: "int", int: "int", float: "float" };

/** Tensors that have strides, in the order of the record. */
export const STRIDED = ["query", "key", "value", "out"] as const;

const LENGTHS = ["batch", "heads", "kv_heads", "queries", "keys"];

/** The caller's fields. */
export function fieldsOf({ buffers, ir: attention }: Program): readonly Field[] {
  const given = buffers.filter(({ role, name }) => role !== "scratch" && !LENGTHS_OF_BATCH.includes(name));
  return [
    ...given.flatMap(tensorFields),
    { name: "key_lengths", type: "const int*", comment: "[batch], how many keys are alive; optional: all" },
    { name: "query_start", type: "const int*", comment: "[batch], position of query row 0; optional" },
    ...LENGTHS.map((name) => ({ name, type: "int", comment: "" })),
    ...axesOf(attention).map((axis) => ({
      name: lengthField(`axis:${axis}`),
      type: "int",
      comment: `extent of ${axis}`,
    })),
    ...attention.params.map(({ name, type }) => ({
      ...{ name: ownName(name), type: SCALARS[type], comment: `parameter ${name}` },
    })),
    ...(attention.empty === "error"
      ? [{ name: "empty_rows", type: "int*", comment: "counts up for every row that sees no key, an error; optional" }]
      : []),
  ];
}

const LENGTHS_OF_BATCH: readonly string[] = ["key_lengths", "query_start"];

function tensorFields({ name, role, element, extents }: Buffer): Field[] {
  const shape = `${element}[${extents.map(extentText).join(", ")}]`;
  const type = `${role === "input" ? "const " : ""}${C_TYPES[element].caller}*`;
  if (!STRIDED.some((each) => each === name)) {
    return [{ name: fieldOf(name), type, comment: `${shape}, row-major` }];
  }
  return [
    { name, type, comment: shape },
    {
      name: `${name}_strides`,
      type: "long long[3]",
      comment: "elements from one to the next of each axis but the last",
    },
  ];
}

function extentText(extent: ir.Expr): string {
  if (extent.kind === "const") return String(extent.value);
  return extent.kind === "extent" ? lengthField(extent.extent).replace(/^axis_(.*)_$/, "$1") : "?";
}

/** The field of a tensor: those that every attention has keep their names, whether it is the caller who asks for them or a step. */
export const fieldOf = (name: string) =>
  name === "lse" || STRIDED.some((each) => each === name) ? name : ownName(name);

/** Names of what a call gives: out, lse where it asks for it, then the outputs that the attention names. */
export const resultsOf = ({ buffers }: Program): readonly string[] =>
  buffers.flatMap(({ name, role }) => (role === "output" ? [name] : []));

/** What steps leave for each other, in the workspace. */
export function scratchOf({ buffers }: Program): readonly (Buffer & { readonly field: string })[] {
  return buffers.filter(({ role }) => role === "scratch").map((buffer) => ({ ...buffer, field: fieldOf(buffer.name) }));
}

/** The extents of a tensor in C, over `call`. */
export const extentsOf = ({ extents }: { readonly extents: readonly ir.Expr[] }) =>
  extents.map((extent) => storedExtent(extent, CUDA).text);
