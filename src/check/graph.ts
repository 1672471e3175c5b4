// Makes the nodes of one attention's expressions. Equal nodes are one object (hash-consing), so that a function which
// calls another one twice with the same arguments costs one node more, not twice as many. Facts are computed here,
// bottom up, so that nobody has to walk a deep graph to know something about it.

import { findSignature, type OpName } from "../ops/index.ts";
import type { ScalarType, Value } from "../ops/op.ts";
import type { AxisRange, Pooled, Reduction } from "../spec/choice.ts";
import { rangeValue } from "../spec/parts.ts";
import type * as spec from "../spec/spec.ts";
import { type Axes, ownAxes } from "./axes.ts";
import { applyFacts, type Facts, leafFacts, literalFacts, parameterFacts } from "./facts.ts";

/** The most nodes that one attention may have after every call is replaced by its body. */
export const MOST_NODES = 100_000;
/** The longest way from the root of an expression to a leaf. */
export const MOST_LEVELS = 4000;

/** A number that stands for the node in keys, its facts, and the axes of the map that it depends on. */
type Known = { readonly id: number; readonly facts: Facts; readonly axes: Axes };

export type Graph = {
  readonly nodes: Map<string, spec.Expr>;
  readonly known: Map<spec.Expr, Known>;
  /** Nodes that may be made, and those made so far. */
  readonly most: number;
  size: number;
  /** Expressions elaborated so far. */
  work: number;
  /** Set once a budget is spent; whoever sees it stops making nodes. */
  spent?: "nodes" | "levels" | "reported";
};

export const createGraph = (most = MOST_NODES): Graph => ({
  nodes: new Map(),
  known: new Map(),
  most,
  size: 0,
  work: 0,
});

export const factsOf = (graph: Graph, node: spec.Expr): Facts => graph.known.get(node)!.facts;

/** Adds to what is known of a node that has not been used yet. */
export function learn(graph: Graph, node: spec.Expr, more: Partial<Facts>): void {
  const known = graph.known.get(node)!;
  graph.known.set(node, { ...known, facts: { ...known.facts, ...more } });
}

/** The axes of the map along which the value may change. */
export const axesOf = (graph: Graph, node: spec.Expr): Axes => graph.known.get(node)!.axes;

/** A number that stands for the node in keys of memos. */
export const idOf = (graph: Graph, node: spec.Expr): number => graph.known.get(node)!.id;

export function literal(graph: Graph, type: ScalarType, value: Value): spec.Expr {
  // −0 and 0 are different floats, and one int.
  const kept = type === "int" && value === 0 ? 0 : value;
  const key = `literal ${type} ${Object.is(kept, -0) ? "-0" : kept}`;
  return intern(graph, key, { kind: "literal", type, value: kept }, () => literalFacts(kept));
}

/** @param owner tells apart parameters of the same name where several declarations share a graph */
export function param(
  graph: Graph,
  owner: string,
  name: string,
  type: ScalarType,
  range: spec.Range,
  constant: boolean,
): spec.Expr {
  const bounds = type === "bool" ? { low: 0, high: 1 } : { low: range.low ?? -Infinity, high: range.high ?? Infinity };
  const node: spec.Expr = { kind: "param", type, name };
  return intern(graph, `param ${owner} ${name}`, node, () => parameterFacts(bounds, constant));
}

export function element(
  graph: Graph,
  tensor: string,
  type: ScalarType,
  at: readonly spec.Expr[],
  range: spec.Range,
  implicit: Axes,
): spec.Expr {
  const key = `element ${tensor} ${at.map((index) => idOf(graph, index)).join(" ")}`;
  const node: spec.Expr = { kind: "element", type, tensor, at };
  return intern(
    graph,
    key,
    node,
    () => {
      const depth = 1 + at.reduce((deepest, index) => Math.max(deepest, factsOf(graph, index).depth), 0);
      const { low = -Infinity, high = Infinity } = range;
      const bounds = type === "bool" ? {} : { low, high };
      return { ...leafFacts(node, (axis) => length(graph, axis)), ...bounds, depth };
    },
    implicit,
  );
}

export const length = (graph: Graph, axis: string): spec.Expr =>
  simple(graph, `length ${axis}`, { kind: "length", type: "int", axis });
export const position = (graph: Graph, axis: spec.PositionAxis): spec.Expr =>
  simple(graph, `position ${axis}`, { kind: "position", type: "int", axis });
export const coordinate = (graph: Graph, of: "query" | "key", axis: string): spec.Expr =>
  simple(graph, `coordinate ${of} ${axis}`, { kind: "coordinate", type: "int", of, axis });
export const quantity = (graph: Graph, name: "s" | "p" | "lse" | "scale"): spec.Expr =>
  simple(graph, `quantity ${name}`, { kind: "quantity", type: "float", name });

export const chosen = (graph: Graph): spec.Expr => simple(graph, "chosen", { kind: "chosen", type: "bool" });

export const visible = (graph: Graph): spec.Expr =>
  simple(graph, "visible", { kind: "quantity", type: "bool", name: "visible" });
export const block = (graph: Graph, of: "query" | "key"): spec.Expr =>
  simple(graph, `block ${of}`, { kind: "block", type: "int", of });
export const product = (graph: Graph, left: spec.Vector, right: spec.Vector): spec.Expr =>
  simple(graph, `product ${left} ${right}`, { kind: "product", type: "float", left, right });

export function reduce(graph: Graph, type: ScalarType, reduction: Reduction): spec.Expr {
  const { op, axis, whole, range, width, operand } = reduction;
  const parts = [
    op,
    whole ? "row" : axis,
    rangeKey(graph, range),
    width ? idOf(graph, width) : "",
    idOf(graph, operand),
  ];
  const node: spec.Expr = { kind: "reduce", type, reduction };
  const { exact, depth } = factsOf(graph, operand);
  return intern(graph, `reduce ${parts.join(" ")}`, node, () => ({
    ...leafFacts(node, (name) => length(graph, name)),
    ...(type === "int" && { low: 0 }),
    ...(type === "bool" && { low: 0, high: 1 }),
    exact: type === "float" ? exact && (op === "max" || op === "min") : true,
    depth: depth + 1,
  }));
}

export function pooled(graph: Graph, left: Pooled, right: Pooled): spec.Expr {
  const node: spec.Expr = { kind: "pooled", type: "float", left, right };
  const key = [left, right].map(({ of, reductions, factor }) => {
    const steps = reductions.map(({ op, axis, range }) => `${op} ${axis} ${rangeKey(graph, range)}`);
    return `${of} ${steps.join(" ")} ${factor ? idOf(graph, factor) : ""}`;
  });
  return simple(graph, `pooled ${key.join(" . ")}`, node);
}

function rangeKey(graph: Graph, range: AxisRange | undefined): string {
  if (!range) return "";
  return `${range.kind} ${idOf(graph, rangeValue(range))}`;
}

/** Applies an operation to arguments whose types it has a signature for. An int literal that becomes a float stays a
 *  literal, and so does a negated one. */
export function apply(graph: Graph, op: OpName, args: readonly spec.Expr[]): spec.Expr {
  const signature = findSignature(
    op,
    args.map(({ type }) => type),
  );
  if (!signature) throw new Error(`no ${op} of ${args.map(({ type }) => type).join(", ")}`);
  const [first] = args;
  if ((op === "toFloat" || op === "neg") && first?.kind === "literal") {
    return literal(graph, signature.result, signature.eval(first.value));
  }
  const key = `${op} ${args.map((argument) => idOf(graph, argument)).join(" ")}`;
  const node: spec.Expr = { kind: "apply", type: signature.result, op, args };
  return intern(graph, key, node, () => applyFacts(op, node.type, args, (known) => factsOf(graph, known)));
}

/** A value of which nothing is known but this. It stands in for a call and never reaches a Spec. */
export function someValue(graph: Graph, key: string, type: ScalarType, known: Partial<Facts>): spec.Expr {
  const bounds = type === "bool" ? { low: 0, high: 1 } : { low: -Infinity, high: Infinity };
  const node: spec.Expr = { kind: "param", type, name: "value" };
  const facts = { ...parameterFacts(bounds, false), ...known };
  return intern(graph, `value ${facts.constant} ${key}`, node, () => facts);
}

/** Counts an expression that is elaborated. Arguments may be passed on and on without making a node. */
export function countWork(graph: Graph): void {
  graph.work += 1;
  if (graph.work > 4 * graph.most) graph.spent ??= "nodes";
}

const simple = (graph: Graph, key: string, node: spec.Expr): spec.Expr =>
  intern(graph, key, node, () => leafFacts(node, (axis) => length(graph, axis)));

function intern(graph: Graph, key: string, node: spec.Expr, facts: () => Facts, implicit: Axes = 0): spec.Expr {
  const known = graph.nodes.get(key);
  if (known) return known;
  graph.nodes.set(key, node);
  const computed = facts();
  const axes = implicit | ownAxes(node, (part) => axesOf(graph, part));
  graph.known.set(node, { id: graph.known.size, facts: computed, axes });
  graph.size += 1;
  if (graph.size > graph.most) graph.spent ??= "nodes";
  if (computed.depth > MOST_LEVELS) graph.spent ??= "levels";
  return node;
}
