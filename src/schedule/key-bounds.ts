// Which keys a mask leaves to a query, as bounds of the form k ≤ ±q + offset and k ≥ ±q + offset. Found in the terms of
// the mask's conjunction that compare linear forms of q and k, where no operation wraps around; other terms are left to
// the mask itself. Everything here supposes near positions: q within ±NEAR and k below it.

import { type Affine, affineOf, boundsOf, difference, fitsInt } from "../analysis/affine.ts";
import type { Environment } from "../analysis/interval.ts";
import { ANY_INT, type IntRange, intRange } from "../analysis/range.ts";
import type * as ir from "../ir/expr.ts";
import { coord, int, op } from "../ir/make.ts";
import { children, postorder } from "../ir/walk.ts";

/** Where positions may lie so that sums of two of them and an offset stay within i32. Keys always do: a row of keys and
 *  one of values take at least 8 bytes, and no memory holds more than 2³². */
export const NEAR = 2 ** 29;

/** `upper`: k ≤ slope · q + offset; `lower`: k ≥ slope · q + offset. */
export type KeyBound = {
  readonly side: "lower" | "upper";
  readonly slope: -1 | 0 | 1;
  /** Reads parameters and extents only; slope · q + offset does not wrap for near positions. */
  readonly offset: ir.Expr;
  /** The term of the mask that says so. */
  readonly term: ir.Expr;
};

export type KeyBounds = {
  readonly bounds: readonly KeyBound[];
  /** True if the mask holds wherever the bounds do; else they only say where it cannot. */
  readonly complete: boolean;
};

/** Bounds of the keys that the mask lets through. Linear in the size of the mask.
 *  @param environment what parameters and extents may be */
export function keyBounds(mask: ir.Expr, environment: Environment): KeyBounds {
  const found = conjuncts(mask).map((term) => boundsOfTerm(term, environment));
  return { bounds: found.flatMap((bounds) => bounds ?? []), complete: found.every((bounds) => bounds !== undefined) };
}

function conjuncts(mask: ir.Expr): readonly ir.Expr[] {
  const isAnd = (expr: ir.Expr) => expr.kind === "op" && expr.op === "and";
  return postorder([mask], (expr) => (isAnd(expr) ? children(expr) : [])).filter((expr) => !isAnd(expr));
}

type Comparison = { readonly less: ir.Expr; readonly more: ir.Expr; readonly strict: boolean };

/** The bounds that hold exactly where the term does; undefined where it has none. */
function boundsOfTerm(term: ir.Expr, environment: Environment): readonly KeyBound[] | undefined {
  const comparisons = comparisonsOf(term);
  const bounds = comparisons.map((comparison) => boundOf(comparison, term, environment));
  return bounds.length > 0 && bounds.every((bound) => bound !== undefined) ? bounds : undefined;
}

function comparisonsOf(term: ir.Expr): readonly Comparison[] {
  if (term.kind !== "op" || term.args.some(({ type }) => type !== "int")) return [];
  const [left, right] = term.args as [ir.Expr, ir.Expr];
  const notAbove = { less: left, more: right };
  const notBelow = { less: right, more: left };
  switch (term.op) {
    case "le":
      return [{ ...notAbove, strict: false }];
    case "lt":
      return [{ ...notAbove, strict: true }];
    case "ge":
      return [{ ...notBelow, strict: false }];
    case "gt":
      return [{ ...notBelow, strict: true }];
    case "eq":
      return [notAbove, notBelow].map((comparison) => ({ ...comparison, strict: false }));
    default:
      return [];
  }
}

/** more − less − (1 if strict) ≥ 0, solved for k. */
function boundOf({ less, more, strict }: Comparison, term: ir.Expr, around: Environment): KeyBound | undefined {
  const sides = [affineOf(less), affineOf(more)] as const;
  if (!sides.every((side) => fitsInt(boundsOf(side, (leaf) => rangeOf(leaf, around))))) return undefined;
  const room = difference(sides[1], sides[0]);
  const ofQuery = room.terms.get(coord("query")) ?? 0;
  const ofKey = room.terms.get(coord("key")) ?? 0;
  if (Math.abs(ofKey) !== 1 || Math.abs(ofQuery) > 1) return undefined;
  const rest = new Map(room.terms);
  rest.delete(coord("query"));
  rest.delete(coord("key"));
  const sign = -ofKey;
  const terms = new Map([...rest].map(([leaf, coefficient]) => [leaf, sign * coefficient]));
  const offset = offsetOf({ constant: sign * (room.constant - (strict ? 1 : 0)), terms }, around);
  const side = ofKey < 0 ? "upper" : "lower";
  return offset && { side, slope: (sign * ofQuery) as KeyBound["slope"], offset, term };
}

/** Ranges of the leaves of a linear form; whatever is no coordinate, parameter or extent may be anything. */
function rangeOf(leaf: ir.Expr, around: Environment): IntRange {
  if (leaf === coord("query")) return intRange(-NEAR, NEAR);
  if (leaf === coord("key")) return intRange(0, NEAR);
  if (leaf.kind === "param") return around.param(leaf.name) as IntRange;
  if (leaf.kind === "extent") return around.extent(leaf.extent);
  return ANY_INT;
}

/** q − k ± constant lies within ±FAR, so an offset beyond it decides no more than FAR itself. */
const LARGEST_CONSTANT = 2 ** 20;
const FAR = 2 * NEAR + 2 * LARGEST_CONSTANT;

/** The offset as an expression that cannot wrap: small by its ranges, or a single parameter or extent, clamped. */
function offsetOf({ constant, terms }: Affine, around: Environment): ir.Expr | undefined {
  if (![...terms.keys()].every(({ kind }) => kind === "param" || kind === "extent")) return undefined;
  const { low, high } = boundsOf({ constant, terms }, (leaf) => rangeOf(leaf, around));
  const small = low >= -FAR && high <= FAR;
  const clamped = terms.size === 1 && Math.abs([...terms.values()][0]!) === 1 && Math.abs(constant) <= LARGEST_CONSTANT;
  if (!small && !clamped) return undefined;
  const near = (leaf: ir.Expr) => (small ? leaf : op("min", op("max", leaf, int(-FAR)), int(FAR)));
  const parts = [...terms].map(([leaf, coefficient]) => ({ leaf: near(leaf), coefficient }));
  return parts.reduce((sum, { leaf, coefficient }) => addMultiple(sum, leaf, coefficient), int(constant));
}

function addMultiple(sum: ir.Expr, leaf: ir.Expr, coefficient: number): ir.Expr {
  if (coefficient === -1) return op("sub", sum, leaf);
  const multiple = coefficient === 1 ? leaf : op("mul", int(coefficient), leaf);
  return sum === int(0) ? multiple : op("add", sum, multiple);
}
