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
import { sumOf } from "./sums.ts";

/** Key positions from `first` to `last`, both included, open where absent; none unless `when` holds. */
export type Run = { readonly when?: Expr; readonly first?: Expr; readonly last?: Expr };

/** More runs than this are put together: a kernel looks at every run at each step. */
const MOST_RUNS = 4;

const EVERYTHING: readonly Run[] = [{}];

/** Runs that hold every key which the mask lets a query of the tile see. */
export function keyRuns(mask: Expr, tile: TileBounds): readonly Run[] {
  return solve(mask, true, tile);
}

/** Keys for which `condition` may have the value `wanted`. */
function solve(condition: Expr, wanted: boolean, tile: TileBounds): readonly Run[] {
  const rate = tile.rate(condition);
  if (rate !== "key" && rate !== "pair") return where(condition, wanted, tile);
  if (condition.kind !== "op") return EVERYTHING;
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
      return isOrder(condition.op) && left?.type === "int"
        ? compare(wanted ? condition.op : OPPOSITE[condition.op], left, right!, tile)
        : EVERYTHING;
  }
}

/** A condition that no key takes part in allows all keys or none. */
function where(condition: Expr, wanted: boolean, tile: TileBounds): readonly Run[] {
  const { may, must } = tile.bounds(condition) as BoolBounds;
  const when = wanted ? may : op("not", must);
  return when === bool(true) ? EVERYTHING : [{ when }];
}

const OPPOSITE: Readonly<Record<Order, Order>> = { lt: "ge", ge: "lt", le: "gt", gt: "le", eq: "ne", ne: "eq" };
const MIRRORED: Readonly<Record<Order, Order>> = { lt: "gt", gt: "lt", le: "ge", ge: "le", eq: "eq", ne: "ne" };

/** Solves `left ∘ right` for the key: unfolds abs, min and max, then looks for the one term that the key is in. */
function compare(order: Order, left: Expr, right: Expr, tile: TileBounds): readonly Run[] {
  if (readsKey(right, tile) && !readsKey(left, tile)) return compare(MIRRORED[order], right, left, tile);
  if (left.kind === "op" && !readsKey(right, tile)) {
    const unfolded = unfold(order, left, right, tile);
    if (unfolded) return unfolded;
  }
  return solveLinear(order, left, right, tile);
}

const readsKey = (expr: Expr, tile: TileBounds) => tile.rate(expr) === "key" || tile.rate(expr) === "pair";

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
  // −c wraps for INT_MIN only, and |x| is below no such c; the comparison with −c is then one with INT_MIN, which all satisfy.
  if (name === "abs" && upper && canNegate(right, tile)) {
    const below = compare(order, x, right, tile);
    return intersect(below, compareWithNegative(MIRRORED[order], x, right, tile));
  }
  if (name === "abs" && order === "eq" && canNegate(right, tile)) {
    return unite(compare("eq", x, right, tile), compareWithNegative("eq", x, right, tile));
  }
  if (name !== "min" && name !== "max") return undefined;
  if (!upper && !lower) return undefined;
  const parts = [compare(order, x, right, tile), compare(order, y, right, tile)] as const;
  return (name === "max") === upper ? intersect(...parts) : unite(...parts);
}

const canNegate = (expr: Expr, tile: TileBounds) => tile.terms.range(expr).low > -(2 ** 31);

/** x ∘ −c, as x + c ∘ 0 in linear forms. */
function compareWithNegative(order: Order, x: Expr, c: Expr, tile: TileBounds): readonly Run[] {
  const form = affineOf(c);
  const negative: Affine = {
    constant: -form.constant,
    terms: new Map([...form.terms].map(([term, coefficient]) => [term, -coefficient])),
  };
  return solveForms(order, affineOf(x), negative, [x, c], tile);
}

function solveLinear(order: Order, left: Expr, right: Expr, tile: TileBounds): readonly Run[] {
  return solveForms(order, affineOf(left), affineOf(right), [left, right], tile);
}

/** left ∘ right, where the sides stand for the forms as long as neither wraps. */
function solveForms(
  order: Order,
  left: Affine,
  right: Affine,
  sides: readonly Expr[],
  tile: TileBounds,
): readonly Run[] {
  const form = difference(left, right);
  const withKey = [...form.terms].filter(([term]) => readsKey(term, tile));
  const [only] = withKey;
  if (withKey.length !== 1 || !only || Math.abs(only[1]) !== 1) return EVERYTHING;
  const [term, coefficient] = only;
  // coefficient · term ∘ −rest, so term ∘ limit with limit = ∓rest.
  const rest = [...form.terms].filter(([each]) => each !== term);
  const limit: Affine = {
    constant: -coefficient * form.constant,
    terms: new Map(rest.map(([each, factor]) => [each, -coefficient * factor])),
  };
  const sum = sumOf(limit, tile.terms);
  const conditions = [...sides.map((side) => sumOf(affineOf(side), tile.terms).fits), sum.fits];
  const fits = conditions.reduce((all, each) => op("and", all, each));
  const solved = solveTerm(coefficient === 1 ? order : MIRRORED[order], term, sum, tile);
  if (!solved) return EVERYTHING;
  return fits === bool(true) ? [solved] : [unlessItWraps(fits, solved)];
}

function unlessItWraps(fits: Expr, { first, last }: Run): Run {
  return {
    ...(first ? { first: op("select", fits, first, int(-(2 ** 31))) } : {}),
    ...(last ? { last: op("select", fits, last, int(2 ** 31 - 1)) } : {}),
  };
}

type Limits = { readonly low: Expr; readonly high: Expr };

/** The keys for which the term stands in this order to some value of the limits. */
function solveTerm(order: Order, term: Expr, limits: Limits, tile: TileBounds): Run | undefined {
  const ends = endsOf(order, limits);
  if (!ends) return undefined;
  if (term.kind === "coord" && term.axis === "key") return ends;
  return throughDivision(term, ends, tile);
}

/** Ends are moved by one inside of i32: below INT_MIN + 1 and above INT_MAX − 1 there are no positions. */
function endsOf(order: Order, { low, high }: Limits): Run | undefined {
  const before = (end: Expr) => op("sub", op("max", end, int(-(2 ** 31) + 1)), int(1));
  const after = (end: Expr) => op("add", op("min", end, int(2 ** 31 - 2)), int(1));
  switch (order) {
    case "lt":
      return { last: before(high) };
    case "le":
      return { last: high };
    case "gt":
      return { first: after(low) };
    case "ge":
      return { first: low };
    case "eq":
      return { first: low, last: high };
    case "ne":
      return undefined;
  }
}

/** x // n lies between a and b where x lies between n·a and n·b + n − 1; and x >> c is x // 2^c. */
function throughDivision(term: Expr, { first, last }: Run, tile: TileBounds): Run | undefined {
  if (term.kind !== "op") return undefined;
  const divisor = divisorOf(term, tile);
  const dividend = affineOf(term.args[0]!);
  if (!divisor || !isExact(tile.bounds(term.args[1]!))) return undefined;
  const [key, ...others] = [...dividend.terms].filter(([each]) => readsKey(each, tile));
  if (!key || others.length > 0 || key[1] !== 1 || key[0].kind !== "coord") return undefined;
  const offset = sumOf(
    { constant: dividend.constant, terms: new Map([...dividend.terms].filter(([each]) => each !== key[0])) },
    tile.terms,
  );
  // Quotients beyond those of any position need no product that could wrap.
  const { largest, step } = divisor;
  const small = (value: Expr) => op("max", op("min", value, largest), op("neg", largest));
  const fits = [offset.fits, divisor.sane, inReach(offset.low), inReach(offset.high)].reduce((all, each) =>
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
  const by = args[1]!;
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
