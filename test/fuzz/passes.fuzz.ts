// The passes keep the meaning of whole attentions: masks bit for bit, ints likewise, scores as real numbers. Running them
// again does nothing, and every attention between two passes is well-formed.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluator } from "../../src/ir/evaluate.ts";
import type { AttentionIr, Expr } from "../../src/ir/expr.ts";
import { float, int, op, param, quantity } from "../../src/ir/make.ts";
import { printExpr } from "../../src/ir/print.ts";
import { roots } from "../../src/ir/roots.ts";
import { validate } from "../../src/ir/validate.ts";
import { optimize, PASSES } from "../../src/passes/index.ts";
import { anyExpr, anyFixed, anyPoint, bindingsOf, declarations, isSame } from "./expressions.ts";

const nowhere = { file: 0, start: 0, end: 0 };

/** An attention with this mask, and a score that adds one of two numbers by a decision. */
function attentionOf(mask: Expr, decision: Expr): AttentionIr {
  const bias = op("select", decision, op("div", param("float", "u"), float(3)), param("float", "v"));
  return {
    name: "fuzzed",
    span: nowhere,
    ...declarations,
    shapeParams: [],
    mask,
    scale: float(1),
    score: op("add", quantity("score"), bias),
    normalize: { kind: "softmax" },
    empty: "zero",
    weight: quantity("weight"),
    queryStart: int(0),
    outputs: { lse: false },
    selections: [],
  };
}

const anyAttention = fc
  .tuple(anyExpr("bool", 5), anyExpr("bool", 3))
  .map(([mask, decision]) => attentionOf(mask, decision));

describe("passes", () => {
  test("keep every bit of a mask, and of a score but for rounding", () => {
    const law = fc.property(anyAttention, anyFixed, anyPoint, (attention, fixed, point) => {
      const optimized = optimize(attention);
      for (const [index, { name, expr, arithmetic }] of roots(attention).entries()) {
        if (name === "weight") continue;
        const after = roots(optimized)[index]!.expr;
        const [was, is] = [expr, after].map((each) => evaluator(each, arithmetic, bindingsOf(fixed))(point));
        const same = isSame(is!, was!) || (arithmetic === "real" && isClose(was as number, is as number));
        expect(same, `${name} was ${was}, is ${is}\n${printExpr(expr)}\n${printExpr(after)}`).toBe(true);
      }
    });
    fc.assert(law, { numRuns: 1500 });
  });

  test("are idle when they are run again", () => {
    const law = fc.property(anyAttention, (attention) => {
      const optimized = optimize(attention);
      expect(optimize(optimized)).toBe(optimized);
      for (const pass of PASSES) expect(pass.run(optimized, new Map())).toBe(optimized);
    });
    fc.assert(law, { numRuns: 500 });
  });

  test("leave a well-formed attention behind, each of them", () => {
    const law = fc.property(anyAttention, (attention) => {
      expect(validate(attention)).toEqual([]);
      optimize(attention, { afterEach: ({ after }) => expect(validate(after)).toEqual([]) });
    });
    fc.assert(law, { numRuns: 200 });
  });
});

function isClose(left: number, right: number): boolean {
  return Math.abs(left - right) <= 1e-9 * Math.max(1, Math.abs(left), Math.abs(right));
}
