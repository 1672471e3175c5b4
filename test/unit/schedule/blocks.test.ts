import { expect, test } from "vitest";
import { evaluateConstant } from "../../../src/ir/evaluate.ts";
import type * as ir from "../../../src/ir/expr.ts";
import { int } from "../../../src/ir/make.ts";
import { blockString, blocksOf, keyTileCount } from "../../../src/schedule/blocks.ts";
import type { BlockSource, Visit } from "../../../src/schedule/plan.ts";

const tile = { queries: 4, keys: 8 };
const evaluate = (expr: ir.Expr) => evaluateConstant(expr, "decide") as number;
const range = (first: number, end: number): BlockSource => ({ kind: "range", first: int(first), end: int(end) });
const blocks = (source: BlockSource, keys: number) => [...blocksOf(source, keys, tile, evaluate)];

test("every tile that holds a key is named once, the ragged one too", () => {
  expect(blocks({ kind: "every" }, 17)).toEqual([0, 1, 2]);
  expect(blocks({ kind: "every" }, 16)).toEqual([0, 1]);
  expect(blocks({ kind: "every" }, 0)).toEqual([]);
  expect(keyTileCount(17, tile)).toBe(3);
});

test("a range is clipped to the tiles that exist", () => {
  expect(blocks(range(-3, 2), 17)).toEqual([0, 1]);
  expect(blocks(range(1, 99), 17)).toEqual([1, 2]);
  expect(blocks(range(2, 1), 17)).toEqual([]);
});

test("a picture shows which tiles are skipped, full and partial", () => {
  const visits: readonly Visit[] = [
    { fact: "full", blocks: range(0, 1), applyMask: false, reason: "" },
    { fact: "partial", blocks: range(2, 3), applyMask: true, reason: "" },
  ];
  expect(blockString(visits, 31, tile, evaluate)).toBe("fepe");
});
