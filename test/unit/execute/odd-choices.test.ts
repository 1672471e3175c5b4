// What the language defines where a budget or an order looks like a mistake: all blocks, none, or the order of a stable sort;
// the same on the reference, the plan and WebAssembly. Sizes that are not known are problems: test/corpus/errors, E0450, E0419.

import { describe, expect, test } from "vitest";
import { planRunner } from "../../../src/execute/run-plan.ts";
import { wasmRunner } from "../../../src/execute/run-wasm.ts";
import { attend } from "../../../src/reference/attention.ts";
import { storedOrderOf } from "../../../src/reference/stored-order.ts";
import type { Case } from "../../../src/spec/case.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { attentionOf, callOf } from "./calls.ts";

const SCORE = "score dot(mean[query] Q, mean[key] K)";
const shape = { queries: 30, keys: 41 };
const dense = "attention t { mask k <= q output lse }";

/** A rule of `keep`, and what it must come to: everything that the mask shows, nothing, or the diagonal alone. */
const BUDGETS = [
  ["top 0", "nothing"],
  ["top -3", "nothing"],
  ["top 1000", "everything"],
  ["top 1000 over all", "everything"],
  ["top 5 at most 0", "nothing"],
  ["top 0 at least 1000", "everything"],
  ["ratio 0.0", "nothing"],
  ["ratio 2.0", "everything"],
  ["mass 0.0 of softmax", "nothing"],
  ["mass -1.0 of softmax", "nothing"],
  ["mass 1.0 of softmax", "everything"],
  ["mass 1.5 of softmax", "everything"],
  ["mass 1.5 of softmax else none", "nothing"],
  ["mass 1.5 of softmax over all else none", "nothing"],
  ["above 1000000.0", "nothing"],
  ["above -1000000.0", "everything"],
] as const;

describe.each(BUDGETS)("keep %s is %s", (keep, what) => {
  test.each(["", "always i == j"])("%s", async (always) => {
    const attention = attentionOf(
      `sparsity some { blocks 8 x 8 ${SCORE} keep ${keep} ${always} } attention t { mask k <= q sparsity some output lse }`,
    );
    const call = callOf(attention, { shape });
    const diagonal = "attention t { mask k <= q and k // 8 == (q - 11) // 8 output lse }";
    const nothing = always === "" ? "attention t { mask k < 0 output lse }" : diagonal;
    const wanted = attend({ ...call, attention: attentionOf(what === "everything" ? dense : nothing) });
    expectClose(attend(call), wanted, 1e-12);
    await expectLevels(call, wanted);
  });
});

const attends = "mask k <= q permute given output lse";
const captured = attentionOf(
  `permutation given(place: i32[token]) { of token order by place[k] } attention t(place: i32[token]) { mask k <= q permute given(place) output lse }`,
);

describe("a captured order", () => {
  const places = {
    "with equal places": (token: number) => token % 3,
    "of one place": () => 7,
    "with places that no token has": (token: number) => 1000 - 37 * token,
  };

  test.each(Object.entries(places))("%s sorts, and changes no result", (_, placeOf) => {
    const call = callOf(captured, { shape });
    const line = Array.from({ length: 41 }, (_, token) => placeOf(token));
    const ordered = { ...call, tensors: { place: makeTensor("i32", [41], line) } };
    const stored = line.map((_, token) => token).sort((a, b) => line[a]! - line[b]! || a - b);
    expect(storedOrderOf(ordered)(0, 0).key).toEqual(stored);
    expectClose(attend(ordered), attend({ ...ordered, attention: attentionOf(dense) }), 1e-12);
  });
});

test.each([
  ["more rows than keys", { shape: { queries: 41, keys: 30 } }],
  ["rows at no key's position", { shape, queryStart: [35, -7] }],
  ["keys that are not alive", { shape, keyLengths: [41, 3] }],
] as const)("an order of tokens moves %s", async (_, options) => {
  const call = callOf(
    attentionOf(`permutation given { of token order by k % 4, k descending } attention t { ${attends} }`),
    options,
  );
  const wanted = attend({ ...call, attention: attentionOf(dense) });
  expectClose(attend(call), wanted, 1e-12);
  await expectLevels(call, wanted);
});

type Result = { readonly out: ArrayLike<number>; readonly lse?: ArrayLike<number> | undefined };

/** In f64, and in f32 sums of at most 41 products of numbers below 3: see choices.test.ts. */
async function expectLevels(call: Case, wanted: Result): Promise<void> {
  expectClose(await planRunner.run(call), wanted, 1e-12);
  expectClose(await wasmRunner.run(call), wanted, 5e-5);
}

function expectClose(found: Result, wanted: Result, tolerance: number): void {
  for (const [got, exact] of [
    [found.out, wanted.out],
    [found.lse!, wanted.lse!],
  ]) {
    expect(got!.length).toBe(exact!.length);
    for (let at = 0; at < exact!.length; at++) {
      if (got![at] === exact![at] || Math.abs(got![at]! - exact![at]!) < tolerance) continue;
      expect(got![at], `element ${at}`).toBe(exact![at]);
    }
  }
}
