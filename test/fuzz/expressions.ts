// Arbitrary expressions and the values that their leaves take, for the laws of rules, passes and block facts. Leaves are
// weighted so that interesting things happen: small ints beside the ends of i32, floats beside −0, infinities and NaN.

import fc from "fast-check";
import type { Environment } from "../../src/analysis/interval.ts";
import { anyOf, INT_MAX, INT_MIN, intRange, type Range, rangeOf } from "../../src/analysis/range.ts";
import type { Bindings, Point } from "../../src/ir/evaluate.ts";
import type { AttentionIr, Expr } from "../../src/ir/expr.ts";
import { constant, coord, int, load, op, param } from "../../src/ir/make.ts";
import { OP_NAMES, type OpName, opInfo } from "../../src/ops/index.ts";
import type { ScalarType, Value } from "../../src/ops/op.ts";

export const SCALAR_TYPES: readonly ScalarType[] = ["int", "float", "bool"];

const small = fc.integer({ min: -9, max: 9 });
const extremes = fc.constantFrom(-(2 ** 31), -(2 ** 31) + 1, 2 ** 31 - 1, 2 ** 30, -1, 0, 1, 2, 4, 16, 64);
export const anyInt: fc.Arbitrary<number> = fc.oneof(
  { arbitrary: small, weight: 6 },
  { arbitrary: extremes, weight: 2 },
  { arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), weight: 1 },
);

const oddFloats = fc.constantFrom(0, -0, 1, -1, 0.5, 2, Infinity, -Infinity, Number.NaN, 1e-40, 3e38);
export const anyFloat: fc.Arbitrary<number> = fc.oneof(
  { arbitrary: fc.float({ min: -100, max: 100, noNaN: true }), weight: 4 },
  { arbitrary: small, weight: 2 },
  { arbitrary: oddFloats, weight: 2 },
);

/** A value of the type; floats are f32. */
export function anyValue(type: ScalarType): fc.Arbitrary<Value> {
  if (type === "bool") return fc.boolean();
  return type === "int" ? anyInt : anyFloat.map(Math.fround);
}

/** Names of parameters, two of each type. */
const paramNames: Readonly<Record<ScalarType, readonly string[]>> = {
  int: ["m", "n"],
  float: ["u", "v"],
  bool: ["c", "d"],
};
/** Captured tensors by the type of their elements; both are read with one index. */
const tensorNames: Readonly<Record<ScalarType, string>> = { int: "ids", float: "gains", bool: "flags" };
export const TENSOR_LENGTH = 12;

/** The type of a tensor's elements. */
export const typeOfTensor = (name: string): ScalarType => SCALAR_TYPES.find((type) => tensorNames[type] === name)!;

/** The same as an attention declares them. */
export const declarations: Pick<AttentionIr, "params" | "tensors"> = {
  params: SCALAR_TYPES.flatMap((type) => paramNames[type].map((name) => ({ name, type, range: {} }))),
  tensors: SCALAR_TYPES.map((type) => ({
    name: tensorNames[type],
    element: ({ int: "i32", float: "f32", bool: "bool" } as const)[type],
    extents: [int(TENSOR_LENGTH)],
    range: {},
    sorted: false,
    span: { file: 0, start: 0, end: 0 },
  })),
};

/** What one call fixes: parameters and tensors. */
export type Fixed = {
  readonly params: Readonly<Record<string, Value>>;
  readonly tensors: Readonly<Record<string, Value[]>>;
};

export const anyFixed: fc.Arbitrary<Fixed> = fc.record({
  params: fc.record(
    Object.fromEntries(SCALAR_TYPES.flatMap((type) => paramNames[type].map((name) => [name, anyValue(type)]))),
  ),
  tensors: fc.record(
    Object.fromEntries(
      SCALAR_TYPES.map((type) => [
        tensorNames[type],
        fc.array(anyValue(type), { minLength: TENSOR_LENGTH, maxLength: TENSOR_LENGTH }),
      ]),
    ),
  ),
});

export function bindingsOf({ params, tensors }: Fixed): Bindings {
  return {
    extent: () => TENSOR_LENGTH,
    param: (name) => params[name]!,
    load: (name, [index]) => tensors[name]![Math.max(0, Math.min(index!, TENSOR_LENGTH - 1))]!,
  };
}

/** What is known about a call when every int is known up to `slack`; floats and elements may be anything. */
export function environmentAround({ params }: Fixed, point: Point, slack: number): Environment {
  const around = (value: number) => intRange(Math.max(value - slack, INT_MIN), Math.min(value + slack, INT_MAX));
  const types = new Map(SCALAR_TYPES.flatMap((type) => paramNames[type].map((name) => [name, type] as const)));
  const elements = new Map(SCALAR_TYPES.map((type) => [tensorNames[type], anyOf(type)] as const));
  return {
    coord: (axis) => around(point[axis]),
    extent: () => around(TENSOR_LENGTH),
    param(name): Range {
      const type = types.get(name)!;
      return type === "int" ? around(params[name] as number) : slack > 0 ? anyOf(type) : rangeOf(type, params[name]!);
    },
    load: (name) => elements.get(name)!,
  };
}

export const anyPoint: fc.Arbitrary<Point> = fc.record({
  batch: fc.constant<number>(0),
  head: fc.integer({ min: 0, max: 3 }),
  kv: fc.integer({ min: 0, max: 1 }),
  query: fc.integer({ min: -4, max: 40 }),
  key: fc.integer({ min: 0, max: 40 }),
  quantities: fc.record<Point["quantities"]>({ score: fc.float({ min: -10, max: 10, noNaN: true }) }),
  locals: fc.constant<Point["locals"]>({ decide: {}, real: {} }),
});

/** An expression of the type, at most `depth` operations deep, over coordinates, parameters, constants and tensors. */
export function anyExpr(type: ScalarType, depth: number): fc.Arbitrary<Expr> {
  const name = `${type} ${depth}`;
  const known = expressions.get(name);
  if (known) return known;
  const made = depth === 0 ? leaf(type) : fc.oneof({ arbitrary: leaf(type), weight: 1 }, branch(type, depth));
  expressions.set(name, made);
  return made;
}

const expressions = new Map<string, fc.Arbitrary<Expr>>();

function branch(type: ScalarType, depth: number) {
  const operations = signaturesWith(type).map(({ name, args, weight }) => ({
    arbitrary: fc.tuple(...args.map((arg) => anyExpr(arg, depth - 1))).map((parts) => op(name, ...parts)),
    weight,
  }));
  return { arbitrary: fc.oneof(...operations), weight: 5 };
}

function leaf(type: ScalarType): fc.Arbitrary<Expr> {
  const constants = anyValue(type).map((value) => constant(type, value));
  const params = fc.constantFrom(...paramNames[type]).map((name) => param(type, name));
  const elements = fc.constantFrom(coord("query"), coord("key")).map((at) => load(type, tensorNames[type], [at]));
  const coords = fc.constantFrom(coord("query"), coord("key"), coord("query"), coord("key"), coord("head"));
  return fc.oneof(
    { arbitrary: constants, weight: type === "bool" ? 1 : 2 },
    { arbitrary: params, weight: 2 },
    { arbitrary: elements, weight: 1 },
    { arbitrary: type === "int" ? coords : params, weight: type === "int" ? 6 : 0 },
  );
}

/** Operations that give the type. Masks are made of logic, comparisons and index arithmetic, so these weigh more. */
function signaturesWith(result: ScalarType) {
  return OP_NAMES.flatMap((name) =>
    opInfo(name)
      .signatures.filter((signature) => signature.result === result)
      .map(({ args }) => ({ name, args, weight: WEIGHTS[name] ?? 1 })),
  );
}

const WEIGHTS: Partial<Record<OpName, number>> = {
  and: 3,
  or: 3,
  not: 2,
  lt: 3,
  le: 3,
  add: 3,
  sub: 4,
  floorDiv: 2,
  floorMod: 2,
};

/** The same value: equal, or both NaN; the sign of zero counts. */
export const isSame = (left: Value, right: Value): boolean => Object.is(left, right);
