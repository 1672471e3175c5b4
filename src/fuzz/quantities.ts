// The numbers of masks: ints of the size of a window, reals of the size of a threshold, conditions that tell heads apart.
// Each may be a literal, a parameter, a length, or an expression of them; what is wild in it is kept small.

import type { Numbers } from "../verify/numbers.ts";
import { anyParam, element, k, length, q } from "./leaves.ts";
import { apply } from "./operators.ts";
import { float, int, leaf, type Term } from "./term.ts";
import { wild } from "./wild.ts";

export type Make = (numbers: Numbers, depth: number) => Term;

/** Rows of a weighted choice. */
export type Choices = readonly (readonly [number, Make])[];

export function choose(numbers: Numbers, depth: number, choices: Choices): Term {
  let left = numbers.unit() * choices.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, make] of choices) {
    left -= weight;
    if (left < 0) return make(numbers, depth);
  }
  return choices[0]![1](numbers, depth);
}

const any = (numbers: Numbers, ...names: readonly string[]) => numbers.pick(names);

/** An int of the size of a window, a prefix or a block. */
export function quantity(numbers: Numbers, depth: number): Term {
  if (depth <= 0) return choose(numbers, 0, SIMPLE);
  return choose(numbers, depth, [...SIMPLE, ...SUMS]);
}

const SIMPLE: Choices = [
  [2, (numbers) => int(numbers.int(0, 70))],
  [3, (numbers) => anyParam(numbers, "int")],
  [1, (numbers) => int(numbers.pick([0, 1, -1, 2, 100, 2 ** 31 - 1]))],
];

const SUMS: Choices = [
  [1, (numbers, depth) => apply(any(numbers, "+", "-"), quantity(numbers, depth - 1), int(numbers.int(0, 20)))],
  [1, (numbers) => apply("*", int(numbers.int(2, 20)), apply("+", leaf("int", "h"), int(1)))],
  [1, (numbers, depth) => apply(any(numbers, "//", ">>"), quantity(numbers, depth - 1), int(numbers.int(1, 3)))],
  [1, (numbers) => apply("//", length(numbers.pick(["key", "query"])), int(numbers.int(2, 5)))],
  [
    1,
    (numbers, depth) => apply(any(numbers, "min", "max"), quantity(numbers, depth - 1), quantity(numbers, depth - 1)),
  ],
  [
    1,
    (numbers, depth) => apply("clamp", quantity(numbers, depth - 1), int(numbers.int(0, 20)), int(numbers.int(20, 80))),
  ],
  [
    1,
    (numbers, depth) =>
      apply("if", headCondition(numbers, depth - 1), quantity(numbers, depth - 1), quantity(numbers, depth - 1)),
  ],
  [
    1,
    (numbers, depth) =>
      apply(any(numbers, "floor", "ceil", "round", "int"), apply("*", realNumber(numbers, depth - 2), float("40.0"))),
  ],
  [1, (numbers, depth) => apply(any(numbers, "abs", "relu", "negate"), quantity(numbers, depth - 1))],
  [
    1,
    (numbers) =>
      apply("**", int(numbers.int(2, 3)), numbers.pick([int(numbers.int(1, 4)), apply("+", leaf("int", "h"), int(2))])),
  ],
  [
    2,
    (numbers, depth) =>
      apply("+", quantity(numbers, depth - 1), apply("%", wild(numbers, "int", depth - 2), int(numbers.int(2, 16)))),
  ],
  [
    1,
    (numbers, depth) => apply("+", quantity(numbers, depth - 1), apply("&", wild(numbers, "int", depth - 2), int(7))),
  ],
];

/** A real number between a part of one and a few. */
export function realNumber(numbers: Numbers, depth: number): Term {
  if (depth <= 0) return choose(numbers, 0, SIMPLE_REALS);
  return choose(numbers, depth, [...SIMPLE_REALS, ...REALS]);
}

const SIMPLE_REALS: Choices = [
  [2, (numbers) => float(numbers.pick(["0.1", "0.25", "0.5", "0.75", "0.9"]))],
  [1, (numbers) => float(numbers.pick(["1.0", "2.0", "8.0", "20.0"]))],
  [2, (numbers) => anyParam(numbers, "float")],
  [1, () => element("rate")],
];

const REALS: Choices = [
  [
    1,
    (numbers, depth) =>
      apply(
        any(numbers, "+", "-", "*", "/", "min", "max"),
        realNumber(numbers, depth - 1),
        realNumber(numbers, depth - 1),
      ),
  ],
  [
    1,
    (numbers, depth) =>
      apply(
        any(numbers, "exp", "exp2", "sqrt", "tanh", "sigmoid", "sin", "cos", "abs", "rsqrt"),
        realNumber(numbers, depth - 1),
      ),
  ],
  [1, (numbers, depth) => apply("sigmoid", wild(numbers, "float", depth - 1))],
  [1, (numbers, depth) => apply("%", wild(numbers, "float", depth - 1), float("1.0"))],
  [1, (numbers, depth) => apply("clamp", wild(numbers, "float", depth - 1), float("0.25"), float("4.0"))],
];

/** What tells heads, or calls, apart. */
export const headCondition: Make = (numbers, depth) =>
  choose(numbers, depth, [
    [2, () => apply("==", apply("%", leaf("int", "h"), int(2)), int(0))],
    [1, () => leaf("bool", "on", "parameter", { kind: "param", name: "on" })],
    [1, () => apply("<", element("rate"), float("0.5"))],
    [
      1,
      (_, below) =>
        apply(
          "<",
          apply("random", int(numbers.int(0, 99)), leaf("int", "h"), leaf("int", "b")),
          realNumber(numbers, below),
        ),
    ],
    [1, () => apply(">", k, quantity(numbers, 1))],
    [1, () => apply("<", q, quantity(numbers, 1))],
  ]);
