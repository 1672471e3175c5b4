// Where on the key axis a tile of queries can see anything: a few runs of keys with ends in closed form. A kernel jumps
// from run to run instead of asking every tile of keys:
//
//   q >= k and (k < 4 or q - k < w)     →     0 ‥ min(4, lastQuery + 1),   firstQuery - w + 1 ‥ lastQuery + 1
//
// The runs together hold every key that any query of the tile sees. A term that cannot be solved for the key allows all
// keys: that is only slower.

import type { Expr } from "../../ir/expr.ts";
import { bool, int, op } from "../../ir/make.ts";
import { type Affine, affineOf, difference } from "../affine.ts";
import type { IntRange } from "../range.ts";
import { type BoolBounds, isExact } from "./bounds.ts";
import { isOrder, type Order } from "./compare.ts";
import type { TileBounds } from "./evaluate.ts";
import { type Sum, sumOf } from "./sums.ts";

/** Key positions from `first` to `last`, both included, open where absent; none unless `when` holds. */
export type Run = { readonly when?: Expr; readonly first?: Expr; readonly last?: Expr };

/** More runs than this are put together: a kernel looks at every run at each step. */
const MOST_RUNS = 4;

const EVERYTHING: readonly Run[] = [{}];

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
  const rate = tile.rate(condition);
  if (rate !== "key" && rate !== "pair") return where(condition, wanted, tile);
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
      return compare(wanted ? condition.op : OPPOSITE[condition.op], left, right!, tile) ?? giveUp(condition, tile);
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
const MIRRORED: Readonly<Record<Order, Order>> = { lt: "gt", gt: "lt", le: "ge", ge: "le", eq: "eq", ne: "ne" };

/** Solves `left ∘ right` for the key: unfolds abs, min and max, then looks for the one term that the key is in. */
function compare(order: Order, left: Expr, right: Expr, tile: Solving): readonly Run[] | undefined {
  if (readsKey(right, tile) && !readsKey(left, tile)) return compare(MIRRORED[order], right, left, tile);
  if (left.kind === "op" && !readsKey(right, tile)) {
    const unfolded = unfold(order, left, right, tile);
    if (unfolded) return unfolded;
  }
  return solveLinear(order, left, right, tile);
}

const readsKey = (expr: Expr, tile: Solving) => tile.rate(expr) === "key" || tile.rate(expr) === "pair";

/** |x| ≤ c is −c ≤ x ≤ c; max(x, y) ≤ c is x ≤ c and y ≤ c; and so on. */
function unfold(
  order: Order,
  { op: name, args }: Expr & { readonly kind: "op" },
  right: Expr,
  tile: Solving,
): readonly Run[] | undefined {
  const [x, y] = args as [Expr, Expr];
  const upper = order === "lt" || order === "le";
  const lower = order === "gt" || order === "ge";
  // −c wraps for INT_MIN only, and |x| is below no such c; the comparison with −c is then one with INT_MIN, which all satisfy.
  if (name === "abs" && upper && canNegate(right, tile)) {
    return both(compare(order, x, right, tile), compareWithNegative(MIRRORED[order], x, right, tile), intersect);
  }
  if (name === "abs" && order === "eq" && canNegate(right, tile)) {
    return both(compare("eq", x, right, tile), compareWithNegative("eq", x, right, tile), unite);
  }
  if (name !== "min" && name !== "max") return undefined;
  if (!upper && !lower) return undefined;
  const join = (name === "max") === upper ? intersect : unite;
  return both(compare(order, x, right, tile), compare(order, y, right, tile), join);
}

type Join = (left: readonly Run[], right: readonly Run[]) => readonly Run[];

/** A side that cannot be solved allows all keys. */
function both(left: readonly Run[] | undefined, right: readonly Run[] | undefined, join: Join) {
  return left || right ? join(left ?? EVERYTHING, right ?? EVERYTHING) : undefined;
}

const canNegate = (expr: Expr, tile: Solving) => tile.terms.range(expr).low > -(2 ** 31);

/** x ∘ −c, as x + c ∘ 0 in linear forms. */
function compareWithNegative(order: Order, x: Expr, c: Expr, tile: Solving): readonly Run[] | undefined {
  const form = affineOf(c);
  const negative: Affine = {
    constant: -form.constant,
    terms: new Map([...form.terms].map(([term, coefficient]) => [term, -coefficient])),
  };
  return solveForms(order, affineOf(x), negative, [x, c], tile);
}

function solveLinear(order: Order, left: Expr, right: Expr, tile: Solving): readonly Run[] | undefined {
  return solveForms(order, affineOf(left), affineOf(right), [left, right], tile);
}

/** left ∘ right, where the sides stand for the forms as long as neither wraps. */
function solveForms(
  order: Order,
  left: Affine,
  right: Affine,
  sides: readonly Expr[],
  tile: Solving,
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
    ...(first ? { first: op("select", fits, first, int(-(2 ** 31))) } : {}),
    ...(last ? { last: op("select", fits, last, int(2 ** 31 - 1)) } : {}),
  };
}

type Limits = { readonly low: Expr; readonly high: Expr };

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
function solveTerm(order: Inclusive, term: Expr, limits: Limits, tile: Solving): Run | undefined {
  const ends = { le: { last: limits.high }, ge: { first: limits.low }, eq: { first: limits.low, last: limits.high } };
  return solveEnds(term, ends[order], tile);
}

/** The keys for which the term lies between the ends. Divisions are undone one after the other. */
function solveEnds(term: Expr, ends: Run, tile: Solving): Run | undefined {
  if (term.kind === "coord") return ends;
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

function divisorOf({ op: name, args }: Expr & { readonly kind: "op" }, tile: Solving): Divisor | undefined {
  const by = args[1];
  if (!by || !isExact(tile.bounds(by))) return undefined;
  if (name === "floorDiv") {
    const sane = op("and", op("ge", by, int(1)), op("le", by, int(2 ** 27)));
    return { step: by, sane, largest: op("add", op("floorDiv", int(2 * REACH), by), int(1)) };
  }
  const { low, high } = name === "shiftRight" ? tile.terms.range(by) : ({ low: -1, high: -1 } as IntRange);
  if (low < 0 || low !== high || low > 27) return undefined;
  return { step: int(2 ** low), sane: bool(true), largest: int((2 * REACH) / 2 ** low + 1) };
}

function intersect(left: readonly Run[], right: readonly Run[]): readonly Run[] {
  return shorten(left.flatMap((a) => right.map((b) => common(a, b))));
}

function unite(left: readonly Run[], right: readonly Run[]): readonly Run[] {
  const all = [...left, ...right];
  return all.some(isEverything) ? EVERYTHING : shorten(all);
}

const isEverything = ({ when, first, last }: Run) => !when && !first && !last;

function common(a: Run, b: Run): Run {
  return {
    ...joined("when", a, b, (x, y) => op("and", x, y)),
    ...joined("first", a, b, (x, y) => op("max", x, y)),
    ...joined("last", a, b, (x, y) => op("min", x, y)),
  };
}

function joined(name: keyof Run, a: Run, b: Run, both: (x: Expr, y: Expr) => Expr): Run {
  const [x, y] = [a[name], b[name]];
  const value = x && y && x !== y ? both(x, y) : (x ?? y);
  return value ? { [name]: value } : {};
}

/** Puts the last runs together until few enough are left: from the first of their firsts to the last of their lasts. */
function shorten(runs: readonly Run[]): readonly Run[] {
  if (runs.length <= MOST_RUNS) return runs;
  const rest = runs.slice(MOST_RUNS - 1);
  return [...runs.slice(0, MOST_RUNS - 1), rest.reduce(hull)];
}

/** An end of a run that does not hold widens the hull all the same, which is only slower. */
function hull(a: Run, b: Run): Run {
  return {
    ...(a.when && b.when ? { when: op("or", a.when, b.when) } : {}),
    ...(a.first && b.first ? { first: op("min", a.first, b.first) } : {}),
    ...(a.last && b.last ? { last: op("max", a.last, b.last) } : {}),
  };
}
