// What the language describes of a permutation and no kernel computes.

import { nodesWithin } from "../spec/parts.ts";
import type * as spec from "../spec/spec.ts";
import { isImportance } from "./lower-importance.ts";
import { isKnownBefore } from "./lower-order.ts";
import { nodesOf } from "./uncompiled-output.ts";

/** In a few words; undefined where there is nothing. */
export function uncompiledOrder(attention: spec.Attention): string | undefined {
  const { permutation, scores } = attention;
  if (!permutation) return undefined;
  const { of, order } = permutation;
  const values = order.map(({ value }) => value);
  const isComputed = (leaf: spec.Expr) => isKnownBefore(leaf) || isImportance(leaf, of === "query" ? "query" : "key");
  const leaves = values.flatMap(nodesOf).filter(({ kind }) => kind !== "apply");
  if (values.some(({ type }) => type === "bool") || !leaves.every(isComputed)) return "order by";
  const readsScores = nodesWithin(...values).some((node) => node.kind === "quantity" && node.name === "s");
  if (readsScores && nodesWithin(...scores.map(({ value }) => value)).some(isNorm)) return "order by s";
  return undefined;
}

const isNorm = (node: spec.Expr) => node.kind === "product" && node.left === node.right;
