// Orders of storage on a device, each told from others by blocks of stored places; that nothing is written out of bounds, and
// that tiles are skipped.

import { afterAll, describe, expect } from "vitest";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { attend } from "../../src/reference/attention.ts";
import type { Case } from "../../src/spec/case.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";
import { orderCalls } from "../unit/execute/order-calls.ts";
import { changedElements, movedElements } from "../unit/execute/order-laws.ts";
import { orders } from "../unit/execute/orders.ts";
import { tilesAreSkipped } from "../unit/execute/skipping.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";
import { guardBuffers } from "./guards.ts";
import { asHalves, expectAgreementOnViews, expectClose, TOLERANCE } from "./steps.ts";

afterAll(closeAdapter);

const run = (call: Case) => wgslRunner(device!, "a device").run(call);

describe.each(Object.entries(orders))("%s", (_, text) => {
  onDevice("agrees, and nothing is written out of bounds", async () => {
    const create = device!.createBuffer;
    const guards = guardBuffers(device!);
    for (const call of orderCalls(attentionOf(text))) {
      const [found, wanted] = [await run(call), attend(call)];
      expectClose(found.out, wanted.out);
      if (found.lse) expectClose(found.lse, wanted.lse!);
    }
    expect(await guards.touched()).toEqual([]);
    device!.createBuffer = create;
  });
});

onDevice("halves are moved one by one, where two rows share a word too", async () => {
  for (const name of ["ties keep their order", "rows of a picture", "a window, whose rows are moved"]) {
    const attention = attentionOf(orders[name]!);
    const axes = attention.grid ? { y: 5 } : {};
    const call = callOf(attention, { shape: { queries: 37, keys: 41, axes }, keyLengths: [41, 20] });
    const [query, key, value] = [asHalves(call.query), asHalves(call.key), asHalves(call.value)];
    const given = { ...call, query, key, value };
    const [found, wanted] = [await run(given), attend(given)];
    expectClose(found.out, wanted.out, 2 ** -11);
    if (found.lse) expectClose(found.lse, wanted.lse!);
  }
});

onDevice("views with offsets and strides", () =>
  expectAgreementOnViews(attentionOf(orders["what falls and what rises"]!)),
);

onDevice("tiles are skipped in the order, and only there", async () => {
  const { ordered, asTheyAre, worst } = await tilesAreSkipped(run);
  expect({ ordered, asTheyAre }).toEqual({ ordered: true, asTheyAre: false });
  expect(worst).toBeLessThan(TOLERANCE);
});

onDevice("what is moved comes back to where it was, and an order of ties changes no bit", async () => {
  expect(await movedElements(run)).toBe(0);
  expect(await changedElements(run)).toBe(0);
});
