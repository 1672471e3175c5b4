import { expect, test } from "vitest";
import { nearest } from "../../../src/diagnostics/suggest.ts";

const known = ["causal", "sliding_window", "softcap", "softmax", "sinks", "w"];

test.for([
  ["Causal", "causal"],
  ["causa", "causal"],
  ["cuasal", "causal"],
  ["slidingWindow", "sliding_window"],
  ["sink", "sinks"],
  ["softcax", undefined],
  ["softma", "softmax"],
  ["window", undefined],
  ["x", undefined],
  ["", undefined],
] as const)("%s is nearest to %s", ([word, expected]) => {
  expect(nearest(word, known)).toBe(expected);
});

test("a name is not its own suggestion", () => {
  expect(nearest("causal", ["causal"])).toBeUndefined();
});

test("very long words are not compared", () => {
  expect(nearest("a".repeat(100_000), ["a".repeat(100_000).concat("b")])).toBeUndefined();
});
