import { expect, test } from "vitest";
import type * as ir from "../../../src/ir/expr.ts";
import { extent, float, int, load, local, op, param } from "../../../src/ir/make.ts";
import { storedDiagonals } from "../../../src/schedule/diagonal.ts";
import { h, k, planned, planOf, q, s, tensor, toFloat } from "./attention.ts";

const tile = { queries: 64, keys: 64 };
const far = op("abs", op("sub", q, k));
const table = tensor("table", "f32", extent("heads"), extent("axis:n"));
const bias = load("float", "table", [h, op("min", far, int(9))]);
const isStored = (expr: ir.Expr, of = tile) => storedDiagonals([expr], of).has(expr);

test.each<[string, ir.Expr]>([
  ["a table of distances", bias],
  ["a decay", op("exp", toFloat(op("sub", k, q)))],
  ["a division", op("div", toFloat(far), param("float", "tau"))],
  ["a slope", op("mul", param("float", "slope"), toFloat(op("sub", k, q)))],
  ["a few operations", op("min", op("max", far, int(2)), int(9))],
  ["what is chosen by distance", op("select", op("lt", far, int(3)), float(1), toFloat(op("neg", far)))],
])("%s is worth a table", (_, expr) => {
  expect(isStored(expr)).toBe(true);
});

test.each<[string, ir.Expr]>([
  ["the distance", toFloat(op("sub", q, k))],
  ["a window", op("lt", op("sub", q, k), param("int", "w"))],
  ["a decay of the key alone", op("exp", toFloat(k))],
  ["what reads more than the distance", op("exp", toFloat(op("mul", q, k)))],
])("%s is not", (_, expr) => {
  expect(isStored(expr)).toBe(false);
});

test("a tile of one row has no two pairs of one distance", () => {
  expect(isStored(bias, { queries: 1, keys: 64 })).toBe(false);
});

test("the largest values of the distance are stored, once for all regions, and the rest stays with the pair", () => {
  const score = op("add", s, op("mul", bias, toFloat(k)));
  const mask = op("and", op("lt", bias, float(0.5)), op("ge", q, k));
  const plan = planOf(planned({ tensors: [table], mask, score }));
  expect(plan.diagonal.map(({ value }) => value)).toEqual([bias, op("lt", local("float", "diagonal0"), float(0.5))]);
  expect(plan.key).toHaveLength(1);
  expect(plan.score?.value).toBe(op("add", s, op("mul", local("float", "diagonal0"), local("float", "key0"))));
});
