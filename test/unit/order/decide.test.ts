import { describe, expect, test } from "vitest";
import { compileAttention } from "../../../src/compile.ts";
import { runProgram } from "../../../src/execute/run-plan.ts";
import { wasmRunner } from "../../../src/execute/run-wasm.ts";
import { decideOrder } from "../../../src/order/decide.ts";
import { orderDensities } from "../../../src/order/densities.ts";
import { attend } from "../../../src/reference/attention.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionOf, problemsOf } from "../../check.ts";
import { caseOf } from "../../systems/case.ts";
import { draw, square } from "../../systems/dense.ts";

const decided = (text: string, consts = {}) => decideOrder(attentionOf(text), wasmSimd128, consts);
const taken = (text: string, consts = {}) => decided(text, consts).value.permutation?.name.text;

/** `near` of each axis of a grid with these extents. */
const picture = (height: string, width: string, window = "6") => `
attention near(window: int in 0.. = ${window}) {
  grid (y${height}, x${width})
  mask abs(q.y - k.y) <= window and abs(q.x - k.x) <= window
  permute auto
}`;

describe("the order that is taken", () => {
  test("is tiles for a window over a square picture", () => expect(taken(picture("", ""))).toBe("tiles(8, 8)"));

  test("follows the grid where its extents are constants: a picture 8 wide is stored tile by tile anyway", () => {
    expect(taken(picture(": 512", ": 8"))).toBeUndefined();
    expect(taken(picture(": 64", ": 64"))).toBe("tiles(8, 8)");
  });

  test("is none where every pair is visible, nothing can be gained, or there is no mask", () => {
    expect(taken(picture("", "", "1000"))).toBeUndefined();
    expect(taken("attention a { mask q >= k permute auto }")).toBeUndefined();
    expect(taken("attention a { grid (y, x) permute auto }")).toBeUndefined();
  });

  test("is none where a captured tensor decides", () => {
    expect(taken("attention a(doc: i32[token]) { grid (y, x) mask doc[q] == doc[k] permute auto }")).toBeUndefined();
  });

  test("asks for a value of every parameter that the masks read", () => {
    const { problems } = decided(
      "attention a(w: int, x: int) { grid (y, z) mask abs(q.y - k.y) <= w permute auto score s * 1.0 }",
    );
    expect(problems.map(({ code, kind }) => ({ code, kind }))).toEqual([{ code: "E0609", kind: "order-undecided" }]);
  });

  test("takes the value of a const parameter from the settings", () => {
    const text =
      "attention a(const w: int) { grid (y, x) mask abs(q.y - k.y) <= w and abs(q.x - k.x) <= w permute auto }";
    expect(taken(text, { w: 6 })).toBe("tiles(8, 8)");
    expect(taken(text, { w: 64 })).toBeUndefined();
  });
});

test("residues are among the orders, by what a mask divides by", () => {
  const { orders } = attentionOf(`
    attention a(d: int in 1.. = 8) { mask (q - k) % d == 0 mask k % 3 == 0 mask q % 5 == 0 permute auto }`);
  expect(orders!.map(({ name }) => name.text)).toEqual(["residues(d)", "residues(3)"]);
});

test("an order is only named where something is left open", () => {
  expect(decided("attention a { grid (y, x) mask q.x == k.x }").value.orders).toBeUndefined();
  expect(problemsOf("attention a { permute auto(3) }").map(({ code }) => code)).toEqual(["E0201"]);
  const own = "permutation auto { of token order by -k } attention a { mask q >= k permute auto }";
  expect(attentionOf(own).permutation?.name.text).toBe("auto");
});

/** Visible pairs of tiles of 64 by the definition, and what the walk visits, which must not be less. */
test("densities are those of the walk", () => {
  const call = caseOf(
    picture("", ""),
    draw({ sizes: { ...square(256, {}), axes: { y: 16, x: 16 } }, scalar: { window: 2 } }, 1),
  );
  const [plain, ...others] = orderDensities(call, call.attention.orders!);
  const tiles = others.find(({ order }) => order!.name.text === "tiles(8, 8)")!;
  const visited = (place: (token: number) => number) => {
    const seen = new Set<string>();
    for (let q = 0; q < 256; q++) {
      for (let k = 0; k < 256; k++) {
        const near = Math.abs((q >> 4) - (k >> 4)) <= 2 && Math.abs((q & 15) - (k & 15)) <= 2;
        if (near) seen.add(`${place(q) >> 6} ${place(k) >> 6}`);
      }
    }
    return seen.size / 16;
  };
  const ofTile = (token: number) => ((token >> 7) * 2 + ((token & 15) >> 3)) * 64;
  expect(plain!.visited).toBe(visited((token) => token));
  expect(tiles.visited).toBe(visited(ofTile));
});

test("the kernel computes what the reference computes without an order, and skips what the order allows", async () => {
  const text = picture("", "");
  const call = caseOf(
    text,
    draw({ sizes: { ...square(1024, { heads: 2, kvHeads: 1 }), axes: { y: 32, x: 32 } }, scalar: { window: 3 } }, 7),
  );
  const settings = { dims: { dim: call.shape.dim, valueDim: call.shape.valueDim }, consts: {} };
  const [kernel] = compileAttention(call.attention, wasmSimd128, settings).value;
  expect(kernel!.program.ir.order).toBeDefined();
  const expected = attend(call);
  const { result, trace } = runProgram(kernel!.program, call);
  const [out] = [await wasmRunner.run(call)];
  for (const found of [result, out]) {
    for (const [index, value] of expected.out.entries()) expect(Math.abs(found.out[index]! - value)).toBeLessThan(1e-4);
  }
  const { visited, skipped } = trace.find(({ step }) => step === "attend")!;
  expect(visited / (visited + skipped)).toBeLessThan(0.5);
});
