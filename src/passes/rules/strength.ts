// Cheaper operations for the same bits, for the machines: division and remainder by a power of two are a shift and a
// mask, for negative numbers too, because they floor. Kept apart from the arithmetic rules, which want to see divisions.

import { int } from "../../ir/make.ts";
import { type Bound, computed, constantHole, hole, patterns } from "../pattern.ts";
import { type Rule, rule } from "../rewrite.ts";

const { bitAnd, floorDiv, floorMod, shiftRight } = patterns;
const i = hole("i", "int");
const n = constantHole("n", "int");

export const strengthRules: readonly Rule[] = [
  rule("floor-div-power-of-two", floorDiv(i, n), shiftRight(i, computed("log2 n", log2)), isPowerOfTwo),
  rule("floor-mod-power-of-two", floorMod(i, n), bitAnd(i, computed("n - 1", minusOne)), isPowerOfTwo),
];

const numberOf = ({ n }: Bound): number => (n?.kind === "const" ? Number(n.value) : 0);

function isPowerOfTwo(bound: Bound): boolean {
  const value = numberOf(bound);
  return value > 0 && (value & (value - 1)) === 0;
}

function log2(bound: Bound) {
  return int(31 - Math.clz32(numberOf(bound)));
}

function minusOne(bound: Bound) {
  return int(numberOf(bound) - 1);
}
