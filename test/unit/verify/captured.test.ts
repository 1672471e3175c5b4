import { expect, test } from "vitest";
import { emptyCase } from "../../../src/cli/shapes.ts";
import { floats } from "../../../src/tensors/elements.ts";
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

test.each([
  ["f16", 0.1, 0.7],
  ["bf16", 0.1, 0.3],
  ["bf16", -0.3, -0.1],
])("%s keeps a range whose ends it cannot hold: %f to %f", (element, low, high) => {
  const attention = attentionOf(`attention a(gate: ${element}[token] in ${low}..${high}) { score s + gate[k] }`);
  const shape = { batch: 1, heads: 1, kvHeads: 1, queries: 9, keys: 2000, dim: 8, valueDim: 8, axes: {} };
  const { gate } = capturedTensors(emptyCase(attention, {}, shape), numbersOf(1, 0));
  const [least, most] = [Math.min(...floats(gate!)), Math.max(...floats(gate!))];
  expect(least).toBeGreaterThanOrEqual(low);
  expect(most).toBeLessThanOrEqual(high);
  expect(most - least).toBeGreaterThan((high - low) / 2);
});
