// Rules of arithmetic. Ints wrap, so sums and products of ints may be regrouped freely; floats may not, and keep every
// bit: x + 0.0 stays (−0.0 + 0.0 is 0.0), x · 0.0 stays (NaN, ∞, −0.0). `i j` are ints, `f g` floats, `m n` int constants,
// `u v` float constants, `x` anything. Divisions by zero are 0 throughout.

import type { IntRange } from "../../analysis/range.ts";
import { float, int } from "../../ir/make.ts";
import { type Bound, constantHole, hole, patterns } from "../pattern.ts";
import { type Facts, type Rule, realRule, rule } from "../rewrite.ts";

const { abs, add, div, floorDiv, floorMod, max, min, mul, neg, pow, sub } = patterns;
const [i, j, f, g, x] = [hole("i", "int"), hole("j", "int"), hole("f", "float"), hole("g", "float"), hole("x")];
const [m, n] = [constantHole("m", "int"), constantHole("n", "int")];
const [u, v] = [constantHole("u", "float"), constantHole("v", "float")];
const [ZERO, ONE, TWO, MINUS_ONE] = [int(0), int(1), int(2), int(-1)];
const [ZERO_F, ONE_F, TWO_F, MINUS_ONE_F] = [float(0), float(1), float(2), float(-1)];

export const arithmeticRules: readonly Rule[] = [
  rule("add-zero", add(i, ZERO), i),
  rule("sub-zero", sub(i, ZERO), i),
  rule("sub-zero-float", sub(f, ZERO_F), f),
  rule("zero-sub", sub(ZERO, i), neg(i)),
  rule("sub-same", sub(i, i), ZERO),
  rule("add-neg", add(x, neg(j)), sub(x, j)),
  rule("add-neg-float", add(f, neg(g)), sub(f, g)),
  rule("sub-neg", sub(i, neg(j)), add(i, j)),
  rule("sub-neg-float", sub(f, neg(g)), add(f, g)),
  rule("neg-neg", neg(neg(x)), x),
  rule("neg-sub", neg(sub(i, j)), sub(j, i)),
  rule("add-sub", add(i, sub(j, i)), j),
  rule("sub-add", sub(add(i, j), j), i),
  rule("sub-sub", sub(i, sub(i, j)), j),
  // Constants wander outwards and meet: (i + 1) − 2 becomes i + (−1).
  rule("sub-constant", sub(i, n), add(i, neg(n)), isNot("n", 0)),
  rule("add-constants", add(add(i, m), n), add(i, add(m, n))),
  rule("sub-of-sum", sub(i, add(j, n)), add(sub(i, j), neg(n)), isNotConstant("i")),
  rule("sum-minus", sub(add(i, n), j), add(sub(i, j), n), isNotConstant("j")),
  rule("mul-zero", mul(i, ZERO), ZERO),
  rule("mul-one", mul(i, ONE), i),
  rule("mul-one-float", mul(f, ONE_F), f),
  rule("mul-minus-one", mul(i, MINUS_ONE), neg(i)),
  rule("mul-minus-one-float", mul(f, MINUS_ONE_F), neg(f)),
  rule("mul-constants", mul(mul(i, m), n), mul(i, mul(m, n))),
  realRule("mul-constants-float", mul(mul(f, u), v), mul(f, mul(u, v)), areOrdinary("u", "v")),
  rule("div-one", div(f, ONE_F), f),
  rule("div-zero", div(f, ZERO_F), ZERO_F),
  realRule("div-constant", div(f, u), mul(f, div(ONE_F, u)), isOrdinary("u")),
  rule("floor-div-one", floorDiv(i, ONE), i),
  rule("floor-div-zero", floorDiv(i, ZERO), ZERO),
  rule("floor-div-twice", floorDiv(floorDiv(i, m), n), floorDiv(i, mul(m, n)), haveSmallProduct("m", "n")),
  rule("floor-div-in-range", floorDiv(i, j), ZERO, isBelow("i", "j")),
  rule("floor-mod-one", floorMod(i, ONE), ZERO),
  rule("floor-mod-zero", floorMod(i, ZERO), ZERO),
  rule("floor-mod-twice", floorMod(floorMod(i, j), j), floorMod(i, j)),
  rule("floor-mod-in-range", floorMod(i, j), i, isBelow("i", "j")),
  rule("pow-zero", pow(i, ZERO), ONE),
  rule("pow-zero-float", pow(f, ZERO_F), ONE_F),
  rule("pow-one", pow(i, ONE), i),
  rule("pow-one-float", pow(f, ONE_F), f),
  rule("square", pow(i, TWO), mul(i, i)),
  realRule("square-float", pow(f, TWO_F), mul(f, f)),
  rule("min-same", min(x, x), x),
  rule("max-same", max(x, x), x),
  rule("min-constants", min(min(i, m), n), min(i, min(m, n))),
  rule("max-constants", max(max(i, m), n), max(i, max(m, n))),
  rule("min-constants-float", min(min(f, u), v), min(f, min(u, v))),
  rule("max-constants-float", max(max(f, u), v), max(f, max(u, v))),
  rule("min-in-range", min(i, j), i, isAtMost("i", "j")),
  rule("max-in-range", max(i, j), i, isAtMost("j", "i")),
  rule("abs-abs", abs(abs(x)), abs(x)),
  rule("abs-neg", abs(neg(x)), abs(x)),
  rule("abs-in-range", abs(i), i, (bound, facts) => rangeOf(bound.i, facts).low >= 0),
];

type Guard = (bound: Bound, facts: Facts) => boolean;

const numberOf = (bound: Bound, name: string): number => {
  const expr = bound[name];
  return expr?.kind === "const" ? Number(expr.value) : Number.NaN;
};
const rangeOf = (expr: Bound[string] | undefined, facts: Facts) => facts.rangeOf(expr!) as IntRange;

function isNot(name: string, value: number): Guard {
  return (bound) => numberOf(bound, name) !== value;
}

function isNotConstant(name: string): Guard {
  return (bound) => bound[name]?.kind !== "const";
}

/** Neither zero nor so large or small that a reciprocal or a product loses its meaning. */
function isOrdinary(name: string): Guard {
  return (bound) => Math.abs(numberOf(bound, name)) > 1e-30 && Math.abs(numberOf(bound, name)) < 1e30;
}

function areOrdinary(first: string, second: string): Guard {
  return (bound, facts) => isOrdinary(first)(bound, facts) && isOrdinary(second)(bound, facts);
}

/** Both positive, and their product an int. */
function haveSmallProduct(first: string, second: string): Guard {
  return (bound) => {
    const [a, b] = [numberOf(bound, first), numberOf(bound, second)];
    return a > 0 && b > 0 && a * b < 2 ** 31;
  };
}

/** 0 <= first < second, for all values that they can take. */
function isBelow(first: string, second: string): Guard {
  return (bound, facts) => {
    const [a, b] = [rangeOf(bound[first], facts), rangeOf(bound[second], facts)];
    return a.low >= 0 && a.high < b.low;
  };
}

function isAtMost(first: string, second: string): Guard {
  return (bound, facts) => rangeOf(bound[first], facts).high <= rangeOf(bound[second], facts).low;
}
