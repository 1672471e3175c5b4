// Lets and regions of a plan as functions of a point. A let leaves its value in the point's locals, from where later
// lets and regions read it by name, as a kernel would keep it in a register.

import type { Arithmetic } from "../ir/arithmetic.ts";
import { type Bindings, evaluator, type Point } from "../ir/evaluate.ts";
import type * as ir from "../ir/expr.ts";
import { some } from "../ir/walk.ts";
import type { Value } from "../ops/op.ts";
import type { Let, Region } from "../schedule/loop.ts";
import type { AttendPlan, Walking } from "../schedule/plan.ts";
import { diagonalLocals } from "./plan-diagonal.ts";

/** Computes lets in their order and leaves them in the point's locals. */
export type SetLocals = (point: Point) => void;

/** Of the traversal; absent where the plan has none. */
export type WalkValues = {
  readonly head: SetLocals;
  readonly queryTile: SetLocals;
  readonly next?: (point: Point) => number;
  readonly may?: (point: Point) => boolean;
  readonly must?: (point: Point) => boolean;
};

export type PlanValues = WalkValues & {
  readonly row: SetLocals;
  readonly key: SetLocals;
  readonly diagonal: SetLocals;
  readonly scale: (point: Point) => number;
  readonly sink?: (point: Point) => number;
  /** Absent where the plan has none. */
  readonly score?: (point: Point) => number;
  readonly weight?: (point: Point) => number;
  readonly mask?: (point: Point) => boolean;
  /** What a pair comes to in each fold of the plan. */
  readonly folds: readonly ((point: Point) => number)[];
};

/** Compiles every expression of the plan. The lets of all levels are computed in both arithmetics, because a mask and a score
 *  may read the same one. */
export function planValues(plan: AttendPlan, bindings: Bindings): PlanValues {
  const { head, row, key, score, mask, weight, sink } = plan;
  const folds = (plan.reduce?.folds ?? []).map((fold) => fold.region);
  const regions = [score, mask, weight?.region, ...folds].filter((region) => region !== undefined);
  const scored = scoredLocals([head, row, key, plan.diagonal, ...regions.map(({ lets }) => lets)].flat());
  const { locals, region, number } = compiler(bindings, scored);
  return {
    ...walkValues(plan, bindings, scored),
    row: locals(row, ["decide", "real"]),
    key: locals(key, ["decide", "real"]),
    diagonal: diagonalLocals(plan, locals(plan.diagonal, ["decide", "real"])),
    scale: number(plan.scale.value),
    ...(sink ? { sink: number(sink) } : {}),
    ...(score ? { score: region(score, "real") as (point: Point) => number } : {}),
    ...(weight ? { weight: region(weight.region, "real") as (point: Point) => number } : {}),
    ...(mask ? { mask: region(mask, "decide") as (point: Point) => boolean } : {}),
    folds: folds.map((fold) => {
      const value = region(fold, "real");
      return (point) => Number(value(point));
    }),
  };
}

/** Compiles what the walk over the keys reads.
 *  @param scored locals that look at a score */
export function walkValues(
  { head, queryTile, traversal }: Walking,
  bindings: Bindings,
  scored: ReadonlySet<string> = new Set(),
): WalkValues {
  const { next, may, must } = traversal;
  const { locals, region } = compiler(bindings, scored);
  return {
    head: locals(head, ["decide", "real"]),
    queryTile: locals(queryTile, ["decide"]),
    ...(next ? { next: region(next, "decide") as (point: Point) => number } : {}),
    ...(may ? { may: region(may, "decide") as (point: Point) => boolean } : {}),
    ...(must ? { must: region(must, "decide") as (point: Point) => boolean } : {}),
  };
}

function compiler(bindings: Bindings, scored: ReadonlySet<string>) {
  const compile = (expr: ir.Expr, arithmetic: Arithmetic) => evaluator(expr, arithmetic, bindings, scored);

  function locals(lets: readonly Let[], arithmetics: readonly Arithmetic[]): SetLocals {
    const values = lets.flatMap(({ name, value }) =>
      arithmetics.map((arithmetic) => ({ name, arithmetic, value: compile(value, arithmetic) })),
    );
    return (point) => {
      for (const { name, arithmetic, value } of values) point.locals[arithmetic][name] = value(point);
    };
  }

  function region({ lets, value }: Region, arithmetic: Arithmetic): (point: Point) => Value {
    const setLocals = locals(lets, arithmetic === "decide" ? ["decide"] : ["decide", "real"]);
    const result = compile(value, arithmetic);
    return (point) => {
      setLocals(point);
      return result(point);
    };
  }

  return { locals, region, number: (expr: ir.Expr) => compile(expr, "real") as (point: Point) => number };
}

/** Names of the lets that look at a score or another quantity, directly or through other lets. */
function scoredLocals(lets: readonly Let[]): ReadonlySet<string> {
  const scored = new Set<string>();
  const isScored = (expr: ir.Expr) => expr.kind === "quantity" || (expr.kind === "local" && scored.has(expr.name));
  for (const { name, value } of lets) if (some(value, isScored)) scored.add(name);
  return scored;
}
