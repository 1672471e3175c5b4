// Parts of masks that become tensors by stored place, and what a walk skips for it.

import { expect, test } from "vitest";
import { planCase } from "../../../src/execute/run-plan.ts";
import { checkFacts } from "../../../src/fuzz/facts.ts";
import { truthOf } from "../../../src/fuzz/truth.ts";
import { lowerAttention } from "../../../src/ir/lower.ts";
import { printExpr } from "../../../src/ir/print.ts";
import { attentionOf } from "../../check.ts";
import { callOf } from "../std/calls.ts";

const lowered = (mask: string, clauses = "") =>
  lowerAttention(
    attentionOf(`permutation stored(d: int) { of token order by k % d, k // d }
      attention a(d: int in 1..) { ${clauses} mask ${mask} permute stored(d) }`),
    { consts: {} },
  );
const tensorsOf = (mask: string, clauses?: string) =>
  lowered(mask, clauses).order!.coordinates.map(({ tensor, value }) => [tensor.name, printExpr(value)]);

test("remainders and bits of one token are tensors, once", () => {
  expect(tensorsOf("q % d == k % d and (k % d) * 2 < 5 and (k & 3) == 1")).toEqual([
    ["order.query.0", "floorMod(q, d)"],
    ["order.key.1", "floorMod(k, d)"],
    ["order.key.2", "bitAnd(k, 3)"],
  ]);
});

test("a distance that is divided by is a comparison of remainders", () => {
  const remainders = [
    ["order.query.0", "floorMod(q, d)"],
    ["order.key.1", "floorMod(k, d)"],
  ];
  for (const mask of ["(q - k) % d == 0", "abs(k - q) % d == 0", "(q - k) % d != 0"]) {
    expect(tensorsOf(mask)).toEqual(remainders);
  }
});

test("what else is read stays as it is: sums and quotients, which bounds of positions bound well, and what heads tell apart", () => {
  for (const mask of ["q // d >= k // d + 1", "(q - k) % d == 1", "(q - k) % (h + 1) == 0", "k % 1 == q % 1"]) {
    expect(tensorsOf(mask)).toEqual([]);
  }
});

test("a coordinate within a part has no tensor of its own", () => {
  expect(tensorsOf("k.x % 3 == 0 and q.y <= k.y", "grid (y: 8, x: 8)").map(([name]) => name)).toEqual([
    "order.key.0",
    "order.query.y",
    "order.key.y",
  ]);
});

test.each([
  ["mask q % d == k % d", 16],
  ["mask (q - k) % d == 0", 16],
  ["mask dilated(64, d)", 12],
  ["mask abs(q - k) <= 200 and abs(q - k) % d == 0", 16],
])("%s visits tiles of its own residue only", (mask, visited) => {
  const text = `import { dilated, residues } from "std"
attention a(d: int in 1..) { ${mask} permute residues(d) }`.replace(mask.includes("dilated") ? "" : "dilated, ", "");
  // Four residues of 64 tokens, in tiles of 32.
  const call = callOf(text, { shape: { keys: 256 }, params: { d: 4 } });
  const tile = { queries: 32, keys: 32 };
  const truth = truthOf(call, tile);
  expect(truth.counts.full + truth.counts.partial).toBe(visited);
  const { found, wrong } = checkFacts(call, tile, truth);
  expect(wrong).toEqual([]);
  expect(truth.counts).toMatchObject(found.walk);
  expect(planCase(call).ir.order!.coordinates).toHaveLength(2);
});
