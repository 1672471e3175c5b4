// What the language describes of a permutation and no kernel computes.

import { nodesWithin } from "../spec/parts.ts";
import { choiceParts } from "../spec/print-choice.ts";
import type * as spec from "../spec/spec.ts";
import { isImportance } from "./lower-importance.ts";
import { isKnownBefore, orderedBy } from "./lower-order.ts";
import { nodesOf } from "./uncompiled-output.ts";

/** In a few words; undefined where there is nothing. */
export function uncompiledOrder(attention: spec.Attention): string | undefined {
  const { permutation, scores } = attention;
  if (!permutation) return undefined;
  const { of, order } = permutation;
  const values = order.map(({ value }) => value);
  const isComputed = (leaf: spec.Expr) => isKnownBefore(leaf) || (of !== "query" && isImportance(leaf));
  const leaves = values.flatMap(nodesOf).filter(({ kind }) => kind !== "apply");
  if (values.some(({ type }) => type === "bool") || !leaves.every(isComputed)) return "order by";
  const readsScores = nodesWithin(...values).some((node) => node.kind === "quantity" && node.name === "s");
  if (readsScores && nodesWithin(...scores.map(({ value }) => value)).some(isNorm)) return "order by s";
  if (orderedBy(values) !== "head" || of === "query") return undefined;
  return toldApart(attention);
}

const isNorm = (node: spec.Expr) => node.kind === "product" && node.left === node.right;

/** Keys that every query head stores for itself have no KV head that an expression could name. */
function toldApart(attention: spec.Attention): string | undefined {
  const { sparsities = [], outputs, tensors } = attention;
  if (outputs.named) return "per head beside outputs";
  if (sparsities.some(({ share }) => share?.over === "group")) return "per head beside share group";
  const ofKv = tensors.some(({ axes }) => axes.some((axis) => axis.kind === "implicit" && axis.axis === "kv"));
  return ofKv || nodesWithin(...expressionsOf(attention)).some(readsKv) ? "per head beside kv" : undefined;
}

function expressionsOf({ masks, scores, weights, scale, normalize, sparsities = [] }: spec.Attention) {
  const sink = normalize.kind === "softmax" ? normalize.sink : undefined;
  const clauses = [...masks, ...scores, ...weights, ...(scale ? [scale] : [])].map(({ value }) => value);
  return [...clauses, ...(sink ? [sink] : []), ...choiceParts(sparsities, [], [])];
}

const readsKv = (node: spec.Expr): boolean =>
  (node.kind === "position" && node.axis === "kv") ||
  (node.kind === "length" && (node.axis === "kv" || node.axis === "group"));
