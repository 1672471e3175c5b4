import { describe, expect, test } from "vitest";
import { call, closed } from "../../../../src/backend/simt/dialect.ts";
import { regionFunction } from "../../../../src/backend/simt/functions.ts";
import { libraryFor } from "../../../../src/backend/simt/library.ts";
import type { Place, Surroundings } from "../../../../src/backend/simt/scope.ts";
import { walkOf } from "../../../../src/backend/simt/walk.ts";
import { WGSL } from "../../../../src/backend/wgsl/dialect.ts";
import { floatText } from "../../../../src/backend/wgsl/numbers.ts";
import { compileAttention } from "../../../../src/compile.ts";
import type { Expr } from "../../../../src/ir/expr.ts";
import { attendSteps } from "../../../../src/schedule/steps.ts";
import { wasmSimd128 } from "../../../../targets/wasm-simd128.ts";
import { attentionOf } from "../../execute/calls.ts";

/** Tensors that lie in buffers of their own names. */
function around(text: string): Surroundings & { readonly plan: ReturnType<typeof attendSteps>[number]["plan"] } {
  const settings = { dims: { dim: 8, valueDim: 8 }, consts: {} };
  const { program } = compileAttention(attentionOf(text), wasmSimd128, settings).value[0]!;
  const places = program.ir.tensors.map((tensor): [string, Place] => [
    tensor.name,
    {
      tensor,
      read: (index) => closed(`${tensor.name}[${index}]`),
      countBelow: (...args) => call("count_below")(args.map(closed)),
    },
  ]);
  return { dialect: WGSL, dims: program.dims, places: new Map(places), plan: attendSteps(program)[0]!.plan };
}

const region = (value: Expr) => ({ lets: [], value });

describe("a region as a function", () => {
  test("takes what it reads as parameters and is called with variables of the same names", () => {
    const surroundings = around("attention t(w: int = 4) { mask q - k < w and k <= q }");
    const printed = regionFunction("mask", surroundings.plan.mask!, surroundings);
    expect(printed.call).toBe("mask(query, key)");
    expect(printed.result).toBe("((query - key) < call.w_) & (key <= query)");
  });

  test("names what is read twice, once, and clamps an index that is no coordinate of its axis", () => {
    const surroundings = around("attention t(t: f32[key]) { score s + t[k - 1] * t[k - 1] + t[k] }");
    const printed = regionFunction("score", surroundings.plan.score!, surroundings, surroundings.plan.key);
    expect([...printed.statements, printed.result].join("\n")).toMatch(/clamp_index\(key \+ \(-1\), keys\)/);
    expect(printed.statements.filter((line) => line.includes("t["))).toHaveLength(2);
  });
});

test("the walk of a causal window is a jump and two conditions", () => {
  const surroundings = around("attention t(w: int = 4) { mask q - k < w and k <= q }");
  const walk = walkOf(surroundings.plan, true, surroundings);
  expect(walk.next.value).toContain(">> 6u) * 64");
  expect(walk.must.value).toMatch(/first_query|last_query/);
});

test("a library function brings along what it calls, ahead of itself", () => {
  const texts = libraryFor(["let x = sigmoid(y);"], WGSL);
  const names = texts.map((text) => text.match(/fn (\w+)/)![1]);
  expect(names).toEqual(["power_of_two", "scale_by_power", "exp_total", "sigmoid"]);
});

test("a literal is the shortest decimal of its f32, and finite", () => {
  expect([0.1, 1, 1e-7, -2.5, Math.fround(1 / 3)].map(floatText)).toEqual(["0.1", "1.0", "1e-7", "-2.5", "0.33333334"]);
  expect(floatText(Number.NEGATIVE_INFINITY)).toBe("-3.4028234663852886e+38");
});

test("every operation of the language prints", () => {
  for (const [op, forms] of Object.entries(WGSL.forms)) {
    for (const form of Object.values(forms)) {
      const text = form([closed("a"), closed("b"), closed("c")]).text;
      expect(text, op).toMatch(/a/);
    }
  }
  expect(regionFunction("f", region({ kind: "const", type: "int", value: 3 }), around("attention t {}")).result).toBe(
    "3",
  );
});

describe("a NaN on WGSL, where a shader may assume that there is none", () => {
  const { eq, ne } = WGSL.forms;
  const [x, y] = [closed("x"), closed("y")];

  test("is told by its bits where a value stands beside itself", () => {
    expect([eq.float!([x, x]).text, ne.float!([x, x]).text]).toEqual(["is_number(x)", "!(is_number(x))"]);
    expect(eq.int!([x, x]).text).toBe("x == x");
  });

  test("differs from every number", () => {
    expect([eq.float!([x, y]).text, ne.float!([x, y]).text]).toEqual(["x == y", "!(x == y)"]);
  });
});
