// Every example means what its formula says: the reference against a dense attention written by hand, on the same random
// inputs, masks to the last bit and outputs to f64 rounding. An example without a formula fails.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { attend } from "../../src/reference/attention.ts";
import { maskOf } from "../../src/reference/mask.ts";
import type { Case } from "../../src/spec/case.ts";
import type { Attention } from "../../src/spec/spec.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import { expectClean } from "../check.ts";
import { denseAttention, type Inputs } from "./dense.ts";
import { EXPECTED, type Expectation } from "./formulas.ts";

const folder = new URL("../../examples/", import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));

/** A small generator of its own, so that the inputs do not come from code that is under test. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

function makeCall(attention: Attention, formula: Expectation, index: number): [Case, Inputs] {
  const expected = formula.calls[index]!;
  const draw = draws(1 + index);
  const { sizes, scalar = {} } = expected;
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = sizes;
  const random = (shape: number[]) =>
    makeTensor(
      "f32",
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 4 * draw() - 2),
    );
  const rows = {
    query: random([batch, heads, queries, dim]),
    key: random([batch, kvHeads, keys, dim]),
    value: random([batch, kvHeads, keys, valueDim]),
  };
  const given = expected.tensor?.(draw) ?? {};
  const captured = attention.tensors.map(({ name, element }) => {
    const { shape, data } = given[name]!;
    return [name, makeTensor(element, shape, data)] as const;
  });
  const tensors = Object.fromEntries(captured);
  const params = Object.fromEntries(attention.params.map(({ name, default: value }) => [name, scalar[name] ?? value!]));
  const shape = { ...sizes, axes: sizes.axes ?? {} };
  return [
    { attention, shape, params, tensors, ...rows },
    {
      sizes,
      row0: formula.row0 ?? keys - queries,
      scalar,
      tensor: Object.fromEntries(captured.map(([name, { data }]) => [name, data])),
      query: rows.query.data,
      key: rows.key.data,
      value: rows.value.data,
    },
  ];
}

function expectNear(got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    if (got[i] === wanted[i]) continue;
    const error = Math.abs(got[i]! - wanted[i]!) / Math.max(1, Math.abs(wanted[i]!));
    expect(error, `element ${i}: ${got[i]} instead of ${wanted[i]}`).toBeLessThan(1e-9);
  }
}

describe.each(files)("%s", (file) => {
  const { attentions } = expectClean(readFileSync(join(folder, file), "utf8"));

  test.each(attentions.map((attention) => [attention.name.text, attention] as const))("%s", (name, attention) => {
    const expected = EXPECTED[`${file.replace(/\.attn$/, "")}#${name}`];
    expect(expected, "an example needs a formula of its own in formulas.ts").toBeDefined();
    for (const index of expected!.calls.keys()) {
      const [given, inputs] = makeCall(attention, expected!, index);
      const wanted = denseAttention(expected!, inputs);
      const { batch, heads, queries, keys } = given.shape;
      const mask = maskOf(given);
      const visible = new Uint8Array(batch * heads * queries * keys);
      for (let at = 0, b = 0; b < batch; b++) {
        for (let h = 0; h < heads; h++) {
          for (let i = 0; i < queries; i++)
            for (let k = 0; k < keys; k++) visible[at++] = mask.visible(b, h, i, k) ? 1 : 0;
        }
      }
      expect(visible).toEqual(wanted.visible);
      const { out, lse, named = {} } = attend(given);
      expectNear(out, wanted.out);
      expectNear(lse!, wanted.lse);
      const outputs = Object.entries(expected!.outputs ?? {});
      expect(Object.keys(named)).toEqual(outputs.map(([output]) => output));
      for (const [output, of] of outputs) expectNear(named[output]!.data, of(wanted, inputs));
    }
  });
});

test("no formula is left without its example", () => {
  const known = files.map((file) => file.replace(/\.attn$/, ""));
  expect(Object.keys(EXPECTED).filter((name) => !known.includes(name.split("#")[0]!))).toEqual([]);
});
