// Rules of `if a then x else y`. `a b` are conditions, `x y z` anything of one type.

import { bool } from "../../ir/make.ts";
import { hole, patterns } from "../pattern.ts";
import { type Rule, rule } from "../rewrite.ts";

const { and, le, lt, max, min, not, or, select } = patterns;
const [a, b] = [hole("a", "bool"), hole("b", "bool")];
const [x, y, z] = [hole("x"), hole("y"), hole("z")];
const [i, j] = [hole("i", "int"), hole("j", "int")];
const [YES, NO] = [bool(true), bool(false)];

export const selectRules: readonly Rule[] = [
  rule("select-true", select(YES, x, y), x),
  rule("select-false", select(NO, x, y), y),
  rule("select-same", select(a, x, x), x),
  rule("select-not", select(not(a), x, y), select(a, y, x)),
  rule("select-same-then", select(a, select(a, x, y), z), select(a, x, z)),
  rule("select-same-else", select(a, x, select(a, y, z)), select(a, x, z)),
  rule("select-or-bool", select(a, YES, b), or(a, b)),
  rule("select-and-bool", select(a, b, NO), and(a, b)),
  rule("select-not-or-bool", select(a, b, YES), or(not(a), b)),
  rule("select-not-and-bool", select(a, NO, b), and(not(a), b)),
  // Not for floats: NaN and the sign of zero would choose the other side.
  rule("select-min", select(lt(i, j), i, j), min(i, j)),
  rule("select-max", select(lt(i, j), j, i), max(i, j)),
  rule("select-min-le", select(le(i, j), i, j), min(i, j)),
  rule("select-max-le", select(le(i, j), j, i), max(i, j)),
];
