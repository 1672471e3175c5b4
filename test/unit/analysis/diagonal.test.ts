import fc from "fast-check";
import { expect, test } from "vitest";
import { diagonals } from "../../../src/analysis/diagonal.ts";
import { evaluator, startPoint } from "../../../src/ir/evaluate.ts";
import type * as ir from "../../../src/ir/expr.ts";
import { coord, float, int, load, local, op, param, quantity } from "../../../src/ir/make.ts";

const [q, k, h, b] = [coord("query"), coord("key"), coord("head"), coord("batch")];
const w = param("int", "w");
const distance = op("sub", q, k);
const toFloat = (value: ir.Expr) => op("toFloat", value);
const isOne = (expr: ir.Expr) => diagonals([expr]).has(expr);

test.each<[string, ir.Expr]>([
  ["q - k", distance],
  ["k - q", op("sub", k, q)],
  ["-(k - (q + w))", op("neg", op("sub", k, op("add", q, w)))],
  ["(q + 3) - (k + w)", op("sub", op("add", q, int(3)), op("add", k, w))],
  ["3 q - 2 k - (k - h)", op("sub", op("sub", op("mul", q, int(3)), op("mul", int(2), k)), op("sub", k, h))],
  ["q + |q - k| - k", op("sub", op("add", q, op("abs", distance)), k)],
  ["|q - k| // w", op("floorDiv", op("abs", distance), w)],
  ["exp(-(q - k) * slope[h])", op("exp", op("mul", toFloat(op("neg", distance)), load("float", "slope", [h])))],
  ["bias[h, clamp(q - k)]", load("float", "bias", [h, op("max", distance, int(0))])],
  ["far[b, q - k]", load("float", "far", [b, distance])],
  ["q - k < w", op("lt", distance, w)],
  ["random(w, q - k)", op("randomMix", op("randomSeed", w), distance)],
])("%s hangs on the distance alone", (_, expr) => {
  expect(isOne(expr)).toBe(true);
});

test.each<[string, ir.Expr]>([
  ["q", q],
  ["q + k", op("add", q, k)],
  ["2 q - k", op("sub", op("mul", q, int(2)), k)],
  ["k <= q, where positions wrap around", op("le", k, q)],
  ["q // 2 - k // 2", op("sub", op("floorDiv", q, int(2)), op("floorDiv", k, int(2)))],
  ["float(q) - float(k), which rounds", op("sub", toFloat(q), toFloat(k))],
  ["q w - k w, which is not linear as it stands", op("sub", op("mul", q, w), op("mul", k, w))],
  ["(q + doc[k]) - (k + doc[k]), which would read doc where no key is", sumWithLoads()],
  ["s + (q - k)", op("add", quantity("score"), toFloat(distance))],
  ["doc[q] - doc[k]", op("sub", load("int", "doc", [b, q]), load("int", "doc", [b, k]))],
  ["h + w", op("add", h, w)],
  ["a local of a pair", local("float", "score0")],
])("%s does not", (_, expr) => {
  expect(isOne(expr)).toBe(false);
});

function sumWithLoads(): ir.Expr {
  const doc = load("int", "doc", [b, k]);
  return op("sub", op("add", q, doc), op("add", k, doc));
}

test("a local counts as what it was", () => {
  const far = op("sqrt", local("float", "diagonal0"));
  expect(diagonals([far], new Map(), new Set(["diagonal0"])).has(far)).toBe(true);
  expect(isOne(far)).toBe(false);
});

test("forty doublings of a distance stay linear in time", () => {
  let doubled: ir.Expr = distance;
  for (let level = 0; level < 40; level++) doubled = op("add", doubled, doubled);
  expect(isOne(op("add", toFloat(doubled), float(1)))).toBe(true);
});

const INT = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

test("it is the same for all pairs of one distance, modulo 2³²", () => {
  const exprs = [
    op("floorMod", op("sub", op("add", q, int(2 ** 31 - 1)), k), int(7)),
    op("sub", op("mul", q, int(-5)), op("sub", op("mul", k, int(-5)), h)),
    toFloat(op("abs", distance)),
    op("shiftRight", op("mul", distance, int(2 ** 30)), int(3)),
  ];
  expect(exprs.map(isOne)).toEqual([true, true, true, true]);
  const values = exprs.map((expr) => evaluator(expr, "decide", noBindings));
  fc.assert(
    fc.property(INT, INT, INT, (query, key, by) => {
      const at = { ...startPoint(), head: 2, query, key };
      const moved = { ...at, query: (query + by) | 0, key: (key + by) | 0 };
      for (const value of values) expect(value(moved)).toBe(value(at));
    }),
  );
});

const noBindings = {
  extent: () => 0,
  param: () => 0,
  load: () => 0,
};
