import { describe, expect, test } from "vitest";
import { affineOf, boundsOf, difference, fitsInt } from "../../../src/analysis/affine.ts";
import { intRange } from "../../../src/analysis/range.ts";
import type { Expr } from "../../../src/ir/expr.ts";
import { coord, int, op, param } from "../../../src/ir/make.ts";

const [q, k, n] = [coord("query"), coord("key"), param("int", "n")];

/** Constant and coefficients of the form. */
function formOf(expr: Expr) {
  const { constant, terms } = affineOf(expr);
  return { constant, ...Object.fromEntries([...terms].map(([term, factor]) => [nameOf(term), factor])) };
}
const nameOf = (term: Expr) => (term === q ? "q" : term === k ? "k" : term === n ? "n" : "other");

describe("linear forms", () => {
  test("sums, differences and multiples are linear in their terms", () => {
    expect(formOf(op("sub", op("mul", q, int(3)), op("add", k, int(4))))).toEqual({ constant: -4, q: 3, k: -1 });
    expect(formOf(op("neg", op("sub", n, q)))).toEqual({ constant: 0, n: -1, q: 1 });
  });

  test("what occurs twice cancels", () => {
    expect(formOf(op("sub", op("add", q, n), op("add", k, n)))).toEqual({ constant: 0, q: 1, k: -1 });
    expect(formOf(op("sub", q, q))).toEqual({ constant: 0 });
  });

  test("anything else is a term of its own", () => {
    expect(formOf(op("add", op("mul", q, k), int(1)))).toEqual({ constant: 1, other: 1 });
    expect(formOf(op("floorDiv", q, int(2)))).toEqual({ constant: 0, other: 1 });
  });

  test("numbers stay exact: a form that outgrows i32 is a term of its own", () => {
    const large = op("mul", op("mul", q, int(65_536)), int(65_536));
    expect(affineOf(large).terms.get(large)).toBe(1);
  });

  test("a long sum does not take long", () => {
    let expr: Expr = q;
    for (let index = 0; index < 4000; index++) expr = op("add", expr, param("int", `p${index}`));
    expect(affineOf(expr).terms.size).toBeLessThan(20);
  });

  test("bounds are exact over independent terms", () => {
    const ranges = new Map([
      [q, intRange(10, 20)],
      [k, intRange(0, 5)],
    ]);
    const form = difference(affineOf(q), affineOf(op("add", k, int(1))));
    expect(boundsOf(form, (term) => ranges.get(term)!)).toEqual({ low: 4, high: 19, step: 1 });
    expect(fitsInt({ low: 0, high: 2 ** 31 })).toBe(false);
  });
});
