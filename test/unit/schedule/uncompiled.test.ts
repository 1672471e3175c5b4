// What is described and not compiled is said, with its place: nothing that has one is lowered.

import { expect, test } from "vitest";
import { findUncompiled } from "../../../src/schedule/uncompiled.ts";
import { TARGETS } from "../../../targets/index.ts";
import { attentionOf } from "../execute/calls.ts";

const found = (permutation: string) => {
  const attention = attentionOf(`permutation order { ${permutation} }\nattention t { permute order }`);
  return TARGETS.map((target) =>
    findUncompiled(attention, target).map((each) => "construct" in each && each.construct),
  );
};

test("orders by positions are compiled on every target", () => {
  for (const order of ["of token order by k % 3, -k", "of query order by -q", "of key within 8 order by k * b % 5"]) {
    expect(found(order)).toEqual(TARGETS.map(() => []));
  }
});

test("an order that differs from head to head is not: all heads of a batch are stored in one", () => {
  expect(found("of key order by k * kv % 5")).toEqual(TARGETS.map(() => ["permute order by"]));
  expect(found("of key per head order by k * h % 5")).toEqual(TARGETS.map(() => ["permute per head"]));
});
