// How much of the map a walk visits under each order in which tokens could be stored.

import { lowerMasks, planMaskIr } from "../execute/plan-masks.ts";
import { countWalk } from "../execute/walk-counts.ts";
import type { Expr } from "../ir/expr.ts";
import type { Program } from "../schedule/plan.ts";
import type { Case } from "../spec/case.ts";
import type { Permutation } from "../spec/choice.ts";

export type OrderDensity = {
  /** Absent for tokens as they are. */
  readonly order?: Permutation;
  /** The share of pairs that lie in tiles which the walk visits. */
  readonly visited: number;
};

/** Query tiles are walked until so many key tiles were looked at; then evenly spaced ones stand for all. */
const MOST_LOOKS = 2 ** 12;

/** Of tokens as they are, then of the orders. Sparsities are left out. Cost: a plan and a walk for each.
 *  @param call its captured tensors are those that masks read */
export function orderDensities(call: Case, orders: readonly Permutation[]): readonly OrderDensity[] {
  const plans: Plans = new Map();
  return [undefined, ...orders].map((order) => ({
    ...(order && { order }),
    visited: visitedUnder(call, order, plans),
  }));
}

/** By mask. What a walk does hangs on the tensors that its mask reads; the orders that fill them alone differ. */
type Plans = Map<Expr, Program>;

function visitedUnder(call: Case, order: Permutation | undefined, plans: Plans): number {
  const { permutation: _, ...attention } = call.attention;
  const ordered = { ...call, attention: order ? { ...attention, permutation: order } : attention };
  const ir = lowerMasks(attention.masks, ordered);
  const plan = plans.get(ir.mask) ?? planMaskIr(ir, ordered);
  plans.set(ir.mask, plan);
  const program = { ...plan, ir };
  const { pairs } = countWalk(program, ordered, { batch: false, head: true }, MOST_LOOKS);
  return (pairs.full + pairs.partial) / (pairs.full + pairs.partial + pairs.skipped);
}
