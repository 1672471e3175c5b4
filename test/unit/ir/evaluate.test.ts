import { describe, expect, test } from "vitest";
import { type Bindings, evaluateConstant, evaluator, startPoint } from "../../../src/ir/evaluate.ts";
import { coord, extent, float, int, load, op, param, quantity } from "../../../src/ir/make.ts";

const bindings: Bindings = {
  extent: (name, batch) => (name === "keys" ? 10 + batch : 3),
  param: () => 4,
  load: (_, at) => at[0]! * 100,
};

describe("evaluation", () => {
  test("reads coordinates, extents of the batch, parameters and tensors", () => {
    const value = op("add", op("add", extent("keys"), param("int", "n")), load("int", "t", [coord("key")]));
    const at = evaluator(value, "decide", bindings);
    expect(at({ ...startPoint(), batch: 1, key: 2 })).toBe(11 + 4 + 200);
    expect(at({ ...startPoint(), batch: 0, key: 3 })).toBe(10 + 4 + 300);
  });

  test("a decision rounds every result to f32, a real number is not rounded", () => {
    const sum = op("add", float(0.1), float(0.2));
    expect(evaluateConstant(sum, "real")).toBe(0.1 + 0.2);
    expect(evaluateConstant(sum, "decide")).toBe(Math.fround(Math.fround(0.1) + Math.fround(0.2)));
    expect(evaluateConstant(op("toFloat", int(16_777_217)), "decide")).toBe(16_777_216);
  });

  test("ints wrap and division by zero gives 0", () => {
    expect(evaluateConstant(op("add", int(2 ** 31 - 1), int(1)), "decide")).toBe(-(2 ** 31));
    expect(evaluateConstant(op("floorDiv", int(5), int(0)), "decide")).toBe(0);
    expect(evaluateConstant(op("floorMod", int(-5), int(3)), "decide")).toBe(1);
  });

  test("quantities come from the point", () => {
    const doubled = evaluator(op("mul", quantity("score"), float(2)), "real", bindings);
    expect(doubled({ ...startPoint(), quantities: { score: 1.5 } })).toBe(3);
    expect(() => doubled(startPoint())).toThrow("quantity score has no value here");
  });

  test("a graph of four thousand levels is evaluated without recursion", () => {
    let expr = coord("key");
    for (let level = 0; level < 4000; level++) expr = op("add", expr, int(1));
    expect(evaluator(expr, "decide", bindings)({ ...startPoint(), key: 5 })).toBe(4005);
  });
});
