// What follows from two alternatives together. A tile may be visible everywhere although neither side of an `or` holds
// everywhere: some pairs are equal, the others greater. Where two alternatives compare the same numbers, the union of the
// comparisons with all their other terms implies one of them, so it may stand beside them:
//
//   a == b and X  or  a > b and Y        →    … or a >= b and X and Y
//   q < n and X   or  q >= n and Y       →    … or X and Y

import type { Expr } from "../../ir/expr.ts";
import { conjunction, op } from "../../ir/make.ts";
import { fold, withChildren } from "../../ir/walk.ts";
import type { OpName } from "../../ops/index.ts";
import { isOrder, type Order } from "./compare.ts";

/** Alternatives that are laid side by side at most: longer chains gain little and cost their square. */
const MOST_ALTERNATIVES = 6;

/** The same mask, with what follows from its alternatives written beside them. */
export function withUnions(mask: Expr): Expr {
  const results = fold<Expr>([mask], (expr, parts) => {
    const rebuilt = withChildren(expr, parts);
    if (expr.kind !== "op" || expr.op !== "or") return rebuilt;
    // What was added below is left out here: it follows from what is laid side by side anyway.
    const [left, right] = expr.args.map((side) => partsOf(side, "or"));
    if (left!.length + right!.length > MOST_ALTERNATIVES) return rebuilt;
    const implied = left!.flatMap((first) => right!.flatMap((second) => impliedBy(first, second)));
    return implied.reduce((all, each) => op("or", all, each), rebuilt);
  });
  return results.get(mask)!;
}

/** Operands of a chain of `and` or `or`. */
function partsOf(expr: Expr, name: "and" | "or"): readonly Expr[] {
  return expr.kind === "op" && expr.op === name ? expr.args.flatMap((side) => partsOf(side, name)) : [expr];
}

function impliedBy(first: Expr, second: Expr): readonly Expr[] {
  const [left, right] = [partsOf(first, "and"), partsOf(second, "and")];
  return left.flatMap((one) =>
    right.flatMap((other) => {
      const union = unionOf(one, other);
      if (!union) return [];
      const others = [...left.filter((each) => each !== one), ...right.filter((each) => each !== other)];
      return [conjunction([...union, ...new Set(others)])];
    }),
  );
}

/** Bit 0 less, bit 1 equal, bit 2 greater. */
const SIGNS: Readonly<Record<Order, number>> = { lt: 0b001, le: 0b011, gt: 0b100, ge: 0b110, eq: 0b010, ne: 0b101 };
const ORDERS = Object.keys(SIGNS) as Order[];
const mirrored = (signs: number) => (signs & 0b010) | ((signs & 0b001) << 2) | (signs >> 2);

/** The comparison that holds where one of the two does, if it says more than either: none is left where that is always. */
function unionOf(one: Expr, other: Expr): readonly Expr[] | undefined {
  if (one.kind !== "op" || other.kind !== "op" || !isOrder(one.op) || !isOrder(other.op)) return undefined;
  const [left, right] = one.args as [Expr, Expr];
  if (left.type !== "int") return undefined;
  const isSame = other.args[0] === left && other.args[1] === right;
  const isMirrored = other.args[0] === right && other.args[1] === left;
  if (!isSame && !isMirrored) return undefined;
  const [signs, others] = [SIGNS[one.op], isSame ? SIGNS[other.op] : mirrored(SIGNS[other.op])];
  const both = signs | others;
  if (both === signs || both === others) return undefined;
  const name: OpName | undefined = ORDERS.find((order) => SIGNS[order] === both);
  return name ? [op(name, left, right)] : [];
}
