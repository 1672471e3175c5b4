// Bounds of a mask on a tile, from the leaves up. A part that the tile shares is its own bound; linear parts are bounded as
// a whole, so that q − k is one variable over the tile however it is written; captured tensors that are read along the
// tile enter through the least and most of a summary, if there is one.

import type { Expr } from "../../ir/expr.ts";
import { nodes } from "../../ir/walk.ts";
import { affineOf } from "../affine.ts";
import { type Rate, rates } from "../depends.ts";
import { type Environment, rangesIn } from "../interval.ts";
import { type IntRange, joinInts, type Range } from "../range.ts";
import {
  type BoolBounds,
  type Bounds,
  exactly,
  type FloatBounds,
  fromRange,
  type IntBounds,
  provided,
  TILE,
} from "./bounds.ts";
import { compareInts, isOrder } from "./compare.ts";
import type { Run } from "./run-sets.ts";
import { sumOf, type Terms } from "./sums.ts";
import { type Argument, transfer } from "./transfer.ts";

/** What is known about captured tensors on a tile. */
export type Summaries = {
  /** Bounds of an element whose indices lie in these bounds; undefined where there is no summary.
   *  @param otherwise what promises say */
  boundsOf(element: Load, at: readonly IntBounds[], otherwise: Bounds): Bounds | undefined;
  /** The keys whose element lies between the ends; undefined where that is not known.
   *  @param at bounds of the element's indices before the last */
  placesOf(element: Load, at: readonly IntBounds[], ends: Run): Run | undefined;
};

export type Load = Expr & { readonly kind: "load" };

export const NO_SUMMARIES: Summaries = { boundsOf: () => undefined, placesOf: () => undefined };

/** Bounds of everything below the root. */
export type TileBounds = {
  bounds(expr: Expr): Bounds;
  /** Bounds and ranges of int terms, for linear forms. */
  readonly terms: Terms;
  rate(expr: Expr): Rate;
  /** The keys whose element lies between the ends, if the tensor shows them. */
  placesOf(element: Load, ends: Run): Run | undefined;
};

/** Bounds of the expression and all of its parts on a tile, as expressions of `TILE` and of what the head fixes.
 *  @param promises ranges that hold in every call */
export function tileBounds(root: Expr, promises: Environment, summaries: Summaries = NO_SUMMARIES): TileBounds {
  const environment = withTile(promises);
  const ranges = new Map<Expr, Range>();
  const rangeOf = (expr: Expr) => rangesIn([expr], environment, ranges).get(expr)!;
  const rateAt = rates([root]);
  const known = new Map<Expr, Bounds>();
  const terms: Terms = {
    bounds: (term) => known.get(term) as IntBounds,
    range(term) {
      const { low, high } = known.get(term) as IntBounds;
      return joinInts(rangeOf(low) as IntRange, rangeOf(high) as IntRange);
    },
  };
  for (const expr of nodes(root)) known.set(expr, ownBounds(expr));
  return {
    bounds: (expr) => known.get(expr)!,
    terms,
    rate: (expr) => rateAt.get(expr)!,
    placesOf: (element, ends) => summaries.placesOf(element, element.at.slice(0, -1).map(terms.bounds), ends),
  };

  function ownBounds(expr: Expr): Bounds {
    if (rateAt.get(expr) === "constant" || rateAt.get(expr) === "head") return exactly(expr);
    switch (expr.kind) {
      case "coord":
        return expr.axis === "query" || expr.axis === "key" ? { type: "int", ...TILE[expr.axis] } : exactly(expr);
      case "load":
        return (
          summaries.boundsOf(expr, expr.at.map(terms.bounds), fromRange(rangeOf(expr))) ?? fromRange(rangeOf(expr))
        );
      case "op":
        return ofOperation(expr);
      default:
        return fromRange(rangeOf(expr));
    }
  }

  function ofOperation(expr: Expr & { readonly kind: "op" }): Bounds {
    const [left, right] = expr.args;
    if (isOrder(expr.op) && left?.type === "int") return compareInts(expr.op, left, right!, terms);
    if (expr.type === "int") {
      const form = affineOf(expr);
      if (!form.terms.has(expr)) {
        const { low, high, fits } = sumOf(form, terms);
        return provided(fits, { type: "int", low, high }, fromRange(rangeOf(expr)));
      }
    }
    const argument = (arg: Expr): Argument =>
      arg.type === "int"
        ? { ...terms.bounds(arg), range: terms.range(arg) }
        : (known.get(arg) as BoolBounds | FloatBounds);
    return transfer(expr.op, expr.args.map(argument), rangeOf(expr));
  }
}

/** The same promises, and that corners lie where positions lie. */
export function withTile(promises: Environment): Environment {
  const axes = Object.entries(TILE) as [keyof typeof TILE, { low: Expr; high: Expr }][];
  const corners = new Map(
    axes.flatMap(([axis, { low, high }]) => [low, high].map((corner) => [corner, axis] as const)),
  );
  const axisOf = new Map([...corners].map(([corner, axis]) => [corner.kind === "local" ? corner.name : "", axis]));
  return {
    ...promises,
    local(name) {
      const axis = axisOf.get(name);
      return axis && promises.coord(axis);
    },
  };
}
