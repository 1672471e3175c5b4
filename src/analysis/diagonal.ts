// Which values hang on q and k through their distance alone, so that they are the same along a diagonal of a tile:
//
//   clamp(q - k + n // 2, 0, n - 1)    exp(-(q - k) / tau)    (2 * q + w[h]) - 2 * k
//
// An int is one where its linear form reads q and k with opposite coefficients: i32 arithmetic is linear modulo 2³², so the
// value is a function of q − k modulo 2³², also where positions wrap around. Anything else is one where its operands are.
// A comparison of q with k + 3 is none: where positions wrap around, it is more than their distance.

import type { Expr } from "../ir/expr.ts";
import { coord } from "../ir/make.ts";
import { children, nodes } from "../ir/walk.ts";
import { affineOf, linearParts } from "./affine.ts";
import { type Rate, rates } from "./depends.ts";

/** Nodes below the roots that read q and k through q − k and nothing else, but constants and values of the head.
 *  @param localRates rates of the locals that were computed before
 *  @param known locals that are such values themselves */
export function diagonals(
  roots: readonly Expr[],
  localRates?: ReadonlyMap<string, Rate>,
  known: ReadonlySet<string> = new Set(),
): ReadonlySet<Expr> {
  const rateAt = rates(roots, localRates);
  const found = new Set<Expr>();
  const isHead = (expr: Expr) => rateAt.get(expr) === "constant" || rateAt.get(expr) === "head";
  const isKnown = (expr: Expr) => found.has(expr) || isHead(expr);
  /** Sums of q, k and what is known: they are read through their linear form, in which nothing else cancels. */
  const sums = new Set<Expr>(POSITIONS);
  for (const expr of nodes(...roots)) {
    if (isHead(expr)) continue;
    if (expr.kind === "local" && known.has(expr.name)) found.add(expr);
    const parts = children(expr);
    if (parts.length === 0) continue;
    if (parts.every(isKnown)) found.add(expr);
    else if (linearParts(expr).length > 0 && parts.every((part) => sums.has(part) || isKnown(part))) {
      if (isOfDistance(expr, isKnown)) found.add(expr);
      else sums.add(expr);
    }
  }
  return found;
}

const [Q, K] = [coord("query"), coord("key")];
const POSITIONS = [Q, K];

/** a · q − a · k + what is known. */
function isOfDistance(expr: Expr, isKnown: (expr: Expr) => boolean): boolean {
  const { terms } = affineOf(expr);
  const others = [...terms.keys()].filter((term) => term !== Q && term !== K);
  return (terms.get(Q) ?? 0) + (terms.get(K) ?? 0) === 0 && others.every(isKnown);
}
