// Why a term gives no range of keys: the planner is asked for what it could not solve, so that every row is a mask for
// which the reason is needed.

import { expect, test } from "vitest";
import { whyUnsolved } from "../../../src/analysis/tile/why-unsolved.ts";
import { lowerAttention } from "../../../src/ir/lower.ts";
import { optimize } from "../../../src/passes/index.ts";
import { planProgram } from "../../../src/schedule/choose.ts";
import { attendSteps } from "../../../src/schedule/steps.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionOf } from "../../check.ts";

function reasons(mask: string, params = "n: int in 1.., x: float, doc: i32[batch, token], seen: bool[token, token]") {
  const ir = optimize(lowerAttention(attentionOf(`attention a(${params}) { mask ${mask} }`), { consts: {} }));
  const { traversal } = attendSteps(planProgram(ir, wasmSimd128, { dim: 8, valueDim: 8 }).value)[0]!.plan;
  return traversal.unsolved.map((part) => whyUnsolved(part, (name) => name === "sorted"));
}

test.each([
  ["random(1, q, k) < 0.5", /random/],
  ["doc[q] == doc[k]", /element of the captured tensor `doc`, which is not promised to be `sorted`/],
  ["seen[q, k]", /looks the key up in the captured tensor `seen`/],
  ["(q < n) == (k < n)", /compares two conditions/],
  ["(q - k) * x < 1.0", /compares floats/],
  ["q % n == k % n", /remainder/],
  ["(k & 4) == 0", /bits/],
  ["q * k < n", /q and k stand in one product/],
  ["k * n < q", /multiplied by what only the call knows/],
  ["q // (k + 1) < n", /divides by something that varies with the key/],
  ["q != k", /leaves out single keys/],
  ["k + k // n < q", /more than one place/],
])("%s", (mask, reason) => {
  expect(reasons(mask)).toEqual([expect.stringMatching(reason)]);
});

test("a term that is solved needs no reason", () => {
  expect(reasons("q >= k and (k < n or q - k < n)")).toEqual([]);
});
