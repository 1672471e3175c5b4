// What follows from a call's lengths, whatever runs it: the shapes of its results, and the sizes of what lies between steps.

import { type Checked, contiguous, type Lengths, type Strided } from "./check-inputs.ts";
import type { CallDescription, ScratchExtent } from "./description.ts";

type Shapes = Pick<Checked<unknown, unknown>, "lengths" | "layout">;

/** In the layout of the inputs' axes. */
export function outShape({ lengths, layout }: Shapes): number[] {
  const { batch, heads, queries, valueDim } = lengths as Record<"batch" | "heads" | "queries" | "valueDim", number>;
  return layout === "bhnd" ? [batch, heads, queries, valueDim] : [batch, queries, heads, valueDim];
}

/** Of [batch, head, row], in elements. */
export function outStrides(call: Shapes): Strided["strides"] {
  const [batch, second, third] = contiguous(outShape(call)) as [number, number, number, number];
  return call.layout === "bhnd" ? [batch, second, third] : [batch, third, second];
}

export const lseShape = ({ lengths }: Shapes): number[] => [lengths.batch!, lengths.heads!, lengths.queries!];

/** Of the outputs that the attention names. */
export const namedShapes = ({ outputs: { named = [] } }: CallDescription, { lengths }: Pick<Shapes, "lengths">) =>
  named.map(({ extents, ...output }) => ({ ...output, shape: extents.map((extent) => elementsOf([extent], lengths)) }));

/** By what a step for WebGPU binds such an output. */
export const ofOutput = (name: string) => `output.${name}`;

/** The lengths of a call as steps find them that read keys and values in stored order. */
export const storedLengths = ({ keyHeads }: Pick<CallDescription, "keyHeads">, lengths: Lengths): Lengths => ({
  ...lengths,
  calledKvHeads: lengths.kvHeads!,
  kvHeads: lengths[keyHeads ?? "kvHeads"]!,
});

export const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

/** How many elements such extents make. */
export const elementsOf = (extents: readonly ScratchExtent[], lengths: Lengths) =>
  sizeOf(extents.map((extent) => lengthOf(extent, lengths)));

function lengthOf(extent: ScratchExtent, lengths: Lengths): number {
  if (typeof extent === "number") return extent;
  if (typeof extent === "string") return lengths[extent]!;
  return Math.ceil(lengthOf(extent.stretches, lengths) / extent.of);
}
