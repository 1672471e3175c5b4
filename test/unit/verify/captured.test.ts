import { expect, test } from "vitest";
import { emptyCase } from "../../../src/cli/shapes.ts";
import { capturedTensors } from "../../../src/verify/captured.ts";
import { numbersOf } from "../../../src/verify/numbers.ts";
import { attentionOf } from "../../check.ts";

test("a tensor along many tokens can be made up, and keeps its promises", () => {
  const attention = attentionOf("attention a(doc: i32[batch, token] in 0.. sorted) { mask doc[q] == doc[k] }");
  const tokens = 300_000;
  const shape = { batch: 1, heads: 1, kvHeads: 1, queries: tokens, keys: tokens, dim: 8, valueDim: 8, axes: {} };
  const { doc } = capturedTensors(emptyCase(attention, {}, shape), numbersOf(1, 0));
  expect(doc!.shape).toEqual([1, tokens]);
  const values = Array.from(doc!.data as Int32Array);
  expect(values.every((value, at) => value >= 0 && (at === 0 || values[at - 1]! <= value))).toBe(true);
});
