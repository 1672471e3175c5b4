// Where on the key axis a tile of queries can see anything: a few runs of keys with ends in closed form. A kernel jumps
// from run to run instead of asking every tile of keys:
//
//   q >= k and (k < 4 or q - k < w)     →     0 ‥ min(4, lastQuery + 1),   firstQuery - w + 1 ‥ lastQuery + 1
//
// The runs together hold every key that any query of the tile sees. A term that cannot be solved for the key allows all
// keys: that is only slower.

import type { Expr } from "../../ir/expr.ts";
import { bool, op } from "../../ir/make.ts";
import type { BoolBounds } from "./bounds.ts";
import { isOrder, type Order } from "./compare.ts";
import type { TileBounds } from "./evaluate.ts";
import { EVERYTHING, intersect, type Run, unite } from "./run-sets.ts";
import { readsKey, solveComparison } from "./solve.ts";

export type Runs = {
  /** They hold every key which the mask lets a query of the tile see. */
  readonly runs: readonly Run[];
  /** Terms that could not be solved for the key and so allow all keys. */
  readonly unsolved: readonly Expr[];
};

/** Solves the mask for the key. Linear in the mask but for a bounded number of runs. */
export function keyRuns(mask: Expr, tile: TileBounds): Runs {
  const unsolved = new Set<Expr>();
  const runs = solve(mask, true, { ...tile, unsolved });
  return { runs, unsolved: [...unsolved] };
}

/** The tile, and where terms are noted that cannot be solved. */
type Solving = TileBounds & { readonly unsolved: Set<Expr> };

/** Keys for which `condition` may have the value `wanted`. */
function solve(condition: Expr, wanted: boolean, tile: Solving): readonly Run[] {
  if (!readsKey(condition, tile)) return where(condition, wanted, tile);
  if (condition.kind !== "op") return giveUp(condition, tile);
  const [left, right] = condition.args;
  switch (condition.op) {
    case "not":
      return solve(left!, !wanted, tile);
    case "and":
    case "or": {
      const parts = [solve(left!, wanted, tile), solve(right!, wanted, tile)] as const;
      return (condition.op === "and") === wanted ? intersect(...parts) : unite(...parts);
    }
    case "select":
      return unite(
        intersect(solve(left!, true, tile), solve(right!, wanted, tile)),
        intersect(solve(left!, false, tile), solve(condition.args[2]!, wanted, tile)),
      );
    default:
      if (!isOrder(condition.op) || left?.type !== "int") return giveUp(condition, tile);
      return (
        solveComparison(wanted ? condition.op : OPPOSITE[condition.op], left, right!, tile) ?? giveUp(condition, tile)
      );
  }
}

function giveUp(condition: Expr, { unsolved }: Solving): readonly Run[] {
  unsolved.add(condition);
  return EVERYTHING;
}

/** A condition that no key takes part in allows all keys or none. */
function where(condition: Expr, wanted: boolean, tile: Solving): readonly Run[] {
  const { may, must } = tile.bounds(condition) as BoolBounds;
  const when = wanted ? may : op("not", must);
  return when === bool(true) ? EVERYTHING : [{ when }];
}

const OPPOSITE: Readonly<Record<Order, Order>> = { lt: "ge", ge: "lt", le: "gt", gt: "le", eq: "ne", ne: "eq" };
