// Rules of bit operations on ints. `i` is an int.

import { int } from "../../ir/make.ts";
import { hole, patterns } from "../pattern.ts";
import { type Rule, rule } from "../rewrite.ts";

const { bitAnd, bitOr, bitXor, shiftLeft, shiftRight } = patterns;
const i = hole("i", "int");
const [ZERO, ALL_ONES] = [int(0), int(-1)];

export const bitRules: readonly Rule[] = [
  rule("bit-and-zero", bitAnd(i, ZERO), ZERO),
  rule("bit-and-ones", bitAnd(i, ALL_ONES), i),
  rule("bit-and-same", bitAnd(i, i), i),
  rule("bit-or-zero", bitOr(i, ZERO), i),
  rule("bit-or-ones", bitOr(i, ALL_ONES), ALL_ONES),
  rule("bit-or-same", bitOr(i, i), i),
  rule("bit-xor-zero", bitXor(i, ZERO), i),
  rule("bit-xor-same", bitXor(i, i), ZERO),
  rule("shift-left-zero", shiftLeft(i, ZERO), i),
  rule("shift-right-zero", shiftRight(i, ZERO), i),
];
