// What every kernel tells the runtime of a call: shapes, promises, outputs and scratch; see src/runtime/description.ts.

import type * as ir from "../ir/expr.ts";
import { storedHeads } from "../ir/order.ts";
import type * as runtime from "../runtime/description.ts";
import type { Program } from "../schedule/plan.ts";

export function describeCall({ name, ir: attention, dims, buffers }: Program): runtime.CallDescription {
  const fromCaller = new Set(attention.shapeParams);
  return {
    ...{ name, dims },
    params: attention.params.map(({ name, type, range, default: value }) => ({
      ...{ name, type, range },
      ...(value === undefined ? {} : { default: value }),
    })),
    tensors: attention.tensors.map(({ name, element, extents, range, sorted }) => ({
      ...{ name, element: elementOf(element), extents: extents.map(extentOf), range, sorted },
    })),
    axes: axesOf(attention).map((name) => ({ name, from: fromCaller.has(name) ? "caller" : "tensor" })),
    outputs: { lse: attention.outputs.lse, ...(attention.statistics && { named: namedOutputs(buffers) }) },
    empty: attention.empty,
    ...(attention.order && storedHeads(attention.order) === "heads" && { keyHeads: "heads" }),
    buffers: buffers
      .filter(({ role }) => role === "scratch")
      .map(({ name, extents, mostBytes }) => ({
        ...{ name, extents: extents.map(scratchExtentOf) },
        ...(mostBytes === undefined ? {} : { mostBytes }),
      })),
  };
}

function namedOutputs(buffers: Program["buffers"]): readonly runtime.NamedOutput[] {
  return buffers
    .filter(({ name, role }) => role === "output" && name !== "out" && name !== "lse")
    .map(({ name, element, extents }) => ({
      name,
      element: element as "f32" | "i32",
      extents: extents.map(scratchExtentOf),
    }));
}

/** Names of the axes whose extents a call says or brings along: those of the caller first. */
export function axesOf(attention: ir.AttentionIr): readonly string[] {
  const names = new Set(attention.shapeParams);
  for (const { extents } of attention.tensors) {
    for (const extent of extents) if (extent.kind === "extent") names.add(axisName(extent.extent) ?? "");
  }
  names.delete("");
  return [...names];
}

export function axisName(extent: ir.Extent): string | undefined {
  return extent.startsWith("axis:") ? extent.slice("axis:".length) : undefined;
}

function elementOf(element: ir.Tensor["element"]): runtime.ElementType {
  if (element === "bf16") throw new Error(`no runtime of TypeScript reads ${element}: a bug in the plan`);
  return element;
}

export function extentOf(extent: ir.Expr): runtime.Extent {
  if (extent.kind === "const") return Number(extent.value);
  if (extent.kind !== "extent") throw new Error(`an extent is a ${extent.kind}: a bug in lowering`);
  return extent.extent;
}

/** A summary, a list or a choice has as many elements as tiles cover a length: (length + n − 1) // n. */
export function scratchExtentOf(extent: ir.Expr): runtime.ScratchExtent {
  if (extent.kind !== "op") return extentOf(extent);
  const [rounded, stretch] = extent.args as [ir.Expr & { kind: "op" }, ir.Expr & { kind: "const" }];
  return { stretches: extentOf(rounded.args[0]!), of: Number(stretch.value) };
}
