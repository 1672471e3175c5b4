// `mean[query: last 16] Q` → Pool: rows of a block become one by a sum or by the largest or least of every element, a mean is a sum
// and a division by the count of its rows, and products of two become quantities of the block's score. How many rows a condition picks
// is counted with them, and such a mean divides the row.

import type * as choice from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type { Expr } from "./expr.ts";
import { isPlainRange as isPlainCondition } from "./lower-importance.ts";
import { int, op, quantity } from "./make.ts";
import { type Pool, type PoolProduct, PRODUCTS } from "./selection.ts";
import { blocksOnSide, type Sides } from "./sides.ts";
import { nodesOf } from "./uncompiled-output.ts";

type Product = Extract<spec.Expr, { kind: "pooled" }>;
type Side = Pool["of"];

const SIDE_OF = { Q: "query", K: "key" } as const;

/** Whether kernels compute a leaf as a product: of one pool of each side, in any order. */
export function isProduct(leaf: spec.Expr, { params, permutation }: spec.Attention): leaf is Product {
  if (leaf.kind !== "pooled" || leaf.left.of === leaf.right.of) return false;
  return [leaf.left, leaf.right].every(({ of, reductions }) => {
    const [first, ...more] = reductions;
    if (of === "V" || !first || more.length > 0 || first.axis !== SIDE_OF[of]) return false;
    const { range } = first;
    if (range?.kind === "where") {
      return (first.op === "sum" || first.op === "mean") && !permutation && asksForOwn(range.condition, SIDE_OF[of]);
    }
    const isOfSome = first.op === "sum" || first.op === "mean" || !first.range || isOfOneAtLeast(first.range, params);
    return isPlainRange(first.range, params) && isOfSome;
  });
}

/** Whether a condition is one of whole numbers, and of tokens of the side, whatever head reads them. */
function asksForOwn(condition: spec.Expr, side: Side): boolean {
  const isOwn = (node: spec.Expr) => {
    if (node.kind === "position") return node.axis === side || node.axis === "batch";
    return node.kind !== "coordinate" || node.of === side;
  };
  return isPlainCondition({ kind: "where", condition }) && nodesOf(condition).every(isOwn);
}

/** Whether a reduction counts the tokens of a block. */
export function isCount({ op: kind, axis, range, operand }: choice.Reduction, params: readonly spec.Param[]): boolean {
  const isOfAll = operand.kind === "literal" && operand.value === true;
  return kind === "count" && (axis === "query" || axis === "key") && isOfAll && isPlainRange(range, params);
}

/** All rows, or a number of the first or the last of them that is known when a kernel is compiled. */
function isPlainRange(range: choice.AxisRange | undefined, params: readonly spec.Param[]): boolean {
  if (!range) return true;
  return range.kind !== "where" && isConstant(range.count, params);
}

function isConstant(expr: spec.Expr, params: readonly spec.Param[]): boolean {
  if (expr.kind === "apply") return expr.args.every((each) => isConstant(each, params));
  return expr.kind === "literal" || constParam(expr, params) !== undefined;
}

/** A maximum of nothing is an infinity, and their products are no numbers to choose by. */
function isOfOneAtLeast(range: choice.AxisRange, params: readonly spec.Param[]): boolean {
  if (range.kind === "where") return false;
  const { count } = range;
  return Number(count.kind === "literal" ? count.value : (constParam(count, params)?.range.low ?? 0)) >= 1;
}

const constParam = (expr: spec.Expr, params: readonly spec.Param[]) =>
  expr.kind === "param" ? params.find((each) => each.name === expr.name && each.const) : undefined;

export type ProductLowerer = {
  /** Those that were found so far. */
  readonly products: readonly PoolProduct[];
  readonly count: (reduction: choice.Reduction) => Expr;
  /** The product of the pools, as that of means and with the factors of the rows. */
  readonly product: (product: Product, lower: (expr: spec.Expr) => Expr) => Expr;
};

/** Lowers products and counts of the rows of blocks, and remembers of which pools they are.
 *  @param sizeOf the value of a constant expression
 *  @param takenBy which tokens a condition picks */
export function productLowerer(
  sides: Sides,
  sizeOf: (expr: spec.Expr) => number,
  takenBy: (condition: spec.Expr) => Expr,
): ProductLowerer {
  const products: PoolProduct[] = [];
  const rangeOf = (range: choice.AxisRange | undefined, side: Side): Pool["range"] => {
    if (!range || range.kind === "where") return undefined;
    const count = Math.max(0, sizeOf(range.count));
    return count < mostOn(sides[side]) ? { kind: range.kind, count } : undefined;
  };
  const rowsOf = (range: Pool["range"], side: Side): Expr =>
    range ? op("min", countOn(side, sides), int(range.count)) : countOn(side, sides);

  function poolOf({ reductions }: choice.Pooled, side: Side): Pool {
    const [first] = reductions;
    const range = rangeOf(first?.range, side);
    const made = { of: side, op: !first || first.op === "mean" ? "sum" : first.op, ...(range && { range }) } as const;
    if (first?.range?.kind !== "where") return made;
    return { ...made, where: { takes: takenBy(first.range.condition), isMean: first.op === "mean" } };
  }

  /** The quantity of a product, which is made once. */
  function quantityOf(made: PoolProduct): Expr {
    const name = JSON.stringify(made);
    const known = products.findIndex((each) => JSON.stringify(each) === name);
    return quantity(PRODUCTS[known < 0 ? products.push(made) - 1 : known]!);
  }

  return {
    products,
    count({ axis, range }) {
      const side = axis as Side;
      return rowsOf(rangeOf(range, side), side);
    },
    product({ left, right }, lower) {
      const [query, key] = left.of === "Q" ? [left, right] : [right, left];
      const made = { query: poolOf(query, "query"), key: poolOf(key, "key") };
      const scaled = (product: Expr, { reductions, factor }: choice.Pooled, { of, range, where }: Pool): Expr => {
        // The mean of no rows is 0, like their sum.
        const divides = reductions[0]?.op === "mean" && range?.count !== 0 && !where;
        const mean = divides ? op("div", product, op("toFloat", rowsOf(range, of))) : product;
        return factor ? op("mul", mean, lower(factor)) : mean;
      };
      return scaled(scaled(quantityOf(made), query, made.query), key, made.key);
    },
  };
}

/** How many tokens a block may have; kernels add a smaller number to any place. */
const mostOn = (side: Sides[Side]) => (side.kind === "size" ? side.size : 2 ** 30);

/** How many tokens the block has: the last one may be ragged, and a batch may end before it. */
function countOn(side: Side, sides: Sides): Expr {
  const { first, end } = blocksOnSide(sides[side], side);
  return op("max", op("sub", end, first), int(0));
}
