// Masks as people write them, in all combinations: windows, prefixes, residues, blocks, documents, neighbourhoods, trees,
// random links. Their numbers are expressions too: parameters, lengths, what depends on the head, sums and roundings, and
// now and then something wild that is kept small. So most of these masks have blocks of every kind, and every operator
// gets into a place where it matters.

import type { Numbers } from "../verify/numbers.ts";
import { anyParam, coordinate, element, GRID_AXES, gridLength, k, length, q, TREE, tableLength } from "./leaves.ts";
import { apply } from "./operators.ts";
import { type Choices, choose, headCondition, type Make, quantity, realNumber } from "./quantities.ts";
import { float, int, leaf, type Term } from "./term.ts";
import { wild } from "./wild.ts";

/** A mask with at most `depth` operations on top of one another, or a few more where an atom is written in full. */
export function anyMask(numbers: Numbers, depth: number): Term {
  if (depth <= 2) return choose(numbers, depth, ATOMS);
  return choose(numbers, depth, [...COMBINATIONS, [5, (_, below) => choose(numbers, below, ATOMS)]]);
}

const both =
  (name: string): Make =>
  (numbers, depth) =>
    apply(name, anyMask(numbers, depth - 1), anyMask(numbers, depth - 1));

const COMBINATIONS: Choices = [
  [4, both("and")],
  [4, both("or")],
  [2, (numbers, depth) => apply("not", anyMask(numbers, depth - 1))],
  [1, both("==")],
  [1, both("!=")],
  [
    1,
    (numbers, depth) =>
      apply("if", headCondition(numbers, depth), anyMask(numbers, depth - 1), anyMask(numbers, depth - 1)),
  ],
  [
    1,
    (numbers, depth) =>
      apply(
        "and",
        anyMask(numbers, depth - 1),
        apply("or", wild(numbers, "bool", depth - 2), anyMask(numbers, depth - 2)),
      ),
  ],
  [
    1,
    (numbers, depth) =>
      apply(
        "or",
        anyMask(numbers, depth - 1),
        apply("and", wild(numbers, "bool", depth - 2), anyMask(numbers, depth - 2)),
      ),
  ],
  [1, (numbers, depth) => wild(numbers, "bool", depth)],
];

const distance = apply("-", q, k);
const ORDERS = ["<", "<=", ">", ">="];
const any = (numbers: Numbers, ...names: readonly string[]) => numbers.pick(names);

const ATOMS: Choices = [
  [
    3,
    (numbers) =>
      numbers.pick([
        apply(">=", q, k),
        apply("<=", k, q),
        leaf("bool", "causal", "std", { kind: "import", name: "causal" }),
      ]),
  ],
  [3, (numbers, depth) => apply("<", distance, quantity(numbers, depth - 2))],
  [3, (numbers, depth) => apply("chain", int(numbers.int(-9, 1)), distance, quantity(numbers, depth - 1))],
  [3, (numbers, depth) => apply("<=", apply("abs", distance), quantity(numbers, depth - 2))],
  [2, (numbers, depth) => apply(any(numbers, ...ORDERS), k, apply("+", q, quantity(numbers, depth - 2)))],
  [2, (numbers, depth) => apply(any(numbers, ...ORDERS), numbers.pick([q, k]), quantity(numbers, depth - 1))],
  [
    1,
    (numbers, depth) =>
      apply("or", apply("<", k, quantity(numbers, depth - 2)), apply("<", q, quantity(numbers, depth - 2))),
  ],
  [1, (numbers) => apply(any(numbers, "==", "!=", "<"), apply("%", distance, period(numbers)), int(numbers.int(0, 2)))],
  [
    1,
    (numbers) =>
      apply(any(numbers, "<", ">="), apply("%", numbers.pick([q, k]), period(numbers)), int(numbers.int(1, 9))),
  ],
  [1, (numbers) => ofBoth(numbers, "%", period(numbers))],
  [3, (numbers) => ofBoth(numbers, "//", blockSize(numbers))],
  [1, (numbers) => ofBoth(numbers, ">>", int(numbers.int(1, 6)))],
  [1, (numbers) => ofBoth(numbers, "&", int(numbers.pick([-16, -8, 48, 12, 3])))],
  [1, (numbers, depth) => apply("<", apply("^", q, k), quantity(numbers, depth - 2))],
  [1, (numbers, depth) => apply(any(numbers, "<", ">"), apply("|", q, k), quantity(numbers, depth - 2))],
  [1, (numbers, depth) => apply("<=", apply("<<", k, int(1)), apply("+", q, quantity(numbers, depth - 2)))],
  [
    1,
    (numbers, depth) => apply("<=", apply("-", apply("max", q, k), apply("min", q, k)), quantity(numbers, depth - 3)),
  ],
  [1, (numbers, depth) => inClampedWindow(numbers, depth)],
  [1, (numbers) => halves(numbers)],
  [4, (numbers) => documents(numbers)],
  [2, (numbers, depth) => grids(numbers, depth)],
  [2, (numbers, depth) => links(numbers, depth)],
  [6, (numbers, depth) => decay(numbers, depth)],
  [1, (numbers) => tree(numbers)],
  [1, () => element("pair", q, k)],
];

/** The same of query and key, compared. */
function ofBoth(numbers: Numbers, name: string, by: Term): Term {
  return apply(any(numbers, "==", ">=", "==", "<", "!="), apply(name, q, by), apply(name, k, by));
}

/** clamp(q − c, 0, n) ≤ k < … + w, as neighbourhoods have it. */
function inClampedWindow(numbers: Numbers, depth: number): Term {
  const start = apply(
    "clamp",
    apply("-", q, int(numbers.int(0, 20))),
    int(0),
    apply("-", length("key"), int(numbers.int(1, 40))),
  );
  return apply("chain", start, k, apply("+", start, quantity(numbers, depth - 2)));
}

/** Blocks of either half of the sequence, as block diffusion has them. */
function halves(numbers: Numbers): Term {
  const half = apply("//", length("key"), int(2));
  const block = (position: Term) => apply("//", apply("%", position, half), blockSize(numbers));
  const compared = apply(any(numbers, "==", ">"), block(q), block(k));
  return apply("and", compared, apply(any(numbers, "==", "!="), apply("<", q, half), apply("<", k, half)));
}

function documents(numbers: Numbers): Term {
  const name = numbers.pick(["doc", "doc", "ids"]);
  return numbers.pick([
    apply("==", element(name, q), element(name, k)),
    apply("==", element(name, q), element(name, k)),
    apply("<=", element(name, k), element(name, q)),
    apply("<", element("gain", k), float("0.5")),
    apply("or", element("flag", q), element("flag", k)),
    element("flag", numbers.pick([q, k])),
    apply("<", k, element("rows", q)),
    apply("<", k, element("offset")),
    apply("chain", element("table", apply("%", q, tableLength)), k, apply("*", int(2), q)),
  ]);
}

function grids(numbers: Numbers, depth: number): Term {
  const axis = numbers.pick(GRID_AXES);
  const [i, j, n] = [coordinate("q", axis), coordinate("k", axis), gridLength(axis)];
  return choose(numbers, depth, [
    [2, () => apply("<=", apply("abs", apply("-", i, j)), numbers.pick([int(1), int(2), anyParam(numbers, "int")]))],
    [1, () => apply(any(numbers, "==", ">="), i, j)],
    [1, () => neighborhood(i, j, n, int(numbers.int(1, 4)), int(numbers.int(1, 2)))],
  ]);
}

function neighborhood(...args: readonly Term[]): Term {
  const write = (...parts: readonly string[]) => `neighborhood(${parts.join(", ")})`;
  return { type: "bool", name: "std", parts: args, write, needs: [{ kind: "import", name: "neighborhood" }] };
}

/** Links that a hash decides, of pairs or of blocks of them. */
function links(numbers: Numbers, depth: number): Term {
  const seed = numbers.pick([int(numbers.int(0, 99)), anyParam(numbers, "int")]);
  const by = int(numbers.pick([1, 8, 16, 32]));
  const draw = apply("random", seed, apply("//", q, by), apply("//", k, by));
  return apply("<", draw, realNumber(numbers, depth - 3));
}

/** Something real that falls or rises with the distance, against a threshold. */
function decay(numbers: Numbers, depth: number): Term {
  const varying = numbers.pick([distance, apply("abs", distance), q, k]);
  const scaled = apply("/", varying, realNumber(numbers, depth - 4));
  const name = numbers.pick([
    "exp",
    "exp2",
    "log",
    "log2",
    "sqrt",
    "rsqrt",
    "tanh",
    "sigmoid",
    "sin",
    "cos",
    "abs",
    "relu",
    "sign",
  ]);
  return apply(any(numbers, ...ORDERS, "<", "!="), apply(name, scaled), realNumber(numbers, depth - 2));
}

/** Ancestors in a tree of the last tokens. */
function tree(numbers: Numbers): Term {
  const first = apply("-", length("key"), int(TREE));
  const node = (position: Term) => apply("-", position, first);
  return apply(
    "or",
    apply("<", k, first),
    numbers.pick([element("tree", node(q), node(k)), element("tree", node(k), node(q))]),
  );
}

function period(numbers: Numbers): Term {
  const ofHead = apply("+", leaf("int", "h"), int(numbers.int(1, 4)));
  return numbers.pick([int(numbers.int(2, 9)), int(numbers.int(10, 70)), ofHead, anyParam(numbers, "int")]);
}

function blockSize(numbers: Numbers): Term {
  return numbers.pick([int(numbers.int(2, 70)), int(numbers.pick([8, 16, 32, 64])), anyParam(numbers, "int")]);
}
