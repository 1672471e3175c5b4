// Evaluates an expression on ranges instead of values: given what coordinates, lengths, parameters and tensors may be,
// what may the expression be? Two views of every int are intersected, the range of its operation and the range of its
// linear form; comparisons look at the linear form of the difference, so correlated sides (q − k against q + 4) lose
// nothing. This is the engine of block facts and of the guards of rewrite rules.

import type { Axis, Expr, Extent } from "../ir/expr.ts";
import { children, postorder } from "../ir/walk.ts";
import type { OpName } from "../ops/index.ts";
import { type Affine, affineOf, type Bounds, boundsOf, difference, fitsInt } from "./affine.ts";
import { BlockFact, factOf } from "./block-fact.ts";
import { ANY_FLOAT, anyOf, boolRange, type IntRange, intersectInts, intRange, type Range, rangeOf } from "./range.ts";
import { transfer } from "./transfer.ts";

/** What the leaves of an expression may be. */
export type Environment = {
  coord(axis: Axis): IntRange;
  extent(extent: Extent): IntRange;
  param(name: string): Range;
  /** An element of a captured tensor whose indices lie in these ranges before they are clamped. */
  load(tensor: string, at: readonly IntRange[]): Range;
  /** A local that a kernel gives its value; absent: anything. */
  local?(name: string): Range | undefined;
};

/** The range of the expression. Floats are taken to be rounded to f32, as in decisions. Linear in the graph. */
export function rangeIn(root: Expr, environment: Environment): Range {
  return rangesIn([root], environment).get(root)!;
}

/** The ranges of the expressions and of everything below them.
 *  @param ranges what was found before in the same environment; it grows */
export function rangesIn(
  roots: readonly Expr[],
  environment: Environment,
  ranges: Map<Expr, Range> = new Map(),
): ReadonlyMap<Expr, Range> {
  const ofTerm = (term: Expr) => ranges.get(term) as IntRange;
  const unknown = (expr: Expr) => (ranges.has(expr) ? [] : children(expr));
  for (const expr of postorder(roots, unknown)) {
    if (!ranges.has(expr)) ranges.set(expr, refine(expr, ownRange(expr, ranges, environment), ofTerm));
  }
  return ranges;
}

function ownRange(expr: Expr, ranges: ReadonlyMap<Expr, Range>, environment: Environment): Range {
  switch (expr.kind) {
    case "const":
      return rangeOf(expr.type, expr.value);
    case "coord":
      return environment.coord(expr.axis);
    case "extent":
      return environment.extent(expr.extent);
    case "param":
      return environment.param(expr.name);
    case "quantity":
      return ANY_FLOAT;
    case "local":
      return environment.local?.(expr.name) ?? anyOf(expr.type);
    case "load":
      return environment.load(
        expr.tensor,
        expr.at.map((index) => ranges.get(index) as IntRange),
      );
    case "search":
      return intRange(0, Math.max(0, (ranges.get(expr.count) as IntRange).high));
    case "op":
      return transfer(
        expr.op,
        children(expr).map((child) => ranges.get(child)!),
      );
  }
}

type RangeOfTerm = (term: Expr) => IntRange;

/** Narrows a range by what the linear forms know. */
function refine(expr: Expr, range: Range, ofTerm: RangeOfTerm): Range {
  if (expr.kind !== "op") return range;
  if (range.type === "int") {
    const form = affineOf(expr);
    return form.terms.has(expr) ? range : intersect(range, form, ofTerm);
  }
  const [left, right] = expr.args;
  if (left?.type !== "int" || right?.type !== "int" || range.type !== "bool") return range;
  if (range.fact !== BlockFact.partial) return range;
  return boolRange(compareForms(expr.op, affineOf(left), affineOf(right), ofTerm));
}

function intersect(range: IntRange, form: Affine, ofTerm: RangeOfTerm): IntRange {
  const { low, high, step } = boundsOf(form, ofTerm);
  return intersectInts(range, intRange(low, high, step));
}

/** Compares two ints by the sign of their difference, which holds where neither of them wraps around. */
function compareForms(op: OpName, left: Affine, right: Affine, ofTerm: RangeOfTerm): BlockFact {
  const decide = decisions[op as keyof typeof decisions];
  const unwrapped = [left, right].every((form) => fitsInt(boundsOf(form, ofTerm)));
  if (!decide || !unwrapped) return BlockFact.partial;
  return decide(boundsOf(difference(left, right), ofTerm));
}

const decided = (always: boolean, never: boolean): BlockFact => (always || never ? factOf(always) : BlockFact.partial);

/** The fact about `difference ∘ 0`. */
const decisions = {
  lt: ({ low, high }: Bounds) => decided(high < 0, low >= 0),
  le: ({ low, high }: Bounds) => decided(high <= 0, low > 0),
  gt: ({ low, high }: Bounds) => decided(low > 0, high <= 0),
  ge: ({ low, high }: Bounds) => decided(low >= 0, high < 0),
  eq: (bounds: Bounds) => decided(isZero(bounds), missesZero(bounds)),
  ne: (bounds: Bounds) => decided(missesZero(bounds), isZero(bounds)),
} as const satisfies Partial<Record<OpName, (bounds: Bounds) => BlockFact>>;

const isZero = ({ low, high }: Bounds) => low === 0 && high === 0;
const missesZero = ({ low, high, step }: Bounds) => low > 0 || high < 0 || (step > 1 && low % step !== 0);
