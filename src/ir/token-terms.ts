// Parts of masks that are functions of one token and leap about with its position: remainders, and bits. Of tokens that are stored in
// another order, the positions in a tile bound such a part badly, k % 4 of 0, 4, 8, … by 0 ‥ 3; as a tensor by stored place it is known.
//
//   k % d                →    order.key.1[b, kv, k]
//   (q - k) % d == 0     →    order.query.1[…] == order.key.1[…]

import type { OpName } from "../ops/index.ts";
import type * as spec from "../spec/spec.ts";
import type { Expr } from "./expr.ts";
import type { OrderedPlaces } from "./lower-order.ts";
import { coord, int, op } from "./make.ts";
import { postorder } from "./walk.ts";

type Side = "query" | "key";
type Lower = (expr: spec.Expr) => Expr;

const LEAPING: readonly OpName[] = ["floorMod", "bitAnd", "bitOr", "bitXor", "shiftLeft"];

/** No distance to a key wraps from here up: there are fewer than 2²⁹ keys. */
const FAR_BELOW = -(2 ** 30);

/** What stands for a part of the masks; undefined where it is lowered like any other.
 *  @param unordered lowers functions of positions
 *  @param ordered lowers functions of stored places */
export function tokenTerms(
  masks: readonly spec.Clause[],
  places: OrderedPlaces,
  unordered: Lower,
  ordered: Lower,
): (part: spec.Expr) => Expr | undefined {
  const reads = readsWithin(masks.map(({ value }) => value));
  const remainder = (of: Side, divisor: Expr) => places.coordinate(of, op("floorMod", coord(of), divisor));
  return (part) => {
    const side = sideOf(part, reads);
    if (side) {
      const value = unordered(part);
      return isZero(value) ? int(0) : places.coordinate(side, value);
    }
    const congruence = congruenceOf(part, reads);
    if (!congruence) return undefined;
    // Remainders say nothing of a distance that wraps.
    const mayWrap = op("lt", places.position("query"), int(FAR_BELOW));
    const divisor = unordered(congruence.divisor);
    const isSame = op(congruence.op, remainder("query", divisor), remainder("key", divisor));
    return op("select", mayWrap, ordered(part), isSame);
  };
}

/** x % 1 needs no tensor. */
const isZero = (value: Expr) => value.kind === "op" && value.op === "floorMod" && value.args[1] === int(1);

/** What an expression reads: nothing of a token, one side's position, or what no order knows. */
type Read = "nothing" | Side | "other";
type Reads = ReadonlyMap<spec.Expr, Read>;

function readsWithin(roots: readonly spec.Expr[]): Reads {
  const reads = new Map<spec.Expr, Read>();
  for (const node of postorder(roots, argumentsOf)) reads.set(node, readsOf(node, reads));
  return reads;
}

/** Whose token the part is a function of, if it leaps about. */
function sideOf(part: spec.Expr, reads: Reads): Side | undefined {
  const side = reads.get(part);
  const leaps = part.kind === "apply" && part.type === "int" && LEAPING.includes(part.op);
  return leaps && (side === "query" || side === "key") ? side : undefined;
}

const argumentsOf = (node: spec.Expr) => (node.kind === "apply" ? node.args : node.kind === "element" ? node.at : []);

function readsOf(node: spec.Expr, known: Reads): Read {
  switch (node.kind) {
    case "position":
      return node.axis === "query" || node.axis === "key" ? node.axis : "other";
    case "coordinate":
      return node.of;
    case "literal":
    case "param":
    case "length":
      return "nothing";
    case "apply":
      return node.args.map((part) => known.get(part)!).reduce(together, "nothing");
    default:
      return "other";
  }
}

function together(left: Read, right: Read): Read {
  if (left === "nothing" || left === right) return right;
  return right === "nothing" ? left : "other";
}

/** (q − k) % d == 0 or != 0, of the distance either way round or without its sign. */
function congruenceOf(part: spec.Expr, reads: Reads): { op: "eq" | "ne"; divisor: spec.Expr } | undefined {
  if (part.kind !== "apply" || (part.op !== "eq" && part.op !== "ne")) return undefined;
  const [remainder, zero] = part.args as [spec.Expr, spec.Expr];
  const isRemainder = remainder.kind === "apply" && remainder.op === "floorMod" && remainder.type === "int";
  if (!isRemainder || zero.kind !== "literal" || zero.value !== 0) return undefined;
  const [dividend, divisor] = remainder.args as [spec.Expr, spec.Expr];
  return reads.get(divisor) === "nothing" && isDistance(dividend) ? { op: part.op, divisor } : undefined;
}

function isDistance(expr: spec.Expr): boolean {
  if (expr.kind !== "apply") return false;
  if (expr.op === "abs" || expr.op === "neg") return isDistance(expr.args[0]!);
  const axes = expr.args.map((part) => (part.kind === "position" ? part.axis : ""));
  return expr.op === "sub" && axes.toSorted().join(" ") === "key query";
}
