import { expect, test } from "vitest";
import { formulaOf } from "../../../src/ir/formula.ts";
import { coord, extent, float, int, load, local, op, param, search } from "../../../src/ir/make.ts";

const [q, k, b] = [coord("query"), coord("key"), coord("batch")];
const [n, first] = [param("int", "n"), local("int", "firstQuery")];

test.each([
  ["firstQuery - n + 1", op("add", op("sub", first, n), int(1))],
  ["q - 1", op("add", q, int(-1))],
  ["q - (k - n)", op("sub", q, op("sub", k, n))],
  ["(q + 1) * n // 2", op("floorDiv", op("mul", op("add", q, int(1)), n), int(2))],
  ["(q < n) == (k < n)", op("eq", op("lt", q, n), op("lt", k, n))],
  ["q < n and (k < n or not q == k)", op("and", op("lt", q, n), op("or", op("lt", k, n), op("not", op("eq", q, k))))],
  ["max(q, len(key))", op("max", q, extent("keys"))],
  ["if q < n then 1.0 else 2.0", op("select", op("lt", q, n), float(1), float(2))],
  ["doc[b, k]", load("int", "doc", [b, k])],
  ["(first key where doc[b, key] >= n + 1)", search("doc", [b], extent("keys"), op("add", n, int(1)))],
  ["n - -3", op("sub", n, int(-3))],
])("%s", (text, expr) => {
  expect(formulaOf(expr)).toBe(text);
});

test("a formula that would fill a page is none", () => {
  let expr = q;
  for (let doubling = 0; doubling < 40; doubling++) expr = op("add", expr, op("mul", expr, k));
  expect(formulaOf(expr)).toBeUndefined();
});
