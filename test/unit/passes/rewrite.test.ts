import { describe, expect, test } from "vitest";
import { ANY_INT, anyOf, intRange } from "../../../src/analysis/range.ts";
import type { Expr } from "../../../src/ir/expr.ts";
import { bool, coord, float, int, op, param, quantity } from "../../../src/ir/make.ts";
import { printExpr } from "../../../src/ir/print.ts";
import { RULES } from "../../../src/passes/index.ts";
import { constantHole, hole, instantiate, match, patterns } from "../../../src/passes/pattern.ts";
import { factsIn, makeRuleBook, rewrite, rule, type Trace } from "../../../src/passes/rewrite.ts";
import { strengthRules } from "../../../src/passes/rules/strength.ts";

const facts = factsIn({
  coord: (axis) => (axis === "query" ? ANY_INT : intRange(0, 1000)),
  extent: () => intRange(0, 1000),
  param: () => intRange(1, 64),
  load: () => anyOf("int"),
});
const book = makeRuleBook(RULES.filter((each) => !strengthRules.includes(each)));
const strength = makeRuleBook(strengthRules);

function simplified(expr: Expr, arithmetic: "decide" | "real" = "decide"): string {
  const simple = rewrite(expr, arithmetic, book, facts, new Map());
  return printExpr(rewrite(simple, arithmetic, strength, facts, new Map()));
}

const [q, k, n] = [coord("query"), coord("key"), param("int", "n")];
const [x, s] = [param("float", "x"), quantity("score")];

describe("patterns", () => {
  const [i, j] = [hole("i", "int"), hole("j", "int")];

  test("one hole stands for one expression", () => {
    expect(match(patterns.sub(i, i), op("sub", q, q))).toEqual([{ i: q }]);
    expect(match(patterns.sub(i, i), op("sub", q, k))).toEqual([]);
  });

  test("commutative operations match in either order", () => {
    expect(match(patterns.add(i, constantHole("c", "int")), op("add", int(1), q))).toEqual([{ i: q, c: int(1) }]);
    expect(match(patterns.sub(i, constantHole("c", "int")), op("sub", int(1), q))).toEqual([]);
    expect(match(patterns.add(i, j), op("add", q, k))).toHaveLength(2);
  });

  test("types of holes are kept", () => {
    expect(match(patterns.add(i, j), op("add", x, x))).toEqual([]);
  });

  test("an instance has the holes filled", () => {
    expect(instantiate(patterns.lt(i, int(4)), { i: q })).toBe(op("lt", q, int(4)));
  });
});

describe("rewriting", () => {
  test.each<[Expr, string]>([
    [op("not", op("not", op("ge", q, k))), "le(k, q)"],
    [op("and", op("le", k, q), op("not", op("le", k, q))), "false"],
    [op("or", op("eq", q, k), op("not", op("not", bool(false)))), "eq(q, k)"],
    [op("sub", op("add", q, int(3)), int(5)), "add(q, -2)"],
    [op("sub", op("add", q, n), n), "q"],
    [op("floorDiv", op("floorDiv", k, int(3)), int(5)), "floorDiv(k, 15)"],
    [op("floorDiv", k, int(16)), "shiftRight(k, 4)"],
    [op("floorMod", q, int(16)), "bitAnd(q, 15)"],
    [op("lt", op("floorDiv", k, int(16)), int(4)), "lt(k, 64)"],
    [op("lt", op("add", k, int(3)), int(10)), "lt(k, 7)"],
    [op("lt", op("add", q, int(3)), int(10)), "lt(add(q, 3), 10)"],
    [op("eq", op("add", q, int(3)), int(10)), "eq(q, 7)"],
    [op("ge", n, int(1)), "true"],
    [op("floorMod", n, int(100)), "n"],
    [op("max", n, int(0)), "n"],
    [op("select", op("lt", k, n), bool(true), op("lt", k, q)), "or(lt(k, n), lt(k, q))"],
    [op("select", op("lt", k, n), k, n), "min(k, n)"],
    [op("mul", op("add", int(2), int(3)), int(7)), "35"],
    [op("and", op("lt", k, int(5)), op("lt", k, int(9))), "lt(k, 5)"],
  ])("%#: to %s", (expr, text) => {
    expect(simplified(expr)).toBe(text);
  });

  test("decisions on floats keep every bit", () => {
    for (const kept of [op("add", x, float(0)), op("mul", x, float(0)), op("sub", x, x), op("div", x, float(3))]) {
      expect(simplified(kept)).toBe(printExpr(kept));
    }
    const notLess = op("not", op("lt", x, float(1)));
    expect(simplified(notLess)).toBe(printExpr(notLess));
  });

  test("scores are real numbers", () => {
    expect(simplified(op("div", s, float(4)), "real")).toBe("mul(s, 0.25)");
    expect(simplified(op("mul", op("mul", s, float(4)), float(3)), "real")).toBe("mul(s, 12.0)");
    expect(simplified(op("pow", s, float(2)), "real")).toBe("mul(s, s)");
  });

  test("the trace counts what fired", () => {
    const trace: Trace = new Map();
    rewrite(op("not", op("not", op("lt", op("add", q, int(0)), k))), "decide", book, facts, trace);
    expect(Object.fromEntries(trace)).toEqual({ "add-zero": 1, "not-lt": 1, "not-le": 1 });
  });

  test("a rule that never rests is stopped", () => {
    const [i, j] = [hole("i", "int"), hole("j", "int")];
    const swap = makeRuleBook([rule("swap", patterns.sub(i, j), patterns.sub(j, i))]);
    expect(rewrite(op("sub", q, k), "decide", swap, facts, new Map()).kind).toBe("op");
  });

  test("four thousand levels are rewritten in one go", () => {
    let deep: Expr = op("lt", q, k);
    for (let level = 0; level < 4000; level++) deep = op("not", deep);
    expect(simplified(deep)).toBe("lt(q, k)");
  });

  test("guards do not look at the same part again and again", () => {
    let asked = 0;
    const counting = factsIn({
      coord() {
        asked += 1;
        return ANY_INT;
      },
      extent: () => ANY_INT,
      param: () => ANY_INT,
      load: () => ANY_INT,
    });
    let deep: Expr = q;
    for (let level = 0; level < 400; level++) deep = op("max", deep, op("mul", k, int(level)));
    rewrite(deep, "decide", book, counting, new Map());
    expect(asked).toBe(2);
  });

  test("nothing to do gives the same object", () => {
    const mask = op("le", k, q);
    expect(rewrite(mask, "decide", book, facts, new Map())).toBe(mask);
  });
});
