import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findSignature, type OpName } from "../../../src/ops/index.ts";
import { startPoint } from "../../../src/reference/point.ts";
import { surroundingsOf } from "../../../src/reference/surroundings.ts";
import type { Expr } from "../../../src/spec/spec.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { isExact } from "../../../src/verify/operations.ts";
import { propagate } from "../../../src/verify/propagate.ts";
import { apply, bool, callOf, element, float, int, quantity, tensorParam } from "../reference/specs.ts";

const table = tensorParam("table", "f32", [{ kind: "fresh", name: "n" }]);
const around = surroundingsOf(
  callOf({ tensors: [table] }, { queries: 1, keys: 1 }, { tensors: { table: makeTensor("f32", [3], [1, 2, 4]) } }),
);
const s = quantity("s");
const p = quantity("p");

/** The expression where s = `value` ± `error`, and p = 0.5 exactly. */
function bounded(expr: Expr, value: number, error: number, accuracy: Record<string, number> = {}) {
  const point = { ...startPoint(), s: value, p: 0.5, error: { s: error, p: 0, lse: 0, scale: 0 } };
  return propagate(expr, around, "real", accuracy)(point);
}

const smooth: readonly OpName[] = [
  "add",
  "sub",
  "mul",
  "div",
  "min",
  "max",
  "abs",
  "neg",
  "exp",
  "tanh",
  "sigmoid",
  "sin",
  "cos",
  "sqrt",
];

describe("a bound holds", () => {
  test.each(smooth)("for every argument within its error: %s", (op) => {
    const arity = findSignature(op, ["float"]) ? 1 : 2;
    const meaning = findSignature(
      op,
      Array.from({ length: arity }, () => "float" as const),
    )!.eval;
    const expr = apply("float", op, ...[s, p].slice(0, arity));
    const value = fc.double({ min: op === "sqrt" ? 1 : -20, max: 20, noNaN: true });
    const part = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(value, fc.double({ min: 0, max: 0.5, noNaN: true }), part, (at, error, moved) => {
        const found = bounded(expr, at, error);
        const exact = meaning(...[at + moved * error, 0.5].slice(0, arity)) as number;
        // A sign or a choice of one argument rounds nothing.
        const other = isExact(op) ? exact : Math.fround(exact);
        expect(Math.abs(other - found.value)).toBeLessThanOrEqual(found.error * (1 + 1e-9));
      }),
    );
  });

  test("for a chain of roundings", () => {
    const third = apply("float", "div", s, float(3));
    const chain = apply("float", "mul", apply("float", "add", third, third), float(0.1));
    fc.assert(
      fc.property(fc.float({ min: Math.fround(1e-3), max: 1000, noNaN: true }), (at) => {
        const { value, error } = bounded(chain, at, 0);
        const inF32 = Math.fround(Math.fround(Math.fround(at / 3) * 2) * Math.fround(0.1));
        expect(Math.abs(inF32 - value)).toBeLessThanOrEqual(error);
        expect(error).toBeLessThan(value * 2 ** -21);
      }),
    );
  });

  test("as wide as the target's published accuracy", () => {
    const wide = bounded(apply("float", "exp", s), 1, 0, { exp: 16 });
    const narrow = bounded(apply("float", "exp", s), 1, 0, { exp: 2 });
    expect(wide.error / narrow.error).toBeCloseTo(8, 6);
  });
});

test("what f32 computes exactly has no error", () => {
  const doubled = apply("float", "mul", apply("float", "add", s, float(2)), float(4));
  expect(bounded(doubled, 3, 0)).toEqual({ value: 20, error: 0, doubtful: false });
});

describe("a decision", () => {
  const positive = apply("bool", "gt", s, float(0));

  test("is certain away from its boundary, and doubtful within its error of it", () => {
    expect(bounded(positive, 1, 0.5)).toEqual({ value: 1, error: 0, doubtful: false });
    expect(bounded(positive, 0.25, 0.5)).toEqual({ value: 1, error: 1, doubtful: true });
    expect(bounded(positive, 0, 0)).toEqual({ value: 0, error: 0, doubtful: false });
  });

  test("is certain where the other operand decides", () => {
    expect(bounded(apply("bool", "and", positive, bool(false)), 0, 1)).toMatchObject({ error: 0, doubtful: false });
    expect(bounded(apply("bool", "or", bool(true), positive), 0, 1)).toMatchObject({ error: 0, doubtful: false });
    expect(bounded(apply("bool", "and", positive, bool(true)), 0, 1)).toMatchObject({ error: 1, doubtful: true });
  });

  test("between branches that meet is no doubt, only an error", () => {
    const leaky = apply("float", "select", positive, s, apply("float", "mul", s, float(0.25)));
    expect(bounded(leaky, 0.125, 0.5).doubtful).toBe(false);
    expect(bounded(leaky, 0.125, 0.5).error).toBeGreaterThanOrEqual(0.5);
    const jump = apply("float", "select", positive, float(1), float(-1));
    expect(bounded(jump, 0.125, 0.5)).toEqual({ value: 1, error: 2, doubtful: true });
    expect(bounded(jump, 3, 0.5)).toEqual({ value: 1, error: 0, doubtful: false });
  });

  test("in a branch that is not taken does not matter", () => {
    const floor = apply("float", "toFloat", apply("int", "floor", s));
    const guarded = apply("float", "select", apply("bool", "gt", p, float(0.25)), p, floor);
    expect(bounded(guarded, 1, 0.5).doubtful).toBe(false);
    expect(bounded(floor, 1, 0.5).doubtful).toBe(true);
    expect(bounded(floor, 1.5, 0.25)).toEqual({ value: 1, error: 0, doubtful: false });
  });

  test("about which element is read leaves nothing to promise", () => {
    const read = element("float", "table", apply("int", "floor", s));
    expect(bounded(read, 1.5, 0.25)).toEqual({ value: 2, error: 0, doubtful: false });
    expect(bounded(read, 1, 0.25)).toMatchObject({ error: Infinity, doubtful: true });
  });

  test("jumps with divisors that may be 0, and where a quotient is floored", () => {
    expect(bounded(apply("float", "div", p, s), 0.1, 0.2).doubtful).toBe(true);
    expect(bounded(apply("float", "div", p, s), 0.3, 0.2).doubtful).toBe(false);
    expect(bounded(apply("float", "rsqrt", s), 0, 0)).toMatchObject({ value: 0, doubtful: false });
    expect(bounded(apply("float", "floorDiv", s, p), 2, 0.1).doubtful).toBe(true);
    expect(bounded(apply("float", "floorMod", s, p), 2.2, 0.1).doubtful).toBe(false);
    expect(bounded(apply("float", "floorMod", s, p), 2.05, 0.1).doubtful).toBe(true);
  });
});

test("a value that f32 cannot hold leaves nothing to promise", () => {
  expect(bounded(apply("float", "exp", s), 100, 0)).toMatchObject({ error: Infinity, doubtful: true });
  expect(bounded(float(-Infinity), 0, 0)).toEqual({ value: -Infinity, error: 0, doubtful: false });
});

test("random numbers and ints decide exactly, whatever the target", () => {
  const random = apply("float", "randomUnit", apply("int", "randomSeed", int(3)));
  const keep = apply("bool", "lt", random, float(0.7));
  expect(bounded(keep, 0, 0, { lt: 100 })).toMatchObject({ error: 0, doubtful: false });
});
