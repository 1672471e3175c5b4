// Expressions as text: what nests, what gets a local, and that size and depth are no danger.

import { describe, expect, test } from "vitest";
import { printAll, type Scope } from "../../../src/backend/wasm/print-fold.ts";
import type { Expr } from "../../../src/ir/expr.ts";
import { coord, float, int, local, op, param, quantity } from "../../../src/ir/make.ts";
import { planProgram } from "../../../src/schedule/choose.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attention, dense, kernelOf, randomInputs, worstError } from "./kernel.ts";

const scope: Scope = {
  leaf: (expr) =>
    expr.kind === "coord" && expr.axis === "key"
      ? { text: "KEYS", width: "four" }
      : { text: `${expr.kind}`, width: "one" },
  load: () => expect.unreachable(),
  search: () => expect.unreachable(),
  definitions: new Map(),
};
const print = (expr: Expr, definitions: Scope["definitions"] = new Map()) =>
  printAll([expr], { ...scope, definitions }, "four");

const key = coord("key");
const x = param("int", "x");

describe("an expression", () => {
  test("nests where a value has one reader", () => {
    const { results, locals } = print(op("add", op("mul", key, key), key));
    expect(results).toEqual(["(i32x4.add (i32x4.mul KEYS KEYS) KEYS)"]);
    expect(locals).toEqual([]);
  });

  test("keeps in a local what has several", () => {
    const square = op("mul", key, key);
    const code = print(op("add", square, op("neg", square)));
    expect(code.each).toEqual(["(local.set $t0 (i32x4.mul KEYS KEYS))"]);
    expect(code.results).toEqual(["(i32x4.add (local.get $t0) (i32x4.neg (local.get $t0)))"]);
  });

  test("is computed ahead of the loop as far as it is the same for all keys", () => {
    const code = print(op("add", key, op("mul", x, x)));
    expect(code.once).toEqual(["(local.set $t0 (i32x4.splat (i32.mul param param)))"]);
    expect(code.each).toEqual([]);
    expect(code.results).toEqual(["(i32x4.add KEYS (local.get $t0))"]);
  });

  test("names what the plan names, with a dot in front", () => {
    const row = op("mul", x, x);
    const named = local("int", "row0");
    const code = print(op("add", key, op("add", named, named)), new Map([["row0", row]]));
    expect(code.locals[0]).toBe("(local $.row0 i32)");
    expect(code.once[0]).toBe("(local.set $.row0 (i32.mul param param))");
  });

  test("spreads constants as constants, and bools as masks", () => {
    expect(print(op("le", key, int(7))).results).toEqual(["(i32x4.le_s KEYS (v128.const i32x4 7 7 7 7))"]);
    const code = print(op("and", op("le", key, int(7)), op("lt", x, int(3))));
    expect(code.once).toEqual(["(local.set $t0 (i32x4.splat (i32.sub (i32.const 0) (i32.lt_s param (i32.const 3)))))"]);
  });

  test("goes through a vector where no instruction takes a single value", () => {
    const { results } = printAll([op("abs", x)], scope, "one");
    expect(results).toEqual(["(i32x4.extract_lane 0 (i32x4.abs (i32x4.splat param)))"]);
  });
});

describe("size", () => {
  const shape = { batch: 1, heads: 1, kvHeads: 1, queries: 3, keys: 5, dim: 4, valueDim: 4 };

  test("a chain of 3000 operations, each result read twice, runs", async () => {
    let score = quantity("score");
    for (let depth = 0; depth < 1000; depth++) {
      score = op("sub", op("mul", score, float(1 + 1 / (depth + 2))), op("mul", score, float(1 / (depth + 2))));
    }
    const inputs = randomInputs(shape, 1);
    const kernel = await kernelOf(attention({ score }), shape);
    expect(worstError(kernel.run(inputs).out.data, dense(shape, inputs).out)).toBeLessThan(1e-3);
  });

  test("more operations than a kernel can hold are a problem", () => {
    let score = quantity("score");
    for (let depth = 0; depth < 8001; depth++) score = op("add", score, float(depth));
    const { problems } = planProgram(attention({ score }), wasmSimd128, shape);
    expect(problems).toMatchObject([{ code: "E0607", count: 8004, most: 8000 }]);
  });
});
