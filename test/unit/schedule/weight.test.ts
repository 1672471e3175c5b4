import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluator, startPoint } from "../../../src/ir/evaluate.ts";
import type * as ir from "../../../src/ir/expr.ts";
import { float, op, quantity } from "../../../src/ir/make.ts";
import { needsReplay, weightForm } from "../../../src/schedule/weight.ts";
import { causal, p, q, s, toFloat, u } from "./attention.ts";

test.each<[string, ir.Expr, string | undefined]>([
  ["p", p, undefined],
  ["p · u", op("mul", p, u), "factor"],
  ["u · p / s", op("div", op("mul", u, p), s), "factor"],
  ["−p + u p", op("add", op("neg", p), op("mul", u, p)), "factor"],
  ["dropout", op("select", causal, float(0), op("div", p, u)), "factor"],
  ["p · p", op("mul", p, p), "general"],
  ["p + u", op("add", p, u), "general"],
  ["u / p", op("div", u, p), "general"],
  ["max(p, 0)", op("max", p, float(0)), "general"],
  ["no p at all", toFloat(q), "general"],
  ["if p > u then p else 0", op("select", op("gt", p, u), p, float(0)), "general"],
  ["p · lse", op("mul", p, quantity("lse")), "general"],
  ["zero", float(0), "factor"],
])("%s", (_, weight, form) => {
  expect(weightForm(weight)?.form).toBe(form);
});

describe("passes", () => {
  const general = weightForm(op("mul", p, p));
  const factor = weightForm(op("mul", p, u));
  test("only a general weight of a normalised p needs two", () => {
    expect(needsReplay(general, "softmax")).toBe(true);
    expect(needsReplay(general, "sum")).toBe(true);
    expect(needsReplay(general, "none")).toBe(false);
    expect(needsReplay(factor, "softmax")).toBe(false);
    expect(needsReplay(undefined, "softmax")).toBe(false);
  });
});

test("a factor times p is the weight", () => {
  const leaf = fc.constantFrom(p, p, u, s, float(0), float(2), toFloat(q));
  const weights = fc.letrec<{ expr: ir.Expr }>((tie) => ({
    expr: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc
        .tuple(fc.constantFrom("add", "sub", "mul", "div", "max"), tie("expr"), tie("expr"))
        .map(([name, left, right]) => op(name, left, right)),
      tie("expr").map((value) => op("neg", value)),
      fc.tuple(tie("expr"), tie("expr")).map(([left, right]) => op("select", causal, left, right)),
    ),
  })).expr;
  let factors = 0;
  const bindings = { extent: () => 0, param: () => 0.375, load: () => 0 };
  fc.assert(
    fc.property(weights, fc.constantFrom(0, 0.25, 1), fc.integer({ min: -3, max: 3 }), (weight, probability, key) => {
      const form = weightForm(weight);
      if (form?.form !== "factor") return;
      factors += 1;
      const point = { ...startPoint(), query: 1, key };
      Object.assign(point.quantities, { weight: probability, score: -1.5 });
      const evaluate = (expr: ir.Expr) => evaluator(expr, "real", bindings)(point) as number;
      expect(evaluate(form.value) * probability).toBeCloseTo(evaluate(weight), 9);
    }),
    { numRuns: 2000 },
  );
  expect(factors).toBeGreaterThan(200);
});
