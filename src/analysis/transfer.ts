// What every operation does to ranges: the abstract twin of the table of operations. A new operation does not compile
// before it has its line here; "anything" is always a sound one.

import { findSignature, type OpName, opInfo } from "../ops/index.ts";
import { and, BlockFact, equal, not, or } from "./block-fact.ts";
import * as float from "./float-ranges.ts";
import * as int from "./int-ranges.ts";
import {
  ANY_FLOAT,
  ANY_INT,
  type BoolRange,
  boolRange,
  commonStep,
  type FloatRange,
  floatRange,
  type IntRange,
  join,
  onlyValue,
  type Range,
  rangeOf,
} from "./range.ts";

/** The range of an operation's result when its arguments lie in these ranges. */
export function transfer(name: OpName, args: readonly Range[]): Range {
  return exactly(name, args) ?? TRANSFER[name](args);
}

/** The result where every argument is known, unless targets compute it a little differently. */
function exactly(name: OpName, args: readonly Range[]): Range | undefined {
  if (opInfo(name).approximate) return undefined;
  const values = args.map(onlyValue);
  if (values.includes(undefined)) return undefined;
  const { eval: meaning, result } = findSignature(
    name,
    args.map(({ type }) => type),
  )!;
  return rangeOf(result, meaning(...values));
}

type Transfer = (args: readonly Range[]) => Range;

const ints1 =
  (of: (a: IntRange) => Range): Transfer =>
  ([a]) =>
    of(a as IntRange);
const ints2 =
  (of: (a: IntRange, b: IntRange) => Range): Transfer =>
  ([a, b]) =>
    of(a as IntRange, b as IntRange);
const floats1 =
  (of: (a: FloatRange) => Range): Transfer =>
  ([a]) =>
    of(a as FloatRange);
const floats2 =
  (of: (a: FloatRange, b: FloatRange) => Range): Transfer =>
  ([a, b]) =>
    of(a as FloatRange, b as FloatRange);
const facts2 =
  (of: (a: BlockFact, b: BlockFact) => BlockFact): Transfer =>
  ([a, b]) =>
    boolRange(of((a as BoolRange).fact, (b as BoolRange).fact));

/** Chooses by the type of the first argument. */
const numbers1 =
  (ofInts: (a: IntRange) => Range, ofFloats: (a: FloatRange) => Range): Transfer =>
  (args) =>
    args[0]!.type === "int" ? ints1(ofInts)(args) : floats1(ofFloats)(args);
const numbers2 =
  (ofInts: (a: IntRange, b: IntRange) => Range, ofFloats: (a: FloatRange, b: FloatRange) => Range): Transfer =>
  (args) =>
    args[0]!.type === "int" ? ints2(ofInts)(args) : floats2(ofFloats)(args);

type Bounded = IntRange | FloatRange;
const mayBeNaN = (range: Bounded) => range.type === "float" && range.nan;

/** A comparison with NaN is false, so it is proved only where there is none; disproved it is all the same. */
const ordered = (always: (a: Bounded, b: Bounded) => boolean, never: (a: Bounded, b: Bounded) => boolean): Transfer => {
  return (args) => {
    const [a, b] = args as [Bounded, Bounded];
    if (never(a, b)) return boolRange(BlockFact.empty);
    return boolRange(always(a, b) && !mayBeNaN(a) && !mayBeNaN(b) ? BlockFact.full : BlockFact.partial);
  };
};
const less = ordered(
  (a, b) => a.high < b.low,
  (a, b) => a.low >= b.high,
);
const lessOrEqual = ordered(
  (a, b) => a.high <= b.low,
  (a, b) => a.low > b.high,
);
const equalNumbers = ordered(
  (a, b) => a.low === b.high && a.high === b.low,
  (a, b) => a.high < b.low || a.low > b.high || (a.type === "int" && b.type === "int" && neverMeet(a, b)),
);
/** Ints that leave different remainders. */
const neverMeet = (a: IntRange, b: IntRange) => {
  const step = commonStep(a.step, b.step);
  return step > 1 && (a.low - b.low) % step !== 0;
};
const equality: Transfer = (args) => (args[0]!.type === "bool" ? facts2(equal)(args) : equalNumbers(args));
const negated =
  (of: Transfer): Transfer =>
  (args) =>
    boolRange(not((of(args) as BoolRange).fact));
const swapped =
  (of: Transfer): Transfer =>
  ([a, b]) =>
    of([b!, a!]);

const anyInt: Transfer = () => ANY_INT;

const TRANSFER: Readonly<Record<OpName, Transfer>> = {
  add: numbers2(int.add, float.add),
  sub: numbers2(int.sub, float.sub),
  mul: numbers2(int.mul, float.mul),
  div: floats2(float.div),
  floorDiv: numbers2(int.floorDiv, float.floorDiv),
  floorMod: numbers2(int.floorMod, float.floorMod),
  pow: numbers2(int.pow, () => ANY_FLOAT),
  neg: numbers1(int.neg, float.neg),
  abs: numbers1(int.abs, float.abs),
  sign: numbers1(int.sign, float.sign),
  min: numbers2(int.min, float.min),
  max: numbers2(int.max, float.max),
  bitAnd: ints2(int.bitAnd),
  bitOr: ints2(int.bitOr),
  bitXor: ints2(int.bitXor),
  shiftLeft: ints2(int.shiftLeft),
  shiftRight: ints2(int.shiftRight),
  eq: equality,
  ne: negated(equality),
  lt: less,
  le: lessOrEqual,
  gt: swapped(less),
  ge: swapped(lessOrEqual),
  and: facts2(and),
  or: facts2(or),
  not: ([a]) => boolRange(not((a as BoolRange).fact)),
  select: ([condition, then, otherwise]) => {
    const { fact } = condition as BoolRange;
    if (fact === BlockFact.full) return then!;
    return fact === BlockFact.empty ? otherwise! : join(then!, otherwise!);
  },
  exp: floats1(float.exp),
  exp2: floats1(float.exp2),
  log: floats1(float.log),
  log2: floats1(float.log2),
  sqrt: floats1(float.sqrt),
  rsqrt: floats1(float.rsqrt),
  tanh: floats1(float.tanh),
  sigmoid: floats1(float.sigmoid),
  sin: floats1(float.wave),
  cos: floats1(float.wave),
  toFloat: ints1(float.toFloat),
  truncate: floats1(float.toInt("truncate")),
  floor: floats1(float.toInt("floor")),
  ceil: floats1(float.toInt("ceil")),
  round: floats1(float.toInt("round")),
  randomSeed: anyInt,
  randomMix: anyInt,
  randomUnit: () => floatRange(0, 1 - 2 ** -24),
};
