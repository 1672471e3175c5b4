// What must hold of every choice, whatever the data: on the reference, and on the plan that kernels follow.

import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseBlocks } from "../../src/execute/choose-blocks.ts";
import { bindCase } from "../../src/execute/environment.ts";
import { wasmRunner } from "../../src/execute/run-wasm.ts";
import { lowerAttention } from "../../src/ir/lower.ts";
import { attend } from "../../src/reference/attention.ts";
import { sightOf } from "../../src/reference/sight.ts";
import type { Case } from "../../src/spec/case.ts";
import { caseOf } from "./case.ts";
import { draw, square } from "./dense.ts";

const RUNS = { numRuns: 20 };

const text = (keep: string, always = "") => `
sparsity some_blocks(amount: float, n: int) {
  blocks 8 x 4
  score dot(mean[query] Q, mean[key] K) * scale
  keep ${keep}
  ${always}
}
attention choosing(amount: float = 0.5, n: int = 1) { mask q >= k  sparsity some_blocks(amount, n)  output lse }`;

const calls = fc.record({
  tokens: fc.integer({ min: 1, max: 41 }),
  heads: fc.constantFrom(2, 6),
  seed: fc.integer({ min: 1, max: 1e6 }),
});
type Call = { readonly tokens: number; readonly heads: number; readonly seed: number };

function given(program: string, { tokens, heads, seed }: Call, scalar: Record<string, number> = {}): Case {
  return caseOf(program, draw({ sizes: square(tokens, { heads, kvHeads: 2 }), scalar }, seed));
}

/** The choice of every head by the reference, as one list; the plan must have made the same. */
function choiceOf(call: Case): readonly boolean[] {
  const attention = lowerAttention(call.attention, { consts: call.params });
  const { blocks: chosen } = chooseBlocks(attention.selections[0]!, call, bindCase(attention, call));
  const { selections } = sightOf(call);
  const heads = Array.from({ length: call.shape.heads }, (_, head) => selections[0]!(0, head).chosen.flat());
  const all = heads.flat();
  expect(Array.from(chosen, (one) => one === 1)).toEqual(all);
  return all;
}

const RULES = [
  { keep: "top n", more: (step: number) => ({ n: step }) },
  { keep: "ratio amount", more: (step: number) => ({ amount: step / 6 }) },
  { keep: "mass amount of softmax", more: (step: number) => ({ amount: step / 6 }) },
  { keep: "mass amount of softmax before crossing", more: (step: number) => ({ amount: step / 6 }) },
  { keep: "above amount", more: (step: number) => ({ amount: 3 - step }) },
];

test.for(RULES)("a larger budget keeps what a smaller one keeps: $keep", ({ keep, more }) => {
  fc.assert(
    fc.property(calls, (call) => {
      const choices = [0, 1, 2, 3, 4, 5, 6].map((step) => choiceOf(given(text(keep), call, more(step))));
      for (const [step, smaller] of choices.entries()) {
        const larger = choices[step + 1];
        if (larger) expect(smaller.every((one, at) => !one || larger[at])).toBe(true);
      }
    }),
    RUNS,
  );
});

test("what is always there is there, within a choice or on top of it, and nothing that the mask empties is", () => {
  fc.assert(
    fc.property(calls, fc.constantFrom("", "within "), (call, within) => {
      const made = given(text("top n", `always ${within}first 1, diagonal`), call, { n: 1 });
      const { selections, mask } = sightOf(made);
      choiceOf(made);
      for (let head = 0; head < call.heads; head++) {
        const { rows, keys, chosen } = selections[0]!(0, head);
        for (const [i, row] of rows.entries()) {
          for (const [j, key] of keys.entries()) {
            const seen = row.some((q) => key.some((k) => mask.visible(0, head, q, k)));
            const wanted = j === 0 || row.some((q) => key.includes(q));
            if (!seen) expect(chosen[i]![j]).toBe(false);
            else if (wanted) expect(chosen[i]![j]).toBe(true);
          }
        }
      }
    }),
    RUNS,
  );
});

test("a mass of 1 is dense attention, and one that cannot be reached keeps all or nothing", async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (call) => {
      const dense = attend(given("attention dense { mask q >= k }", call)).out;
      for (const [keep, amount] of [
        ["mass amount of softmax", 1],
        ["mass amount of softmax", 1.5],
      ] as const) {
        const made = given(text(keep), call, { amount });
        expect(attend(made).out).toEqual(dense);
        const { out } = await wasmRunner.run(made);
        for (let at = 0; at < dense.length; at++) expect(Math.abs(out[at]! - dense[at]!)).toBeLessThan(1e-5);
      }
      const none = given(text("mass amount of softmax else none"), call, { amount: 1.5 });
      expect(choiceOf(none)).not.toContain(true);
      expect((await wasmRunner.run(none)).out.every((element) => element === 0)).toBe(true);
    }),
    RUNS,
  );
});

test("equal heads choose equally", () => {
  fc.assert(
    fc.property(calls, (call) => {
      const made = given(text("mass amount of softmax", "always first 1"), { ...call, heads: 2 });
      const { kvHeads, keys, dim, queries } = made.shape;
      const same = (values: ArrayLike<number>, size: number) =>
        Float32Array.from({ length: 2 * size }, (_, at) => values[at % size]!);
      const query = { ...made.query, data: same(made.query.data as Float32Array, queries * dim) };
      const key = { ...made.key, data: same(made.key.data as Float32Array, keys * dim) };
      expect(kvHeads).toBe(2);
      const choice = choiceOf({ ...made, query, key });
      expect(choice.slice(0, choice.length / 2)).toEqual(choice.slice(choice.length / 2));
    }),
    RUNS,
  );
});

test("no budget keeps nothing, a negative one too, and a large one keeps all candidates", () => {
  fc.assert(
    fc.property(calls, (call) => {
      for (const n of [0, -3]) expect(choiceOf(given(text("top n"), call, { n }))).not.toContain(true);
      const all = choiceOf(given(text("where true"), call));
      expect(choiceOf(given(text("top n"), call, { n: 1e6 }))).toEqual(all);
      expect(choiceOf(given(text("top n at most 2147483647"), call, { n: 2 ** 31 - 1 }))).toEqual(all);
    }),
    RUNS,
  );
});
