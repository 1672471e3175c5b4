import { describe, expect, test } from "vitest";
import { combineRates, dependencies, type Rate, rateOf, rates } from "../../../src/analysis/depends.ts";
import type { Expr } from "../../../src/ir/expr.ts";
import { coord, extent, int, load, local, op, param, quantity } from "../../../src/ir/make.ts";

const sum = (...parts: readonly Expr[]) => parts.reduce((left, right) => op("add", left, right));

describe("rates", () => {
  test.each<[string, Expr, Rate]>([
    ["a parameter", param("int", "n"), "constant"],
    ["a length of the call", extent("heads"), "constant"],
    ["a length of the batch", extent("keys"), "head"],
    ["a head", coord("kv"), "head"],
    ["an element, clamped to the batch's keys", load("int", "t", [int(0)]), "head"],
    ["a query", coord("query"), "row"],
    ["what reads a query and a head", sum(coord("query"), coord("head")), "row"],
    ["a key", sum(coord("key"), coord("batch")), "key"],
    ["a pair", sum(coord("key"), coord("query")), "pair"],
    ["an element of a key", load("int", "doc", [coord("key")]), "key"],
    ["the log-sum-exp", quantity("lse"), "row"],
    ["a score", quantity("score"), "pair"],
  ])("of %s", (_, expr, rate) => {
    expect(rateOf(expr)).toBe(rate);
  });

  test("of locals are given, and otherwise those of a pair", () => {
    const known = new Map<string, Rate>([["a", "row"]]);
    expect(rateOf(sum(local("int", "a"), param("int", "n")), known)).toBe("row");
    expect(rateOf(local("int", "x"), known)).toBe("pair");
  });

  test("of every node, at once", () => {
    const difference = op("sub", coord("query"), param("int", "n"));
    const all = rates([op("lt", coord("key"), difference)]);
    expect(all.get(difference)).toBe("row");
    expect(all.get(coord("key"))).toBe("key");
  });

  test("a row and a key make a pair", () => {
    expect(combineRates("row", "key")).toBe("pair");
    expect(combineRates("head", "constant")).toBe("head");
    expect(combineRates("head", "key")).toBe("key");
  });
});

test("dependencies are the names that are read", () => {
  const read = dependencies(
    op("lt", load("int", "doc", [coord("key")]), sum(param("int", "n"), extent("keys"), local("int", "x"))),
    quantity("score"),
  );
  expect([...read.axes, ...read.params, ...read.tensors, ...read.extents, ...read.locals, ...read.quantities]).toEqual([
    "key",
    "n",
    "doc",
    "keys",
    "x",
    "score",
  ]);
});
