import { expect, test } from "vitest";
import type * as ir from "../../../src/ir/expr.ts";
import { float, load, local, op, param, quantity } from "../../../src/ir/make.ts";
import { hoist } from "../../../src/schedule/hoist.ts";
import { b, h, k, q, s, toFloat } from "./attention.ts";

const nothing = new Set<string>();
const slope = load("float", "slope", [h]);
const doc = (position: ir.Expr) => load("int", "doc", [b, position]);

test("what depends on the head alone is computed once a head, also inside a row's value", () => {
  const decay = op("exp", slope);
  const score = op("add", s, op("mul", decay, toFloat(q)));
  expect(hoist({ score }, nothing)).toEqual({
    head: [{ name: "head0", value: decay }],
    row: [{ name: "row0", value: op("mul", local("float", "head0"), toFloat(q)) }],
    key: [],
    diagonal: [],
    regions: { score: { lets: [], value: op("add", s, local("float", "row0")) } },
  });
});

test("a row's value, and a key's, is one local however many regions read it", () => {
  const mask = op("eq", doc(q), doc(k));
  const score = op("add", s, toFloat(doc(q)));
  const { row, key, regions } = hoist({ mask, score }, nothing);
  expect(row.map(({ value }) => value)).toEqual([doc(q), toFloat(local("int", "row0"))]);
  expect(key).toEqual([{ name: "key0", value: doc(k) }]);
  expect(regions.mask.value).toBe(op("eq", local("int", "row0"), local("int", "key0")));
  expect(regions.score.value).toBe(op("add", s, local("float", "row1")));
});

test("what is said to hang on the distance is one local of it, with all that it is made of", () => {
  const away = op("sub", op("add", q, h), k);
  const decay = op("exp", toFloat(away));
  const score = op("add", op("mul", s, decay), toFloat(op("add", q, h)));
  const mask = op("lt", op("add", decay, decay), float(0.5));
  const { row, diagonal, regions } = hoist({ mask, score }, nothing, { diagonal: new Set([decay]) });
  expect(diagonal).toEqual([{ name: "diagonal0", value: decay }]);
  expect(row.map(({ value }) => value)).toEqual([toFloat(op("add", q, h))]);
  const stored = local("float", "diagonal0");
  expect(regions.score.value).toBe(op("add", op("mul", s, stored), local("float", "row0")));
  expect(regions.mask.value).toBe(op("lt", op("add", stored, stored), float(0.5)));
});

test("coordinates, parameters and constants are read where they are needed", () => {
  const mask = op("lt", op("sub", q, k), param("int", "window"));
  expect(hoist({ mask }, nothing)).toEqual({
    head: [],
    row: [],
    key: [],
    diagonal: [],
    regions: { mask: { lets: [], value: mask } },
  });
});

test("a pair's value that is used twice gets a name, in each region by itself", () => {
  const near = op("abs", op("sub", q, k));
  const mask = op("lt", near, op("mul", near, near));
  const { regions } = hoist({ mask, weight: toFloat(near) }, nothing);
  expect(regions.mask.lets).toEqual([{ name: "mask0", value: near }]);
  expect(regions.weight.lets).toEqual([]);
});

test("a region that does not read the key is a single local", () => {
  const { row, regions } = hoist({ mask: op("lt", q, param("int", "n")) }, nothing);
  expect(row).toHaveLength(1);
  expect(regions.mask).toEqual({ lets: [], value: local("bool", "row0") });
});

test("names keep clear of those that are taken", () => {
  const { head } = hoist({ sink: op("exp", slope) }, new Set(["head0", "head1"]));
  expect(head.map(({ name }) => name)).toEqual(["head2"]);
});

test("doubling forty times stays linear, and four thousand levels do not overflow", () => {
  let doubled: ir.Expr = s;
  for (let level = 0; level < 40; level++) doubled = op("add", doubled, doubled);
  expect(hoist({ score: doubled }, nothing).regions.score.lets).toHaveLength(39);

  let deep: ir.Expr = quantity("score");
  for (let level = 0; level < 4000; level++) deep = op("mul", deep, float(level));
  expect(hoist({ score: deep }, nothing).regions.score.lets).toEqual([]);
});

test("values below a name are shared with the head's other values", () => {
  const both = op("add", op("exp", slope), op("sqrt", slope));
  const { head } = hoist({ sink: both }, nothing);
  expect(head.map(({ name }) => name)).toEqual(["head0", "head1"]);
  expect(head[0]?.value).toBe(slope);
});
