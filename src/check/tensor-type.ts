// A captured tensor's type as the user would write it, for messages.

import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import type { AxisSignature } from "./signature.ts";

type Axis = spec.TensorAxis | AxisSignature;

/** `f32[head, n]` */
export function tensorType({ element, axes }: { readonly element: string; readonly axes: readonly Axis[] }): string {
  return `${element}[${axisNames(axes).join(", ")}]`;
}

export function axisNames(axes: readonly Axis[]): string[] {
  return axes.map(axisName);
}

function axisName(axis: Axis): string {
  switch (axis.kind) {
    case "implicit":
    case "position":
      return axis.axis;
    case "fresh":
      return axis.name;
    case "extent":
      return "extent" in axis ? nodeText(axis.extent) : writtenText(axis.value);
  }
}

/** Extents are short; whatever is longer than a number or a name is left out. */
function nodeText(node: spec.Expr): string {
  if (node.kind === "literal") return String(node.value);
  if (node.kind === "param") return node.name;
  return node.kind === "length" ? node.axis : "…";
}

function writtenText(expr: ast.Expr): string {
  if (expr.kind === "literal") return expr.text;
  return expr.kind === "name" ? expr.name.text : "…";
}
