// What every operation does to bounds: the third reading of the table of operations, after its values and its ranges. A
// new operation does not compile before it has its line here; "anything" is always a sound one.

import type { Expr } from "../../ir/expr.ts";
import { bool, op } from "../../ir/make.ts";
import type { OpName } from "../../ops/index.ts";
import type { Range } from "../range.ts";
import { type BoolBounds, type Bounds, type FloatBounds, fromRange, provided } from "./bounds.ts";
import type { Order } from "./compare.ts";
import * as float from "./float-bounds.ts";
import * as int from "./int-bounds.ts";

/** The bounds of an argument; those of ints with the numbers that they lie between in every call. */
export type Argument = int.Int | FloatBounds | BoolBounds;

/** Bounds of an operation on arguments that vary on the tile. Comparisons of ints are not made here: they look at
 *  whole expressions. `range` is what promises say of the result. */
export function transfer(name: OpName, args: readonly Argument[], range: Range): Bounds {
  const otherwise = fromRange(range);
  const found = TRANSFER[name](args);
  return found ? provided(found.when ?? bool(true), found.bounds, otherwise) : otherwise;
}

/** Bounds, perhaps under a condition that only the call decides; undefined where nothing is known. */
type Found = { readonly bounds: Bounds; readonly when?: Expr } | undefined;
type Transfer = (args: readonly Argument[]) => Found;

const ints1 =
  (of: (a: int.Int) => int.Found): Transfer =>
  ([a]) =>
    of(a as int.Int);
const ints2 =
  (of: (a: int.Int, b: int.Int) => int.Found): Transfer =>
  ([a, b]) =>
    of(a as int.Int, b as int.Int);
const floats1 =
  (of: (a: FloatBounds) => Bounds): Transfer =>
  ([a]) => ({ bounds: of(a as FloatBounds) });
const floats2 =
  (of: (a: FloatBounds, b: FloatBounds) => Bounds): Transfer =>
  ([a, b]) => ({ bounds: of(a as FloatBounds, b as FloatBounds) });
const bools2 =
  (of: (a: Facts, b: Facts) => Facts): Transfer =>
  ([a, b]) => ({ bounds: { type: "bool", ...of(a as BoolBounds, b as BoolBounds) } });

/** Chooses by the type of the first argument. */
const numbers =
  (ofInts: Transfer, ofFloats: Transfer): Transfer =>
  (args) =>
    (args[0]!.type === "int" ? ofInts : ofFloats)(args);

const nothing: Transfer = () => undefined;

const order = (name: Order): Transfer => floats2((a, b) => float.compareFloats(name, a, b));
const equality = (name: "eq" | "ne"): Transfer => {
  const ofBools = bools2((a, b) => {
    const same = either(both(a, b), both(negate(a), negate(b)));
    return name === "eq" ? same : negate(same);
  });
  return (args) => (args[0]!.type === "bool" ? ofBools : order(name))(args);
};

type Facts = Omit<BoolBounds, "type">;
const both = (a: Facts, b: Facts): Facts => ({ may: op("and", a.may, b.may), must: op("and", a.must, b.must) });
const either = (a: Facts, b: Facts): Facts => ({ may: op("or", a.may, b.may), must: op("or", a.must, b.must) });
const negate = ({ may, must }: Facts): Facts => ({ may: op("not", must), must: op("not", may) });

/** One branch where the condition is decided, both where it is not. */
const select: Transfer = ([condition, a, b]) => {
  const { may, must } = condition as BoolBounds;
  const choose = (then: Expr, otherwise: Expr, joined: Expr) =>
    op("select", must, then, op("select", may, joined, otherwise));
  if (a!.type === "bool") {
    const [then, otherwise] = [a!, b as BoolBounds];
    const joined = { may: op("or", then.may, otherwise.may), must: op("and", then.must, otherwise.must) };
    const chosen = (name: keyof Facts) => choose(then[name], otherwise[name], joined[name]);
    return { bounds: { type: "bool", may: chosen("may"), must: chosen("must") } };
  }
  const [then, otherwise] = [a!, b as int.Int | FloatBounds];
  const low = choose(then.low, otherwise.low, op("min", then.low, otherwise.low));
  return {
    bounds: { type: then.type, low, high: choose(then.high, otherwise.high, op("max", then.high, otherwise.high)) },
  };
};

const TRANSFER: Readonly<Record<OpName, Transfer>> = {
  // Sums of ints are linear forms and never get here; a form that was given up as too large has its range.
  add: numbers(nothing, floats2(float.add)),
  sub: numbers(nothing, floats2(float.sub)),
  neg: numbers(nothing, floats1(float.neg)),
  mul: numbers(ints2(int.mul), floats2(float.mul)),
  div: floats2(float.div),
  floorDiv: numbers(ints2(int.floorDiv), nothing),
  floorMod: numbers(ints2(int.floorMod), nothing),
  pow: nothing,
  abs: numbers(ints1(int.abs), floats1(float.abs)),
  sign: numbers(ints1(int.sign), floats1(float.sign)),
  min: numbers(ints2(int.min), floats2(float.min)),
  max: numbers(ints2(int.max), floats2(float.max)),
  bitAnd: ints2(int.bitAnd),
  bitOr: nothing,
  bitXor: nothing,
  shiftLeft: ints2(int.shiftLeft),
  shiftRight: ints2(int.shiftRight),
  eq: equality("eq"),
  ne: equality("ne"),
  lt: order("lt"),
  le: order("le"),
  gt: order("gt"),
  ge: order("ge"),
  and: bools2(both),
  or: bools2(either),
  not: ([a]) => ({ bounds: { type: "bool", ...negate(a as BoolBounds) } }),
  select,
  // Functions that targets compute a little differently are not monotone to the last bit.
  exp: nothing,
  exp2: nothing,
  log: nothing,
  log2: nothing,
  sqrt: floats1(float.sqrt),
  rsqrt: nothing,
  tanh: nothing,
  sigmoid: nothing,
  sin: nothing,
  cos: nothing,
  toFloat: ([a]) => ({ bounds: float.toFloat(a as int.Int) }),
  truncate: floats1(float.toInt("truncate")),
  floor: floats1(float.toInt("floor")),
  ceil: floats1(float.toInt("ceil")),
  round: floats1(float.toInt("round")),
  randomSeed: nothing,
  randomMix: nothing,
  randomUnit: nothing,
};
