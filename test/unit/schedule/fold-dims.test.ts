import { expect, test } from "vitest";
import { bool, extent, float, op } from "../../../src/ir/make.ts";
import { foldDims } from "../../../src/schedule/fold-dims.ts";
import { attentionIr, toFloat } from "./attention.ts";

const dims = { dim: 64, valueDim: 8 };

test("extents of dims become numbers, and what they decide is decided", () => {
  const mask = op("gt", extent("valueDim"), extent("dim"));
  const folded = foldDims(attentionIr({ mask }), dims);
  expect(folded.scale).toBe(float(0.125));
  expect(folded.mask).toBe(bool(false));
});

test("a mask folds in f32, a score in f64", () => {
  const tenth = op("div", float(1), op("add", toFloat(extent("dim")), float(-54)));
  const folded = foldDims(attentionIr({ score: tenth, mask: op("eq", tenth, float(0.1)) }), dims);
  expect(folded.score).toBe(float(0.1));
  expect(folded.mask).toBe(bool(true)); // Both sides are the f32 next to a tenth.
});

test("an attention that reads no dim stays the same object", () => {
  const attention = attentionIr({ scale: float(1) });
  expect(foldDims(attention, dims)).toBe(attention);
});
