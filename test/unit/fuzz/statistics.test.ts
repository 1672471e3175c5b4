import { describe, expect, test } from "vitest";
import { add, COUNTED, NO_STATISTICS, type Statistics, shortfalls } from "../../../src/fuzz/statistics.ts";

const enough = (more: Partial<Statistics>): Statistics => ({
  ...NO_STATISTICS,
  programs: 4000,
  withAllClasses: 3000,
  operators: Object.fromEntries(COUNTED.map((name) => [name, 100])),
  ...more,
});

describe("a run", () => {
  test("passes with interesting programs", () => {
    expect(shortfalls(enough({}))).toEqual([]);
  });

  test("fails where too few programs have blocks of every kind", () => {
    expect(shortfalls(enough({ withAllClasses: 1999 }))).toEqual([
      "only 49.98 % of the programs have blocks of all three kinds",
    ]);
  });

  test("fails where an operator hardly ever stands", () => {
    const { operators } = enough({});
    expect(shortfalls(enough({ operators: { ...operators, "**": 39 } }))).toEqual([
      "`**` stands in 0.97 % of the programs",
    ]);
    const { tanh: _, ...others } = operators;
    expect(shortfalls(enough({ operators: others }))).toEqual(["`tanh` stands in 0.00 % of the programs"]);
  });

  test("is not judged by a few programs", () => {
    expect(shortfalls({ ...NO_STATISTICS, programs: 50 })).toEqual([]);
  });

  test("adds up with another", () => {
    const sum = add(
      enough({ refused: { E0306: 1 } }),
      enough({ refused: { E0306: 2, E0201: 1 }, kernels: { wasm: 7 } }),
    );
    expect(sum).toMatchObject({ programs: 8000, kernels: { wasm: 7 }, refused: { E0306: 3, E0201: 1 } });
    expect(sum.operators["+"]).toBe(200);
  });
});
