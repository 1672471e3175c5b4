// What is known of an expression's value, computed once when the node is made: a range, the lengths it stays below,
// whether it is a compile-time constant, and whether every target computes the same float. Facts serve warnings and
// the few errors that need a proof.
//
// Ranges are those of whole numbers without the wrap of i32: a program that relies on wrapping gets one warning less
// or more, never another meaning. Bools are 0 and 1. A range of one value is that value, exactly as OPS computes it.

import { findSignature, type OpName } from "../ops/index.ts";
import type { ScalarType, Value } from "../ops/op.ts";
import type * as spec from "../spec/spec.ts";

export type Facts = {
  readonly low: number;
  readonly high: number;
  /** Lengths (or other expressions) that the value is proved to be less than. */
  readonly below: readonly spec.Expr[];
  /** Made of literals and const parameters only. */
  readonly constant: boolean;
  /** Every target computes this float bit for bit; true for ints and bools. */
  readonly exact: boolean;
  readonly depth: number;
};

const UNKNOWN = { low: -Infinity, high: Infinity };
/** Positions and lengths that a machine can hold. */
const LONGEST = 2 ** 30;

const NOTHING: readonly spec.Expr[] = [];

type Bounds = { readonly low: number; readonly high: number };

export function literalFacts(value: Value): Facts {
  const number = Number(value);
  return { ...leaf(number, number), constant: true };
}

export const parameterFacts = (range: Bounds, constant: boolean): Facts => ({
  ...leaf(range.low, range.high),
  constant,
});

/** Facts of a node without arguments that is neither a literal nor a parameter. */
export function leafFacts(node: spec.Expr, length: (axis: string) => spec.Expr): Facts {
  switch (node.kind) {
    case "position":
      return positionFacts(node.axis, length);
    case "coordinate":
      return { ...leaf(0, LONGEST), below: [length(node.axis)] };
    case "length":
      // Without a query and a key there is no pair, and nothing is computed.
      return leaf(1, LONGEST);
    case "element":
      return node.type === "bool" ? leaf(0, 1) : leaf(-Infinity, Infinity);
    default:
      return { ...leaf(-Infinity, Infinity), exact: node.type !== "float" };
  }
}

/** Query positions may lie outside the keys when the caller says so; as an index they count as proved, because `doc[q]`
 *  is how everybody reads a token's document. */
function positionFacts(axis: spec.PositionAxis, length: (axis: string) => spec.Expr): Facts {
  switch (axis) {
    case "query":
      return { ...leaf(-LONGEST, LONGEST), below: [length("key")] };
    case "key":
      return { ...leaf(0, LONGEST), below: [length("key")] };
    default:
      return { ...leaf(0, LONGEST), below: [length(axis)] };
  }
}

const leaf = (low: number, high: number): Facts => ({
  low,
  high,
  below: NOTHING,
  constant: false,
  exact: true,
  depth: 1,
});

/** @param known facts of any node made before */
export function applyFacts(
  op: OpName,
  type: ScalarType,
  args: readonly spec.Expr[],
  known: (node: spec.Expr) => Facts,
): Facts {
  const facts = args.map(known);
  const single = facts.every(({ low, high }) => low === high) ? onlyValue(op, args, facts) : undefined;
  const bounds = single === undefined ? (RANGES[op]?.(...facts) ?? UNKNOWN) : { low: single, high: single };
  const [least, most] = type === "bool" ? [0, 1] : [-Infinity, Infinity];
  let constant = true;
  let exact = type !== "float" || EXACT.has(op);
  let depth = 0;
  for (const fact of facts) {
    constant &&= fact.constant;
    exact &&= type !== "float" || fact.exact;
    depth = Math.max(depth, fact.depth);
  }
  return {
    // ∞ − ∞ is no bound.
    low: Number.isNaN(bounds.low) ? least : Math.max(bounds.low, least),
    high: Number.isNaN(bounds.high) ? most : Math.min(bounds.high, most),
    below: type === "int" ? belowOf(op, args, facts, known) : NOTHING,
    constant,
    exact,
    depth: depth + 1,
  };
}

function onlyValue(op: OpName, args: readonly spec.Expr[], facts: readonly Facts[]): number | undefined {
  const values = facts.map(({ low }, index) => (args[index]!.type === "bool" ? low === 1 : low));
  const signature = findSignature(
    op,
    args.map(({ type }) => type),
  );
  const value = Number(signature?.eval(...values));
  return Number.isNaN(value) ? undefined : value;
}

/** Comparing, choosing and moving a float rounds nothing; `random` is made of ints. */
const EXACT: ReadonlySet<OpName> = new Set(["neg", "abs", "sign", "min", "max", "select", "randomUnit", "toFloat"]);

const between = (...values: number[]): Bounds => {
  // 0 · ∞ is no bound at all; it stands for 0 · (something large), which is 0.
  const known = values.map((value) => (Number.isNaN(value) ? 0 : value));
  return { low: Math.min(...known), high: Math.max(...known) };
};
const products = (a: Bounds, b: Bounds) => between(a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high);
const bool = (never: boolean, always: boolean): Bounds => ({ low: always ? 1 : 0, high: never ? 0 : 1 });
const monotone = (meaning: (value: number) => number) => (a: Bounds) => ({
  low: meaning(a.low),
  high: meaning(a.high),
});

/** Range of the result by the ranges of the arguments. An operation without a row has no known range. */
const RANGES: Partial<Record<OpName, (...args: Facts[]) => Bounds>> = {
  add: (a, b) => ({ low: a!.low + b!.low, high: a!.high + b!.high }),
  sub: (a, b) => ({ low: a!.low - b!.high, high: a!.high - b!.low }),
  mul: (a, b) => products(a!, b!),
  neg: (a) => ({ low: -a!.high, high: -a!.low }),
  abs: (a) => ({ low: a!.low > 0 ? a!.low : Math.max(0, -a!.high), high: Math.max(-a!.low, a!.high) }),
  sign: () => ({ low: -1, high: 1 }),
  min: (a, b) => ({ low: Math.min(a!.low, b!.low), high: Math.min(a!.high, b!.high) }),
  max: (a, b) => ({ low: Math.max(a!.low, b!.low), high: Math.max(a!.high, b!.high) }),
  floorDiv: (a, b) => (b!.low >= 1 ? between(...[a!.low, a!.high].flatMap((x) => quotients(x, b!))) : UNKNOWN),
  floorMod: (_, b) => (b!.low >= 0 ? { low: 0, high: Math.max(0, b!.high - 1) } : UNKNOWN),
  bitAnd: (a, b) => (a!.low >= 0 || b!.low >= 0 ? { low: 0, high: smallestNonNegative(a!, b!) } : UNKNOWN),
  exp: () => ({ low: 0, high: Infinity }),
  exp2: () => ({ low: 0, high: Infinity }),
  sqrt: () => ({ low: 0, high: Infinity }),
  sigmoid: () => ({ low: 0, high: 1 }),
  tanh: () => ({ low: -1, high: 1 }),
  sin: () => ({ low: -1, high: 1 }),
  cos: () => ({ low: -1, high: 1 }),
  randomUnit: () => ({ low: 0, high: 1 - 2 ** -24 }),
  toFloat: (a) => a!,
  floor: monotone(Math.floor),
  ceil: monotone(Math.ceil),
  round: monotone(Math.round),
  truncate: monotone(Math.trunc),
  eq: (a, b) => bool(a!.high < b!.low || b!.high < a!.low, false),
  ne: (a, b) => bool(false, a!.high < b!.low || b!.high < a!.low),
  lt: (a, b) => bool(a!.low >= b!.high, a!.high < b!.low),
  le: (a, b) => bool(a!.low > b!.high, a!.high <= b!.low),
  gt: (a, b) => bool(a!.high <= b!.low, a!.low > b!.high),
  ge: (a, b) => bool(a!.high < b!.low, a!.low >= b!.high),
  and: (a, b) => ({ low: Math.min(a!.low, b!.low), high: Math.min(a!.high, b!.high) }),
  or: (a, b) => ({ low: Math.max(a!.low, b!.low), high: Math.max(a!.high, b!.high) }),
  not: (a) => ({ low: 1 - a!.high, high: 1 - a!.low }),
  select: (condition, a, b) => {
    if (condition!.low === 1) return a!;
    if (condition!.high === 0) return b!;
    return { low: Math.min(a!.low, b!.low), high: Math.max(a!.high, b!.high) };
  },
};

const quotients = (x: number, divisor: Bounds) => [Math.floor(x / divisor.low), Math.floor(x / divisor.high)];

/** a & b is at most the smaller of those that are not negative. */
const smallestNonNegative = (a: Bounds, b: Bounds) =>
  Math.min(a.low >= 0 ? a.high : Infinity, b.low >= 0 ? b.high : Infinity);

/** What an int is below, from what its arguments are below. */
function belowOf(
  op: OpName,
  args: readonly spec.Expr[],
  [a, b, c]: readonly Facts[],
  known: (node: spec.Expr) => Facts,
): readonly spec.Expr[] {
  switch (op) {
    case "min":
      return union(a!.below, b!.below);
    case "max":
      return belowBoth(a!, b!, known);
    case "select":
      return belowBoth(b!, c!, known);
    case "sub":
      if (b!.low > 0) return union([args[0]!], a!.below);
      return b!.low >= 0 ? a!.below : NOTHING;
    case "floorDiv":
      return a!.low >= 0 && b!.low >= 1 ? a!.below : NOTHING;
    case "floorMod":
      return b!.low >= 1 ? [args[1]!] : NOTHING;
    default:
      return NOTHING;
  }
}

function belowBoth(a: Facts, b: Facts, known: (node: spec.Expr) => Facts): readonly spec.Expr[] {
  const isBelow = ({ high, below }: Facts, bound: spec.Expr) => high < known(bound).low || below.includes(bound);
  return union(a.below, b.below).filter((bound) => isBelow(a, bound) && isBelow(b, bound));
}

// Kept short: a longer list would only make long chains quadratic.
const union = (a: readonly spec.Expr[], b: readonly spec.Expr[]) =>
  b.length === 0 ? a : [...new Set([...a, ...b])].slice(0, 8);
