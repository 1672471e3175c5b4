// Parameters of an attention, or of a declaration that is looked at by itself: what their names stand for in its body,
// and, for an attention, the list of inputs with everything that is promised of them.

import type { Name } from "../source/span.ts";
import type * as spec from "../spec/spec.ts";
import { intersect } from "./arguments.ts";
import { elaborateAs } from "./elaborate.ts";
import type { Binding, Bound, Captured, Environment, Workspace } from "./environment.ts";
import { factsOf, learn, length, param } from "./graph.ts";
import { TENSOR_AXIS } from "./place.ts";
import type { AxisSignature, Signature, TensorSignature } from "./signature.ts";

/** @param owner tells apart the parameters of declarations that share a graph; empty in an attention
 *  Problems: E0418, E0419, and those of expressions in axes. */
export function bindParameters(
  workspace: Workspace,
  file: number,
  signatures: readonly Signature[],
  owner = "",
): Bound {
  const { graph } = workspace;
  const bindings = new Map<string, Binding>();
  for (const signature of signatures) {
    if (signature.kind !== "scalar") continue;
    const { name, type, range } = signature;
    const value = type && param(graph, owner, name.text, type, range, signature.const);
    bindings.set(name.text, { kind: "value", value });
  }
  const tensorAxes = new Set<string>();
  const env: Environment = { workspace, file, place: TENSOR_AXIS, bindings, used: tensorAxes };
  for (const signature of signatures) {
    if (signature.kind === "broken") bindings.set(signature.name.text, { kind: "value", value: undefined });
    if (signature.kind !== "tensor") continue;
    const axes = signature.axes.map((axis) => elaborateAxis(env, axis));
    for (const axis of signature.axes) {
      if (axis.kind === "fresh") bindings.set(axis.name, { kind: "axis", extent: length(graph, axis.name) });
    }
    const known = axes.filter((axis) => axis !== undefined);
    const tensor = known.length === axes.length ? captured(signature, known, owner) : undefined;
    bindings.set(signature.name.text, { kind: "tensor", tensor });
  }
  return { bindings, tensorAxes };
}

const captured = (
  { name, element, range }: TensorSignature,
  axes: readonly spec.TensorAxis[],
  owner: string,
): Captured => ({
  name: owner ? `${name.text} ${owner}` : name.text,
  element,
  axes,
  range,
});

function elaborateAxis(env: Environment, axis: AxisSignature): spec.TensorAxis | undefined {
  if (axis.kind !== "extent") return axis;
  const { graph, grid, report } = env.workspace;
  const { value } = axis;
  const isGridAxis = value.kind === "name" && !env.bindings.has(value.name.text) && Array.isArray(grid);
  if (isGridAxis && grid.includes(value.name.text)) return { kind: "extent", extent: length(graph, value.name.text) };
  const extent = elaborateAs(env, value, "int", { of: "axis" });
  if (!extent) return undefined;
  const facts = factsOf(graph, extent);
  if (!facts.constant) {
    report({ code: "E0418", kind: "axis-not-constant", at: value.span });
    return undefined;
  }
  if (facts.high < 1) {
    report({ code: "E0419", kind: "extent-not-positive", at: value.span, of: "axis" });
    return undefined;
  }
  // The call refuses an empty axis, so whoever reads an element may count on one.
  learn(graph, extent, { low: Math.max(facts.low, 1) });
  return { kind: "extent", extent };
}

/** A name that begins with `_` says itself that nobody reads it. */
export const isUnused = (name: Name, used: ReadonlySet<string>): boolean =>
  !used.has(name.text) && !name.text.startsWith("_");

/** The inputs of an attention, with the promises that its masks, scores and functions ask of them. */
export function inputsOf(
  workspace: Workspace,
  signatures: readonly Signature[],
  bindings: ReadonlyMap<string, Binding>,
): { readonly params: spec.Param[]; readonly tensors: spec.TensorParam[] } {
  const params: spec.Param[] = [];
  const tensors: spec.TensorParam[] = [];
  for (const signature of signatures) {
    if (signature.kind === "broken") continue;
    const name = signature.name.text;
    const { span } = signature.name;
    const promised = workspace.promises?.get(name);
    const range = intersect(signature.range, promised?.range ?? {});
    const hasConstBounds = signature.constBounds.low !== undefined || signature.constBounds.high !== undefined;
    const shared = { name, range, ...(hasConstBounds && { constBounds: signature.constBounds }), span };
    if (signature.kind === "scalar") {
      if (!signature.type) continue;
      const value = signature.default;
      params.push({ ...shared, type: signature.type, const: signature.const, ...(value && { default: value.value }) });
    } else {
      const binding = bindings.get(name);
      if (binding?.kind !== "tensor" || !binding.tensor) continue;
      const { element, axes } = binding.tensor;
      tensors.push({ ...shared, element, axes, sorted: signature.sorted || (promised?.sorted ?? false) });
    }
  }
  return { params, tensors };
}
