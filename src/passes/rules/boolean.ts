// Rules of logic. `a` and `b` are conditions, `i` and `j` ints, `x` and `y` anything.

import { bool } from "../../ir/make.ts";
import { hole, patterns } from "../pattern.ts";
import { type Rule, rule } from "../rewrite.ts";

const { and, eq, ge, gt, le, lt, ne, not, or } = patterns;
const [a, b, c] = [hole("a", "bool"), hole("b", "bool"), hole("c", "bool")];
const [i, j] = [hole("i", "int"), hole("j", "int")];
const [x, y] = [hole("x"), hole("y")];
const [YES, NO] = [bool(true), bool(false)];

export const booleanRules: readonly Rule[] = [
  rule("and-true", and(a, YES), a),
  rule("and-false", and(a, NO), NO),
  rule("and-same", and(a, a), a),
  rule("and-not-same", and(a, not(a)), NO),
  rule("and-absorb", and(a, or(a, b)), a),
  rule("and-twice", and(a, and(a, b)), and(a, b)),
  rule("or-true", or(a, YES), YES),
  rule("or-false", or(a, NO), a),
  rule("or-same", or(a, a), a),
  rule("or-not-same", or(a, not(a)), YES),
  rule("or-absorb", or(a, and(a, b)), a),
  rule("or-twice", or(a, or(a, b)), or(a, b)),
  rule("or-of-ands", or(and(a, b), and(a, c)), and(a, or(b, c))),
  rule("not-not", not(not(a)), a),
  rule("nor", and(not(a), not(b)), not(or(a, b))),
  rule("nand", or(not(a), not(b)), not(and(a, b))),
  // Comparisons of floats are not negated: with NaN both a < b and b <= a are false.
  rule("not-lt", not(lt(i, j)), le(j, i)),
  rule("not-le", not(le(i, j)), lt(j, i)),
  rule("not-eq", not(eq(x, y)), ne(x, y)),
  rule("not-ne", not(ne(x, y)), eq(x, y)),
  // What the four above make of `a and not a`.
  rule("and-opposite-order", and(lt(i, j), le(j, i)), NO),
  rule("or-opposite-order", or(lt(i, j), le(j, i)), YES),
  rule("and-opposite-equality", and(eq(x, y), ne(x, y)), NO),
  rule("or-opposite-equality", or(eq(x, y), ne(x, y)), YES),
  rule("gt-to-lt", gt(x, y), lt(y, x)),
  rule("ge-to-le", ge(x, y), le(y, x)),
  rule("eq-true", eq(a, YES), a),
  rule("eq-false", eq(a, NO), not(a)),
  rule("ne-true", ne(a, YES), not(a)),
  rule("ne-false", ne(a, NO), a),
  rule("eq-same-bool", eq(a, a), YES),
  rule("ne-same-bool", ne(a, a), NO),
];
