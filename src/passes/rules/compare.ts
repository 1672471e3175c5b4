// Rules of comparison. Ints wrap, so a constant may change sides only where intervals prove that nothing wraps;
// equality modulo 2³² needs no proof. `i j` are ints, `m n` int constants, `x` anything. `gt` and `ge` are gone by then.

import { BlockFact } from "../../analysis/block-fact.ts";
import { type BoolRange, INT_MAX, INT_MIN, type IntRange } from "../../analysis/range.ts";
import { bool, int } from "../../ir/make.ts";
import { type Bound, constantHole, hole, instantiate, type OpPattern, patterns } from "../pattern.ts";
import { type Facts, type Rule, rule } from "../rewrite.ts";

const { add, and, eq, floorDiv, le, lt, max, min, mul, ne, or, sub } = patterns;
const [i, j, x] = [hole("i", "int"), hole("j", "int"), hole("x")];
const [m, n] = [constantHole("m", "int"), constantHole("n", "int")];
const [YES, NO, ZERO, ONE] = [bool(true), bool(false), int(0), int(1)];

export const compareRules: readonly Rule[] = [
  rule("lt-same", lt(x, x), NO),
  rule("le-same", le(i, i), YES),
  rule("eq-same", eq(i, i), YES),
  rule("ne-same", ne(i, i), NO),
  rule("lt-always", lt(i, j), YES, isProved(lt(i, j), BlockFact.full)),
  rule("lt-never", lt(i, j), NO, isProved(lt(i, j), BlockFact.empty)),
  rule("le-always", le(i, j), YES, isProved(le(i, j), BlockFact.full)),
  rule("le-never", le(i, j), NO, isProved(le(i, j), BlockFact.empty)),
  rule("eq-always", eq(i, j), YES, isProved(eq(i, j), BlockFact.full)),
  rule("eq-never", eq(i, j), NO, isProved(eq(i, j), BlockFact.empty)),
  rule("ne-always", ne(i, j), YES, isProved(ne(i, j), BlockFact.full)),
  rule("ne-never", ne(i, j), NO, isProved(ne(i, j), BlockFact.empty)),
  rule("eq-constant-changes-sides", eq(add(i, m), n), eq(i, sub(n, m))),
  rule("ne-constant-changes-sides", ne(add(i, m), n), ne(i, sub(n, m))),
  rule("eq-difference", eq(sub(i, j), ZERO), eq(i, j)),
  rule("ne-difference", ne(sub(i, j), ZERO), ne(i, j)),
  rule("lt-constant-changes-sides", lt(add(i, m), n), lt(i, sub(n, m)), mayChangeSides),
  rule("le-constant-changes-sides", le(add(i, m), n), le(i, sub(n, m)), mayChangeSides),
  rule("constant-lt-changes-sides", lt(n, add(i, m)), lt(sub(n, m), i), mayChangeSides),
  rule("constant-le-changes-sides", le(n, add(i, m)), le(sub(n, m), i), mayChangeSides),
  rule("and-lt-constants", and(lt(i, m), lt(i, n)), lt(i, min(m, n))),
  rule("and-le-constants", and(le(i, m), le(i, n)), le(i, min(m, n))),
  rule("and-constants-lt", and(lt(m, i), lt(n, i)), lt(max(m, n), i)),
  rule("and-constants-le", and(le(m, i), le(n, i)), le(max(m, n), i)),
  rule("or-lt-constants", or(lt(i, m), lt(i, n)), lt(i, max(m, n))),
  rule("or-le-constants", or(le(i, m), le(i, n)), le(i, max(m, n))),
  rule("or-constants-lt", or(lt(m, i), lt(n, i)), lt(min(m, n), i)),
  rule("or-constants-le", or(le(m, i), le(n, i)), le(min(m, n), i)),
  rule("floor-div-lt", lt(floorDiv(i, n), m), lt(i, mul(m, n)), haveProduct(0)),
  rule("floor-div-le", le(floorDiv(i, n), m), lt(i, mul(add(m, ONE), n)), haveProduct(1)),
  rule("lt-floor-div", lt(m, floorDiv(i, n)), le(mul(add(m, ONE), n), i), haveProduct(1)),
  rule("le-floor-div", le(m, floorDiv(i, n)), le(mul(m, n), i), haveProduct(0)),
];

type Guard = (bound: Bound, facts: Facts) => boolean;

/** The comparison has one answer for all values that its sides can take. */
function isProved(comparison: OpPattern, fact: BlockFact): Guard {
  return (bound, facts) => (facts.rangeOf(instantiate(comparison, bound)) as BoolRange).fact === fact;
}

const constantOf = (bound: Bound, name: string): number => {
  const expr = bound[name];
  return expr?.kind === "const" ? Number(expr.value) : Number.NaN;
};

const isInt = (value: number) => value >= INT_MIN && value <= INT_MAX;

/** Neither i + m nor n − m wraps around. */
function mayChangeSides(bound: Bound, facts: Facts): boolean {
  const { low, high } = facts.rangeOf(bound.i!) as IntRange;
  const [first, second] = [constantOf(bound, "m"), constantOf(bound, "n")];
  return isInt(low + first) && isInt(high + first) && isInt(second - first);
}

/** n is positive and (m + more) · n is an int. */
function haveProduct(more: number): Guard {
  return (bound) => constantOf(bound, "n") > 0 && isInt((constantOf(bound, "m") + more) * constantOf(bound, "n"));
}
