// Which values of the distance are computed once per distance of a tile and read from a table by its pairs: a tile of n
// queries and m keys has n + m − 1 distances and n · m pairs. What a pair pays instead is one load that is not aligned and
// a pointer that moves along, so the distance itself, as an int or a float, or compared with a bound, is not worth it.

import { rates } from "../analysis/depends.ts";
import { diagonals } from "../analysis/diagonal.ts";
import type * as ir from "../ir/expr.ts";
import { children } from "../ir/walk.ts";
import type { OpName } from "../ops/index.ts";
import type { Tile } from "./plan.ts";

/** About how many vector instructions an operation takes; those that are not listed take one. */
const COSTS: Readonly<Partial<Record<OpName, number>>> = {
  ...{ div: 3, floorDiv: 8, floorMod: 8, pow: 30, sign: 3 },
  ...{ exp: 14, exp2: 12, log: 16, log2: 16, sqrt: 4, rsqrt: 6, tanh: 20, sigmoid: 18, sin: 30, cos: 30 },
  ...{ floor: 2, ceil: 2, round: 2, shiftLeft: 4, shiftRight: 4 },
  ...{ randomSeed: 10, randomMix: 12, randomUnit: 3 },
};
/** Four elements, each at its own index. */
const GATHER = 12;

/** What a table must spare a pair. Three is the border: with a table, a slope · (k − q) took between 0 and 3 percent less of
 *  the kernel's time. */
const WORTH = 3;

/** The distances of a tile's pairs: from those of its last row and first key on, one by one. */
export const distancesOf = ({ queries, keys }: Tile): number => queries + keys - 1;

/** The values of the distance that are worth a table in this tile, among those that the regions read.
 *  Linear in the number of nodes. */
export function storedDiagonals(regions: readonly ir.Expr[], tile: Tile): ReadonlySet<ir.Expr> {
  if (distancesOf(tile) >= tile.queries * tile.keys) return new Set();
  const rateAt = rates(regions);
  const varies = (expr: ir.Expr) => rateAt.get(expr) !== "constant" && rateAt.get(expr) !== "head";
  return new Set([...diagonals(regions)].filter((expr) => costsAtLeast(expr, WORTH, varies)));
}

/** Whether the operations below the expression that vary with q or k cost so much. Stops counting where they do. */
function costsAtLeast(root: ir.Expr, wanted: number, varies: (expr: ir.Expr) => boolean): boolean {
  let cost = 0;
  const counted = new Set<ir.Expr>();
  const pending = [root];
  for (let expr = pending.pop(); expr && cost < wanted; expr = pending.pop()) {
    if (counted.has(expr) || !varies(expr)) continue;
    counted.add(expr);
    cost += costOf(expr);
    pending.push(...children(expr));
  }
  return cost >= wanted;
}

function costOf(expr: ir.Expr): number {
  if (expr.kind === "load") return GATHER;
  return expr.kind === "op" ? (COSTS[expr.op] ?? 1) : 0;
}
