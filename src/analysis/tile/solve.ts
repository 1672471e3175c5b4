// Solves a comparison of ints for the key. |x|, min and max are unfolded; in what is left the key must stand in one
// term, alone, under divisions or as the place in a sorted tensor, and comes out as ends of a run:
//
//   k - q // n <= 3                    →   ‥ lastQuery // n + 3
//   (k + 2) // n >= q // n - 1         →   n · (firstQuery // n - 1) - 2 ‥
//
// No end may wrap: where only the call knows, the end comes with that condition and is open without it.

import type { Expr } from "../../ir/expr.ts";
import { bool, int, op } from "../../ir/make.ts";
import { type Affine, affineOf, difference } from "../affine.ts";
import { INT_MAX, INT_MIN } from "../range.ts";
import { isExact } from "./bounds.ts";
import type { Order } from "./compare.ts";
import type { TileBounds } from "./evaluate.ts";
import { EVERYTHING, intersect, type Run, unite } from "./run-sets.ts";
import { type Sum, sumOf } from "./sums.ts";

const MIRRORED: Readonly<Record<Order, Order>> = { lt: "gt", gt: "lt", le: "ge", ge: "le", eq: "eq", ne: "ne" };

/** Keys for which `left ∘ right` may hold; undefined where it cannot be solved. */
export function solveComparison(order: Order, left: Expr, right: Expr, tile: TileBounds): readonly Run[] | undefined {
  if (readsKey(right, tile) && !readsKey(left, tile)) return solveComparison(MIRRORED[order], right, left, tile);
  if (left.kind === "op" && !readsKey(right, tile)) {
    const unfolded = unfold(order, left, right, tile);
    if (unfolded) return unfolded;
  }
  return solveForms(order, affineOf(left), affineOf(right), [left, right], tile);
}

export const readsKey = (expr: Expr, tile: TileBounds) => tile.rate(expr) === "key" || tile.rate(expr) === "pair";

/** |x| ≤ c is −c ≤ x ≤ c; max(x, y) ≤ c is x ≤ c and y ≤ c; and so on. */
function unfold(
  order: Order,
  { op: name, args }: Expr & { readonly kind: "op" },
  right: Expr,
  tile: TileBounds,
): readonly Run[] | undefined {
  const [x, y] = args as [Expr, Expr];
  const upper = order === "lt" || order === "le";
  const lower = order === "gt" || order === "ge";
  // −c wraps for INT_MIN only.
  if (name === "abs" && upper && canNegate(right, tile)) {
    return both(
      solveComparison(order, x, right, tile),
      compareWithNegative(MIRRORED[order], x, right, tile),
      intersect,
    );
  }
  if (name === "abs" && order === "eq" && canNegate(right, tile)) {
    return both(solveComparison("eq", x, right, tile), compareWithNegative("eq", x, right, tile), unite);
  }
  if (name !== "min" && name !== "max") return undefined;
  if (!upper && !lower) return undefined;
  const join = (name === "max") === upper ? intersect : unite;
  return both(solveComparison(order, x, right, tile), solveComparison(order, y, right, tile), join);
}

type Join = (left: readonly Run[], right: readonly Run[]) => readonly Run[];

/** A side that cannot be solved allows all keys. */
function both(left: readonly Run[] | undefined, right: readonly Run[] | undefined, join: Join) {
  return left || right ? join(left ?? EVERYTHING, right ?? EVERYTHING) : undefined;
}

const canNegate = (expr: Expr, tile: TileBounds) => tile.terms.range(expr).low > INT_MIN;

/** x ∘ −c, as x + c ∘ 0 in linear forms. */
function compareWithNegative(order: Order, x: Expr, c: Expr, tile: TileBounds): readonly Run[] | undefined {
  const form = affineOf(c);
  const negative: Affine = {
    constant: -form.constant,
    terms: new Map([...form.terms].map(([term, coefficient]) => [term, -coefficient])),
  };
  return solveForms(order, affineOf(x), negative, [x, c], tile);
}

/** left ∘ right, where the sides stand for the forms as long as neither wraps. */
function solveForms(
  order: Order,
  left: Affine,
  right: Affine,
  sides: readonly Expr[],
  tile: TileBounds,
): readonly Run[] | undefined {
  const form = difference(left, right);
  const withKey = [...form.terms].filter(([term]) => readsKey(term, tile));
  const [only] = withKey;
  if (withKey.length !== 1 || !only || Math.abs(only[1]) !== 1) return undefined;
  const [term, coefficient] = only;
  // coefficient · term ∘ −rest, so term ∘ limit with limit = ∓rest.
  const rest = [...form.terms].filter(([each]) => each !== term);
  const solvedOrder = coefficient === 1 ? order : MIRRORED[order];
  const { inclusive, step } = INCLUSIVE[solvedOrder];
  const limit: Affine = {
    constant: -coefficient * form.constant + step,
    terms: new Map(rest.map(([each, factor]) => [each, -coefficient * factor])),
  };
  const sum = sumOf(limit, tile.terms);
  const conditions = [...sides.map((side) => sumOf(affineOf(side), tile.terms).fits), sum.fits];
  const fits = conditions.reduce((all, each) => op("and", all, each));
  const solved = inclusive && solveTerm(inclusive, term, sum, tile);
  if (!solved) return undefined;
  return fits === bool(true) ? [solved] : [unlessItWraps(fits, solved)];
}

function unlessItWraps(fits: Expr, { first, last }: Run): Run {
  return {
    ...(first ? { first: op("select", fits, first, int(INT_MIN)) } : {}),
    ...(last ? { last: op("select", fits, last, int(INT_MAX)) } : {}),
  };
}

type Inclusive = "le" | "ge" | "eq";

/** x < y is x ≤ y − 1 for ints. */
const INCLUSIVE: Readonly<Record<Order, { readonly inclusive?: Inclusive; readonly step: number }>> = {
  lt: { inclusive: "le", step: -1 },
  le: { inclusive: "le", step: 0 },
  gt: { inclusive: "ge", step: 1 },
  ge: { inclusive: "ge", step: 0 },
  eq: { inclusive: "eq", step: 0 },
  ne: { step: 0 },
};

/** The keys for which the term stands in this order to some value of the limits. */
function solveTerm(order: Inclusive, term: Expr, limits: Sum, tile: TileBounds): Run | undefined {
  const ends = { le: { last: limits.high }, ge: { first: limits.low }, eq: { first: limits.low, last: limits.high } };
  return solveEnds(term, ends[order], tile);
}

/** The keys for which the term lies between the ends. Divisions are undone one after the other; elements of a sorted
 *  tensor are searched. */
function solveEnds(term: Expr, ends: Run, tile: TileBounds): Run | undefined {
  if (term.kind === "coord") return ends;
  if (term.kind === "load") return tile.placesOf(term, ends);
  if (term.kind !== "op") return undefined;
  const divisor = divisorOf(term, tile);
  const dividend = affineOf(term.args[0]!);
  const [inner, ...others] = [...dividend.terms].filter(([each]) => readsKey(each, tile));
  if (!divisor || !inner || others.length > 0 || inner[1] !== 1) return undefined;
  const rest = new Map([...dividend.terms].filter(([each]) => each !== inner[0]));
  const offset = sumOf({ constant: dividend.constant, terms: rest }, tile.terms);
  return solveEnds(inner[0], undoDivision(ends, divisor, offset), tile);
}

/** x // n lies between a and b where x lies between n·a and n·b + n − 1; and x >> c is x // 2^c. */
function undoDivision({ first, last }: Run, { step, sane, largest }: Divisor, offset: Sum): Run {
  // Quotients beyond those of any position need no product that could wrap.
  const small = (value: Expr) => op("max", op("min", value, largest), op("neg", largest));
  const fits = [offset.fits, sane, inReach(offset.low), inReach(offset.high)].reduce((all, each) =>
    op("and", all, each),
  );
  return unlessItWraps(fits, {
    ...(first ? { first: op("sub", op("mul", small(first), step), offset.high) } : {}),
    ...(last ? { last: op("sub", op("add", op("mul", small(last), step), op("sub", step, int(1))), offset.low) } : {}),
  });
}

const REACH = 2 ** 29;
const inReach = (value: Expr) => op("and", op("ge", value, int(-REACH)), op("le", value, int(REACH)));

type Divisor = {
  readonly step: Expr;
  /** The divisor is positive and small enough for the products. */
  readonly sane: Expr;
  /** Beyond the quotient of every position and offset. */
  readonly largest: Expr;
};

function divisorOf({ op: name, args }: Expr & { readonly kind: "op" }, tile: TileBounds): Divisor | undefined {
  const by = args[1];
  if (!by || !isExact(tile.bounds(by))) return undefined;
  if (name === "floorDiv") {
    const sane = op("and", op("ge", by, int(1)), op("le", by, int(2 ** 27)));
    return { step: by, sane, largest: op("add", op("floorDiv", int(2 * REACH), by), int(1)) };
  }
  if (name !== "shiftRight") return undefined;
  const { low, high } = tile.terms.range(by);
  if (low < 0 || low !== high || low > 27) return undefined;
  return { step: int(2 ** low), sane: bool(true), largest: int((2 * REACH) / 2 ** low + 1) };
}
