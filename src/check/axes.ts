// Along which axes of the map a value may change, as a set of bits: what a reduction removes, and what the place of an output,
// a sparsity or a permutation must find left. Found bottom up, when a node is made.

import type { Pooled, ReducedAxis, Reduction } from "../spec/choice.ts";
import { rangeValue } from "../spec/parts.ts";
import type * as spec from "../spec/spec.ts";

/** A set of axes. */
export type Axes = number;

/** Outermost first. A value that changes with the query head changes with `head`; with the KV head only, with `kv`. */
export const AXIS_BITS = { batch: 1, head: 2, kv: 4, query: 8, key: 16 } as const;
type Axis = keyof typeof AXIS_BITS;

export const axisNames = (axes: Axes): Axis[] =>
  (Object.keys(AXIS_BITS) as Axis[]).filter((axis) => (axes & AXIS_BITS[axis]) !== 0);

const set = (...axes: Axis[]): Axes => axes.reduce((bits, axis) => bits | AXIS_BITS[axis], 0);

const QUERY_ROW = set("batch", "head", "query");
const KEY_ROW = set("batch", "kv", "key");
const rows: Readonly<Record<spec.Vector, Axes>> = { Q: QUERY_ROW, K: KEY_ROW, V: KEY_ROW };
const PAIR = QUERY_ROW | KEY_ROW;
const quantities = { s: PAIR, p: PAIR, lse: QUERY_ROW, visible: PAIR };

/** @param of axes of a node that was made before */
export function ownAxes(node: spec.Expr, of: (part: spec.Expr) => Axes): Axes {
  switch (node.kind) {
    case "position":
      return AXIS_BITS[node.axis];
    case "coordinate":
      return AXIS_BITS[node.of];
    case "quantity":
      // A scale that changes with the pair is refused where a block reads it.
      return node.name === "scale" ? 0 : quantities[node.name];
    case "product":
      return rows[node.left] | rows[node.right];
    case "reduce":
      return reducedAxes(node.reduction, of);
    case "pooled":
      return pooledAxes(node.left, of) | pooledAxes(node.right, of);
    case "element":
      return union(node.at, of);
    case "apply":
      return union(node.args, of);
    default:
      return 0;
  }
}

/** What is left of the axes of an operand. */
function reducedAxes({ op, axis, range, width, operand }: Reduction, of: (part: spec.Expr) => Axes): Axes {
  const keeps = op === "softmax" || op === "rank" || op === "avg_pool" || op === "max_pool";
  const bound = range ? of(rangeValue(range)) : 0;
  const inner = of(operand) | (range?.kind === "where" ? bound : 0);
  const left = keeps ? inner | removed(axis) : without(inner, axis);
  return left | (range?.kind === "where" ? 0 : bound) | (width ? of(width) : 0);
}

/** The axes of a row that is made of rows. */
export function pooledAxes({ of: vector, reductions, factor }: Pooled, of: (part: spec.Expr) => Axes): Axes {
  const left = reductions.reduce((axes, { axis }) => without(axes, axis), rows[vector]);
  return left | (factor ? of(factor) : 0);
}

/** True if a row changes along the axis, so that there is something to reduce. */
export const hasAxis = (axes: Axes, axis: ReducedAxis): boolean => (axes & removed(axis)) !== 0;

const removed = (axis: ReducedAxis): Axes =>
  axis === "group" ? AXIS_BITS.head : axis === "head" ? set("head", "kv") : AXIS_BITS[axis];

/** Reducing over the heads of a group leaves the KV head. */
function without(axes: Axes, axis: ReducedAxis): Axes {
  const left = axes & ~removed(axis);
  return axis === "group" && hasAxis(axes, axis) ? left | AXIS_BITS.kv : left;
}

const union = (parts: readonly spec.Expr[], of: (part: spec.Expr) => Axes) =>
  parts.reduce((axes, part) => axes | of(part), 0);

/** Axes of a captured tensor that are bound to the current batch and head. */
export const implicitAxes = (axes: readonly spec.TensorAxis[]): Axes =>
  axes.reduce((bits, axis) => (axis.kind === "implicit" ? bits | AXIS_BITS[axis.axis] : bits), 0);
