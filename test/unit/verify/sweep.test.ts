import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Attention, Param } from "../../../src/spec/spec.ts";
import { floats, ints } from "../../../src/tensors/elements.ts";
import { makeCase, makeParams } from "../../../src/verify/cases.ts";
import { coverPairs, product } from "../../../src/verify/cover.ts";
import { type Setting, sweepOf } from "../../../src/verify/sweep.ts";
import { attention, implicit, int, shapeOf, tensorParam, token } from "../reference/specs.ts";

describe("a cover of pairs", () => {
  test("shows every two values of two factors together, in few rows", () => {
    const values = fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]+$/), values, { minKeys: 2, maxKeys: 5 }), (factors) => {
        const rows = coverPairs(factors);
        const names = Object.keys(factors);
        for (const one of names) {
          for (const other of names.filter((name) => name > one)) {
            for (const a of factors[one]!) {
              for (const b of factors[other]!)
                expect(rows.some((row) => row[one] === a && row[other] === b)).toBe(true);
            }
          }
        }
        const [longest = 1, second = 1] = Object.values(factors)
          .map(({ length }) => length)
          .sort((a, b) => b - a);
        expect(rows.length).toBeLessThanOrEqual(2 * longest * second);
      }),
      { numRuns: 40 },
    );
  });

  test("is smaller than the product", () => {
    const factors = { a: [1, 2, 3], b: [1, 2, 3], c: [1, 2, 3], d: [1, 2, 3] };
    expect(product(factors).length).toBe(81);
    expect(coverPairs(factors).length).toBeLessThan(16);
  });
});

describe("a sweep", () => {
  const shapes = (kind: "quick" | "full") => sweepOf(attention(), kind, 1, {}).settings.map(({ shape }) => shape);

  test("has the lengths, dims and heads that kernels go wrong at", () => {
    const quick = shapes("quick");
    const full = shapes("full");
    for (const keys of [0, 1, 17, 63, 64, 65, 130]) {
      for (const dim of [1, 16, 40, 64, 72, 96, 128, 256]) {
        expect(quick.some((shape) => shape.keys === keys && shape.dim === dim)).toBe(true);
        expect(
          full.some((shape) => shape.keys === keys && shape.dim === dim && shape.heads === 6 && shape.kvHeads === 2),
        ).toBe(true);
      }
    }
    expect(full.some(({ keys }) => keys === 1000)).toBe(true);
    expect(quick.some(({ queries, keys }) => queries === 1 && keys > 1)).toBe(true);
    expect(quick.some(({ queries, keys }) => queries > keys)).toBe(true);
    expect(quick.length).toBeLessThan(80);
  });

  test("says what it left out", () => {
    expect(sweepOf(attention(), "quick", 1, {}).leftOut.join("\n")).toMatch(/combinations[\s\S]*1000 keys/);
    expect(sweepOf(attention(), "full", 1, {}).leftOut.join("\n")).toMatch(/combinations of/);
  });

  test("keeps the extents that are given and sweeps the rest", () => {
    const given = { heads: 32, kv_heads: 8, queries: 1, keys: 33, dim: 128, query_start: 0 };
    for (const kind of ["quick", "full"] as const) {
      const { settings } = sweepOf(attention(), kind, 1, {}, given);
      for (const { shape, queryStart } of settings) {
        expect(shape).toMatchObject({ heads: 32, kvHeads: 8, queries: 1, keys: 33, dim: 128 });
        expect(queryStart).toBe(0);
      }
      const differing = new Set(settings.map(({ shape, profile }) => JSON.stringify([shape, profile])));
      expect(differing.size).toBe(settings.length);
      expect(sweepOf(attention(), kind, 1, {}, given).leftOut.join("\n")).not.toMatch(/1000 keys|\b0 of/);
    }
    expect(sweepOf(attention(), "quick", 1, {}, { heads: 3 }).settings[0]!.shape).toMatchObject({
      heads: 3,
      kvHeads: 3,
    });
  });

  test("keeps the axes of a grid that are given", () => {
    const grid = { axes: [{ name: "t" }, { name: "y", extent: int(4) }, { name: "x" }], origin: int(0) };
    for (const { shape } of sweepOf(attention({ grid }), "quick", 1, {}, { x: 3 }).settings) {
      expect(shape.axes.x).toBe(3);
      expect(shape.axes.t! * 12).toBe(shape.keys);
    }
    const [all] = sweepOf(attention({ grid }), "quick", 1, {}, { x: 3, t: 2 }).settings;
    expect(all!.shape).toMatchObject({ keys: 24, axes: { t: 2, x: 3 } });
  });

  test("sweeps the extents of a grid so that they hold the keys", () => {
    const free = attention({
      grid: { axes: [{ name: "t" }, { name: "y", extent: int(4) }, { name: "x" }], origin: int(0) },
    });
    for (const { shape } of sweepOf(free, "quick", 1, {}).settings) {
      expect(shape.axes.t! * 4 * shape.axes.x!).toBe(shape.keys);
      expect(shape.keys).toBeLessThan(140);
    }
    const fixed = attention({
      grid: {
        axes: [
          { name: "y", extent: int(32) },
          { name: "x", extent: int(32) },
        ],
        origin: int(0),
      },
    });
    expect(sweepOf(fixed, "quick", 1, {}).settings.some(({ shape }) => shape.keys === 130)).toBe(true);
  });
});

describe("a made-up call", () => {
  const span = { file: 0, start: 0, end: 0 };
  const param = (name: string, changes: Partial<Param>): Param => ({
    name,
    type: "int",
    const: false,
    range: {},
    span,
    ...changes,
  });
  const asking: Attention = attention({
    params: [
      param("window", { range: { low: 1 }, default: 16 }),
      param("size", { const: true, default: 4 }),
      param("rate", { type: "float", range: { low: 0, high: 0.3 } }),
      param("place", { constBounds: { high: "size" }, range: { low: 0 } }),
      param("on", { type: "bool" }),
    ],
    tensors: [
      tensorParam("doc", "i32", [implicit("batch"), token], { sorted: true, range: { low: 0 } }),
      tensorParam("gate", "f32", [implicit("head")], { range: { low: 0, high: 1 } }),
      tensorParam("table", "f16", [{ kind: "fresh", name: "n" }]),
      tensorParam("other", "u8", [
        { kind: "extent", extent: { kind: "param", type: "int", name: "size" } },
        { kind: "fresh", name: "n" },
      ]),
      tensorParam("tree", "bool", [token]),
    ],
  });
  const setting = (seed: number, changes: Partial<Setting> = {}): Setting => ({
    shape: shapeOf({ batch: 2, heads: 4, kvHeads: 2, queries: 3, keys: 9, dim: 5, valueDim: 2 }),
    profile: "normal",
    keyLengths: false,
    queryStart: false,
    seed,
    ...changes,
  });
  const make = (one: Setting) => makeCase(asking, one, makeParams(asking, one.seed));

  test("keeps every contract", () => {
    for (let seed = 0; seed < 200; seed++) {
      const { params, tensors } = make(setting(seed));
      expect(params.window).toBeGreaterThanOrEqual(1);
      expect(params.size).toBe(4);
      expect(params.rate).toBeGreaterThanOrEqual(0);
      expect(params.rate).toBeLessThanOrEqual(0.3);
      expect(params.place).toBeLessThanOrEqual(4);
      const doc = ints(tensors.doc!);
      expect(doc.every((id, index) => id >= 0 && (index % 9 === 0 || doc[index - 1]! <= id))).toBe(true);
      expect(floats(tensors.gate!).every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(tensors.other!.shape).toEqual([4, tensors.table!.shape[0]]);
    }
  });

  test("takes the given parameters, and mostly the defaults", () => {
    expect(makeParams(asking, 3, { window: 7 }).window).toBe(7);
    const windows = Array.from({ length: 300 }, (_, seed) => makeParams(asking, seed).window);
    const usual = windows.filter((window) => window === 16).length;
    expect(usual).toBeGreaterThan(150);
    expect(usual).toBeLessThan(290);
  });

  test("is the same for the same seed, and another for another", () => {
    expect(make(setting(5))).toEqual(make(setting(5)));
    expect(make(setting(5)).query.data).not.toEqual(make(setting(6)).query.data);
  });

  test("holds NaN in every row of a key that is not alive, and nowhere else", () => {
    const call = make(setting(1, { keyLengths: true }));
    const { key, keyLengths, shape } = call;
    floats(key).forEach((value, index) => {
      const row = Math.floor(index / shape.dim);
      const isAlive = row % shape.keys < keyLengths![Math.floor(row / shape.keys / shape.kvHeads)]!;
      expect(Number.isNaN(value)).toBe(!isAlive);
    });
  });

  test("holds absurd elements of captured tensors where no key is alive", () => {
    const { tensors, keyLengths } = make(setting(2, { keyLengths: true }));
    const doc = ints(tensors.doc!);
    doc.forEach((id, index) => {
      expect(id === 2 ** 31 - 1).toBe(index % 9 >= keyLengths![Math.floor(index / 9)]!);
    });
    expect(
      floats(tensors.tree!)
        .slice(Math.max(...keyLengths!))
        .every((value) => value === 1),
    ).toBe(true);
  });

  test("has scores of ±10000 in the large profile", () => {
    const { query, key, shape } = make(setting(1, { profile: "large" }));
    const [q, k] = [floats(query), floats(key)];
    let most = 0;
    for (let row = 0; row < shape.queries; row++) {
      let dot = 0;
      for (let d = 0; d < shape.dim; d++) dot += q[row * shape.dim + d]! * k[d]!;
      most = Math.max(most, Math.abs(dot) / Math.sqrt(shape.dim));
    }
    expect(most).toBeGreaterThan(2000);
  });
});
