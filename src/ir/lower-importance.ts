// A score that tokens are sorted by → Importance: reductions along the query rows become tensors of keys, those along the keys
// tensors of rows, and where they stood these are read. A mean is a sum and a count, and a product with a mean of rows a mean of products.

import type { AxisRange, Pooled } from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type { Expr, Extent, Tensor } from "./expr.ts";
import type { Importance } from "./importance.ts";
import { coord, extent, float, int, load, op, quantity } from "./make.ts";
import { OF_NO_FLOATS, type RowRange } from "./statistics.ts";
import { nodesOf } from "./uncompiled-output.ts";

/** Lowers an expression of a pair, or of a key, asking `special` first about leaves that masks and scores do not have. */
export type LowerPair = (expr: spec.Expr, special: (leaf: spec.Expr) => Expr | undefined) => Expr;

type Side = Importance["of"];

/** Whether a leaf of what keys, or rows, are sorted by is computed by a step of its own. */
export const isImportance = (leaf: spec.Expr, of: Side): boolean => reductionOf(leaf, of) !== undefined;

/** Lowers leaves of sort keys, and remembers what they read. Problems are found before: see `isImportance`. */
export function importanceLowerer(of: Side, span: Tensor["span"], lower: LowerPair) {
  const importances: Importance[] = [];
  const { length, place, along: other } = SIDES[of];
  const add = (importance: Omit<Importance, "of" | "tensor">): Expr => {
    const name = `order.importance${importances.length}`;
    const extents = [extent("batch"), extent("heads"), extent(length)];
    importances.push({ of, tensor: { name, element: "f32", extents, range: {}, sorted: false, span }, ...importance });
    return load("float", name, [coord("batch"), coord("head"), place]);
  };
  /** What pairs have where the range has them, and what changes no fold elsewhere. */
  const within = (range: AxisRange | undefined, value: Expr, otherwise: number): Expr =>
    range?.kind === "where" ? op("select", lower(range.condition, none), value, float(otherwise)) : value;
  const find = (leaf: spec.Expr): Expr | undefined => {
    const found = reductionOf(leaf, of);
    if (!found) return undefined;
    const { range, softmax: along } = found;
    const bounds = rangeOf(range, SIDES[other].length, lower);
    const fold = found.op === "mean" ? "sum" : found.op;
    const own = found.value
      ? lower(found.value, (node) => (node === along?.node ? quantity("weight") : undefined))
      : quantity("dot");
    const value = add({
      ...{ op: fold, along: bounds, value: within(range, own, OF_NO_FLOATS[fold]) },
      ...(along && {
        softmax: {
          of: within(along.range, lower(along.of, none), -Infinity),
          keys: rangeOf(along.range, "keys", lower),
        },
      }),
    });
    if (found.op !== "mean") return value;
    const counted = () => add({ op: "sum", along: bounds, value: within(range, float(1), 0) });
    const count = range?.kind === "where" ? counted() : op("toFloat", op("sub", bounds.end, bounds.first));
    // A mean of nothing is 0.
    return op("div", value, op("max", count, float(1)));
  };
  return { importances, find };
}

/** Tokens of a side, and what they are folded along. */
const SIDES = {
  key: { length: "keys", place: coord("key"), along: "query", vector: "K" },
  query: { length: "queries", place: op("sub", coord("query"), extent("queryStart")), along: "key", vector: "Q" },
} as const;

const none = () => undefined;

/** What a step computes: a fold of what pairs come to, absent where that is their product. */
type Reduced = {
  readonly op: "sum" | "mean" | "max" | "min";
  readonly range: AxisRange | undefined;
  readonly value?: spec.Expr;
  readonly softmax?: { readonly node: spec.Expr; readonly of: spec.Expr; readonly range: AxisRange | undefined };
};

/** Undefined where no step does. */
function reductionOf(leaf: spec.Expr, of: Side): Reduced | undefined {
  if (leaf.kind === "pooled") return productOf(leaf.left, leaf.right, of) ?? productOf(leaf.right, leaf.left, of);
  if (leaf.kind !== "reduce") return undefined;
  const { op: fold, axis, range, operand } = leaf.reduction;
  if (axis !== SIDES[of].along || operand.type !== "float" || !isFold(fold) || !isPlainRange(range)) return undefined;
  const inside = nodesOf(operand).filter(({ kind }) => kind === "reduce");
  const [node, ...more] = inside;
  if (more.length > 0 || !nodesOf(operand).every((each) => each === node || isOfPair(each))) return undefined;
  const softmax = node && softmaxOf(node);
  if (node && !softmax) return undefined;
  return { op: fold, range, value: operand, ...(softmax && { softmax: { node, ...softmax } }) };
}

function softmaxOf(node: spec.Expr) {
  if (node.kind !== "reduce") return undefined;
  const { op: along, axis, range, operand } = node.reduction;
  const known = along === "softmax" && axis === "key" && isPlainRange(range) && nodesOf(operand).every(isOfPair);
  return known ? { of: operand, range } : undefined;
}

/** dot(mean[query: last N] Q, K), of keys; of rows dot(Q, mean[key: last N] K) */
function productOf(pooled: Pooled, plain: Pooled, of: Side): Reduced | undefined {
  const [first, ...more] = pooled.reductions;
  const { vector, along } = SIDES[of];
  const isPlain = plain.of === vector && plain.reductions.length === 0 && !plain.factor && !pooled.factor;
  if (!first || more.length > 0 || pooled.of !== SIDES[along].vector || !isPlain || first.axis !== along)
    return undefined;
  if ((first.op !== "sum" && first.op !== "mean") || !isPlainRange(first.range)) return undefined;
  return { op: first.op, range: first.range };
}

const isFold = (name: string): name is Reduced["op"] => ["sum", "mean", "max", "min"].includes(name);

/** The first or the last of an axis, as many for every token, or those for which a condition of whole numbers holds: it is
 *  decided alike whatever rounds. */
export function isPlainRange(range: AxisRange | undefined): boolean {
  if (!range) return true;
  if (range.kind !== "where") return nodesOf(range.count).every(isOfCall);
  return nodesOf(range.condition).every((node) => isOfPair(node) && node.type !== "float");
}

const isOfCall = ({ kind }: spec.Expr): boolean => ["apply", "literal", "param", "length"].includes(kind);

/** What a score of a pair may be made of. */
export function isOfPair(node: spec.Expr): boolean {
  if (node.kind === "product") return node.left !== node.right && node.left !== "V" && node.right !== "V";
  if (node.kind === "quantity") return node.name === "scale" || node.name === "s";
  return isOfCall(node) || ["position", "coordinate", "element"].includes(node.kind);
}

/** Where the range begins and ends: no further than the axis. */
function rangeOf(range: AxisRange | undefined, axis: Extract<Extent, "queries" | "keys">, lower: LowerPair): RowRange {
  const length = extent(axis);
  if (!range || range.kind === "where") return { first: int(0), end: length };
  const count = op("max", op("min", lower(range.count, none), length), int(0));
  return range.kind === "first" ? { first: int(0), end: count } : { first: op("sub", length, count), end: length };
}
