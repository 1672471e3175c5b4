// A name by itself, `q.y`, `len(axis)` and `table[i]`: what they stand for in the place where they are written.

import type { NameKind } from "../diagnostics/name-problem.ts";
import type { Name, Span } from "../source/span.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { implicitAxes } from "./axes.ts";
import { builtinOf } from "./builtins.ts";
import { type Captured, declarationOf, type Environment, lookUp, type Operand, origin, report } from "./environment.ts";
import { apply, block, coordinate, element, factsOf, length, position, quantity, visible } from "./graph.ts";
import { BLOCKS, POSITIONS, QUANTITIES, VECTORS, visibleNames } from "./place.ts";
import { AXES } from "./reserved.ts";
import { scalarOf } from "./signature.ts";
import { axisNames, tensorType } from "./tensor-type.ts";

/** A parameter, a position, a quantity or a vector. A name that is none of these gives `"elsewhere"`: it may be a
 *  declaration. Problems: E0209, E0417, E0504, E0507. */
export function elaborateVisible(env: Environment, name: Name): Operand | undefined | "elsewhere" {
  const { graph } = env.workspace;
  const binding = lookUp(env, name);
  if (binding?.kind === "value") return binding.value;
  if (binding?.kind === "axis") return binding.extent;
  if (binding?.kind === "tensor") return binding.tensor && readElement(env, name, binding.tensor, [], name.span);
  const axis = Object.hasOwn(POSITIONS, name.text) ? POSITIONS[name.text] : undefined;
  if (axis) return env.place.positions.includes(axis) ? position(graph, axis) : notVisible(env, name);
  const known = QUANTITIES.find((text) => text === name.text);
  if (known) return env.place.quantities.includes(known) ? quantity(graph, known) : notVisible(env, name);
  const blockOf = BLOCKS[name.text];
  if (env.place.blocks && blockOf) return block(graph, blockOf);
  if (env.place.sight && name.text === "visible") return visible(graph);
  const vector = VECTORS.find((text) => text === name.text);
  return vector ? elaborateVector(env, name, vector) : "elsewhere";
}

function elaborateVector(env: Environment, name: Name, vector: (typeof VECTORS)[number]): Operand | undefined {
  if (vector === "O") return notVisible(env, name);
  switch (env.place.vectors) {
    case "visible":
      return { kind: "vector", type: "vector", name: vector };
    case "deciding":
      report(env)({ code: "E0504", kind: "vector-in-decision", name });
      return undefined;
    case "unsupported":
      report(env)({ code: "E0507", kind: "vector-place-unsupported", name, place: env.place.name });
      return undefined;
    case "hidden":
      return notVisible(env, name);
  }
}

export function notVisible(env: Environment, name: Name): undefined {
  const shown = visibleNames(env.place);
  report(env)({ code: "E0209", kind: "not-visible-here", name, place: env.place.name, visible: shown });
}

/** Problems: E0201. */
export function unknownName(env: Environment, name: Name): undefined {
  const { grid } = env.workspace;
  const gridAxis = Array.isArray(grid) && grid.includes(name.text);
  const inScope = [...env.bindings.keys(), ...visibleNames(env.place), ...declaredNames(env)];
  report(env)({ code: "E0201", kind: "unknown-name", name, inScope, ...(gridAxis && { gridAxis }) });
}

/** Declarations whose names may stand in an expression here. */
function declaredNames(env: Environment): string[] {
  const kinds = env.place.masks ? ["fn", "mask"] : ["fn"];
  const scope = env.workspace.declarations.scopes[env.file] ?? new Map();
  return [...scope].flatMap(([name, entry]) =>
    entry !== "broken" && kinds.includes(entry.declaration.kind) ? [name] : [],
  );
}

/** `q.y`. Problems: E0208, E0209, E0212. */
export function elaborateMember(
  env: Environment,
  { object, member }: Extract<ast.Expr, { kind: "member" }>,
): Operand | undefined {
  const { grid, graph } = env.workspace;
  const axis = env.bindings.has(object.text) ? undefined : POSITIONS[object.text];
  if (axis !== "query" && axis !== "key") {
    report(env)({ code: "E0212", kind: "no-coordinates", object, member });
    return undefined;
  }
  if (!env.place.positions.includes(axis)) return notVisible(env, object);
  if (grid === "any" || grid?.includes(member.text)) return coordinate(graph, axis, member.text);
  report(env)({
    code: "E0208",
    kind: "unknown-coordinate",
    object,
    member,
    ...(grid && { axes: grid }),
    ...origin(env),
  });
  return undefined;
}

/** `len(axis)`. Problems: E0207, E0209, E0304, E0508. */
export function elaborateLength(
  env: Environment,
  { callee, args }: Extract<ast.Expr, { kind: "call" }>,
): Operand | undefined {
  const { grid, graph } = env.workspace;
  const [axis] = args;
  if (!axis || args.length !== 1) {
    report(env)({
      code: "E0304",
      kind: "function-argument-count",
      name: callee,
      found: args.length,
      fewest: 1,
      most: 1,
    });
    return undefined;
  }
  const name = axis.kind === "name" ? axis.name : undefined;
  const binding = name && env.bindings.get(name.text);
  if (name && binding?.kind === "axis") {
    env.used?.add(name.text);
    return binding.extent;
  }
  if (!env.place.lengths) return notVisible(env, callee);
  if (name && AXES.includes(name.text)) return lengthOfAxis(env, name);
  if (name && (grid === "any" || grid?.includes(name.text))) return length(graph, name.text);
  const fresh = [...env.bindings].flatMap(([text, { kind }]) => (kind === "axis" ? [text] : []));
  const axes = [...AXES.filter((text) => text !== "layer"), ...(grid === "any" || !grid ? [] : grid), ...fresh];
  report(env)({ code: "E0207", kind: "unknown-axis", at: axis.span, axes });
  return undefined;
}

function lengthOfAxis(env: Environment, name: Name): spec.Expr | undefined {
  const { graph } = env.workspace;
  switch (name.text) {
    case "layer":
      report(env)({ code: "E0508", kind: "axis-unsupported", name });
      return undefined;
    case "token":
      return length(graph, "key");
    case "group":
      return apply(graph, "floorDiv", [length(graph, "head"), length(graph, "kv")]);
    default:
      return length(graph, name.text);
  }
}

export type Index = { readonly node: spec.Expr; readonly at: Span };

/** An element of a captured tensor; without indices where every axis is implicit.
 *  Problems: E0210, E0416, E0417, W0302. */
export function readElement(
  env: Environment,
  name: Name,
  tensor: Captured,
  indices: readonly Index[],
  at: Span,
): spec.Expr | undefined {
  const { graph } = env.workspace;
  const explicit = tensor.axes.filter((axis) => axis.kind !== "implicit");
  const hidden = tensor.axes.find((axis) => axis.kind === "implicit" && !env.place.implicit.includes(axis.axis));
  if (hidden?.kind === "implicit") {
    report(env)({
      code: "E0210",
      kind: "axis-not-visible-here",
      tensor: name,
      axis: hidden.axis,
      place: env.place.name,
    });
    return undefined;
  }
  if (indices.length !== explicit.length) {
    const shown = { type: tensorType(tensor), axes: axisNames(explicit) };
    if (indices.length === 0) report(env)({ code: "E0417", kind: "tensor-without-index", name, ...shown });
    else report(env)({ code: "E0416", kind: "index-count", at, tensor: name, found: indices.length, ...shown });
    return undefined;
  }
  for (const [i, axis] of explicit.entries()) {
    if (isProved(env, indices[i]!.node, axis)) continue;
    const shown = { tensor: name, axis: axisNames([axis])[0]!, ...extentText(axis) };
    report(env)({ code: "W0302", kind: "index-unproved", at: indices[i]!.at, ...shown });
  }
  const nodes = indices.map(({ node }) => node);
  return element(graph, tensor.name, scalarOf(tensor.element), nodes, tensor.range, implicitAxes(tensor.axes));
}

/** True if the index is known to lie on the axis. */
function isProved(env: Environment, index: spec.Expr, axis: spec.TensorAxis): boolean {
  const { graph } = env.workspace;
  const isQuery = index.kind === "position" && index.axis === "query";
  if (axis.kind === "position" && axis.axis === "query") return isQuery;
  if (axis.kind === "position" && isQuery) return true;
  const extent = extentOf(env, axis);
  const { low, high, below } = factsOf(graph, index);
  return low >= 0 && (below.includes(extent) || high < factsOf(graph, extent).low);
}

/** The extent of an axis as it can be typed. */
function extentText(axis: spec.TensorAxis): { readonly extent?: string } {
  if (axis.kind === "position") return { extent: axis.axis === "query" ? "len(query)" : "len(key)" };
  if (axis.kind === "fresh") return { extent: axis.name };
  if (axis.kind !== "extent") return {};
  const { extent } = axis;
  if (extent.kind === "length") return { extent: `len(${extent.axis})` };
  if (extent.kind === "param") return { extent: extent.name };
  return extent.kind === "literal" ? { extent: String(extent.value) } : {};
}

/** How many elements lie along an axis. */
export function extentOf(env: Environment, axis: spec.TensorAxis): spec.Expr {
  const { graph } = env.workspace;
  switch (axis.kind) {
    case "implicit":
      return length(graph, axis.axis);
    case "position":
      return length(graph, axis.axis === "query" ? "query" : "key");
    case "extent":
      return axis.extent;
    case "fresh":
      return length(graph, axis.name);
  }
}

/** What a name stands for that cannot stand here; undefined when it is not known at all. */
export function kindOfName(
  env: Environment,
  name: Name,
): { readonly found: NameKind; readonly declared?: Span } | undefined {
  const binding = env.bindings.get(name.text);
  if (binding) return { found: binding.kind === "tensor" ? "tensor" : "parameter" };
  if (Object.hasOwn(POSITIONS, name.text) || QUANTITIES.some((text) => text === name.text))
    return { found: "parameter" };
  if (VECTORS.some((text) => text === name.text)) return { found: "vector" };
  const entry = declarationOf(env, name);
  if (entry && entry !== "broken") return { found: entry.declaration.kind, declared: entry.declaration.name.span };
  return builtinOf(name.text) ? { found: "fn" } : undefined;
}
