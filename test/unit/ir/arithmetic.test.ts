import { describe, expect, test } from "vitest";
import { demands } from "../../../src/ir/arithmetic.ts";
import { evaluator, startPoint } from "../../../src/ir/evaluate.ts";
import { foldConstants } from "../../../src/ir/fold-constants.ts";
import { bool, coord, float, op, param, quantity } from "../../../src/ir/make.ts";

const tenth = op("mul", float(0.1), param("float", "x"));
const bindings = { extent: () => 0, param: () => 3, load: () => 0 };

/** In which arithmetic `0.1 · x` is wanted. */
const wanted = (root: ReturnType<typeof op>) =>
  demands(root, "real").flatMap(({ expr, arithmetic }) => (expr === tenth ? [arithmetic] : []));

describe("arithmetic", () => {
  test("a sum of real numbers wants real parts", () => {
    expect(wanted(op("add", quantity("score"), tenth))).toEqual(["real"]);
  });

  test("a decision inside a score is made in f32", () => {
    expect(wanted(op("select", op("lt", tenth, float(1)), float(1), float(2)))).toEqual(["decide"]);
    expect(wanted(op("toFloat", op("floor", tenth)))).toEqual(["decide"]);
  });

  test("a decision about a score is not", () => {
    expect(wanted(op("select", op("lt", tenth, quantity("score")), float(1), float(2)))).toEqual(["real"]);
  });

  test("one node may be wanted in both kinds", () => {
    const root = op("select", op("lt", tenth, float(1)), tenth, float(2));
    expect(wanted(root).toSorted()).toEqual(["decide", "real"]);
    const value = evaluator(root, "real", bindings)(startPoint());
    expect(value).toBe(0.1 * 3);
  });

  test("constants are folded in the arithmetic in which they are wanted", () => {
    const sum = op("add", float(0.1), float(0.2));
    expect(foldConstants(sum, "real")).toBe(float(0.1 + 0.2));
    expect(foldConstants(sum, "decide")).toBe(float(Math.fround(Math.fround(0.1) + Math.fround(0.2))));
    const rounded = Math.fround(Math.fround(0.1) + Math.fround(0.2));
    expect(foldConstants(op("eq", sum, float(rounded)), "real")).toBe(bool(true));
    expect(foldConstants(op("add", coord("key"), coord("key")), "real")).toBe(op("add", coord("key"), coord("key")));
  });
});
