// What must hold of every order by scores, whatever the data: on the reference, and on the kernel.

import fc from "fast-check";
import { expect, test } from "vitest";
import { wasmRunner } from "../../src/execute/run-wasm.ts";
import { storedCall } from "../../src/execute/stored-call.ts";
import { lowerAttention } from "../../src/ir/lower.ts";
import { attend } from "../../src/reference/attention.ts";
import { sightOf } from "../../src/reference/sight.ts";
import { storedOrderOf } from "../../src/reference/stored-order.ts";
import type { Case } from "../../src/spec/case.ts";
import { caseOf } from "./case.ts";
import { draw, square } from "./dense.ts";

const RUNS = { numRuns: 12 };

const SCORES = [
  "mean[query: last 4] softmax[key: first len(key) // 8 * 8] (scale * dot(Q, K)) descending",
  "sum[query] s",
  "max[query: first 2] dot(Q, K) descending, k % 2",
  "dot(mean[query: last 3] Q, K)",
];

const text = (of: string, score: string, rest = "") => `
permutation order { of ${of} per head within 8 order by ${score} }
${rest && "sparsity best(coverage: float) { blocks 4 x 4 score dot(mean[query] Q, mean[key] K) keep mass coverage of softmax always contains 0 }"}
attention t(coverage: float = 0.5) { mask q >= k  permute order ${rest} output lse }`;

const calls = fc.record({
  tokens: fc.integer({ min: 1, max: 41 }),
  of: fc.constantFrom("key", "token"),
  score: fc.constantFrom(...SCORES),
  seed: fc.integer({ min: 1, max: 1e6 }),
});
type Call = { readonly tokens: number; readonly of: string; readonly score: string; readonly seed: number };

const given = ({ tokens, of, score, seed }: Call, rest = "", scalar: Record<string, number> = {}): Case =>
  caseOf(text(of, score, rest), draw({ sizes: square(tokens, { heads: 4, kvHeads: 2 }), scalar }, seed));

const near = (found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number) => {
  for (let at = 0; at < wanted.length; at++) expect(Math.abs(found[at]! - wanted[at]!)).toBeLessThan(tolerance);
};

test("an order is a bijection that stays inside its segments, in the expressions as in the reference", () => {
  fc.assert(
    fc.property(calls, (call) => {
      const made = given(call);
      const orderOf = storedOrderOf(made);
      const attention = lowerAttention(made.attention, { consts: made.params });
      const stored = Array.from(storedCall(attention, made).call.tensors["order.key"]!.data);
      for (let head = 0; head < 4; head++) {
        const line = stored.slice(head * call.tokens, (head + 1) * call.tokens);
        expect(line).toEqual(orderOf(0, head).key);
        expect(line.toSorted((a, b) => a - b)).toEqual(line.map((_, place) => place));
        expect(line.every((token, place) => Math.floor(token / 8) === Math.floor(place / 8))).toBe(true);
      }
    }),
    RUNS,
  );
});

test("an order alone changes nothing beyond rounding, and what is moved comes back", async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (call) => {
      const made = given(call);
      const { permutation: _, ...plain } = made.attention;
      const dense = attend({ ...made, attention: plain });
      near(attend(made).out, dense.out, 1e-12);
      const { out, lse } = await wasmRunner.run(made);
      near(out, dense.out, 2e-5);
      near(lse!, dense.lse!, 2e-5);
    }),
    RUNS,
  );
});

test("beneath an order, all of the mass is dense attention, and the block of a token is chosen wherever it lies", async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (call) => {
      const whole = given(call, "sparsity best(coverage)", { coverage: 1 });
      const { permutation: _, sparsities: __, ...plain } = whole.attention;
      near((await wasmRunner.run(whole)).out, attend({ ...whole, attention: plain }).out, 2e-5);
      const none = given(call, "sparsity best(coverage)", { coverage: 0 });
      const { selections, mask } = sightOf(none);
      for (let head = 0; head < 4; head++) {
        const { rows, keys, chosen } = selections[0]!(0, head);
        const j = keys.findIndex((block) => block.includes(0));
        const sees = (row: readonly number[]) => row.some((q) => keys[j]!.some((k) => mask.visible(0, head, q, k)));
        expect(chosen.map((line) => line[j])).toEqual(rows.map(sees));
      }
    }),
    RUNS,
  );
});

test("equal heads store and choose equally", () => {
  fc.assert(
    fc.property(calls, (call) => {
      const made = given(call, "sparsity best(coverage)");
      const { queries, keys, dim } = made.shape;
      const same = (values: ArrayLike<number>, size: number, heads: number) =>
        Float32Array.from({ length: heads * size }, (_, at) => values[at % size]!);
      const query = { ...made.query, data: same(made.query.data as Float32Array, queries * dim, 4) };
      const key = { ...made.key, data: same(made.key.data as Float32Array, keys * dim, 2) };
      const equal = { ...made, query, key };
      const orderOf = storedOrderOf(equal);
      const { selections } = sightOf(equal);
      for (let head = 1; head < 4; head++) {
        expect(orderOf(0, head)).toEqual(orderOf(0, 0));
        expect(selections[0]!(0, head).chosen).toEqual(selections[0]!(0, 0).chosen);
      }
    }),
    RUNS,
  );
});
