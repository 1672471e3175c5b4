// The reference interpreter beside the published systems, each computed by code of its own.

import { expect, test } from "vitest";
import { attend } from "../../src/reference/attention.ts";
import { maskOf } from "../../src/reference/mask.ts";
import { selectionOf } from "../../src/reference/selection.ts";
import { storedOrderOf } from "../../src/reference/stored-order.ts";
import { SYSTEMS } from "./all.ts";
import { caseOf } from "./case.ts";
import { draw } from "./dense.ts";

const cases = SYSTEMS.flatMap((system) =>
  system.calls.map((call, place) => ({ name: `${system.name}, call ${place}`, system, call, place })),
);

test.for(cases)("$name", ({ system, call, place }) => {
  const inputs = draw(call, place + 1);
  const wanted = system.run(inputs);
  const given = caseOf(system.attn, inputs);
  const { out, named = {} } = attend(given);
  const { heads } = inputs.sizes;
  if (wanted.order) {
    const orderOf = storedOrderOf(given);
    const { permutation } = given.attention;
    wanted.order.forEach((order, index) => {
      const stored = orderOf(Math.floor(index / heads), index % heads);
      expect(permutation?.of === "query" ? stored.query : stored.key).toEqual(order);
    });
  }
  if (wanted.selected) {
    const [sparsity] = given.attention.sparsities!;
    const selection = selectionOf(given, sparsity!, maskOf(given), storedOrderOf(given));
    wanted.selected.forEach((chosen, index) => {
      expect(selection(Math.floor(index / heads), index % heads).chosen).toEqual(chosen);
    });
  }
  expectClose(out, wanted.out);
  for (const [name, values] of Object.entries(wanted.outputs ?? {})) expectClose(named[name]!.data, values);
});

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(found.length).toBe(wanted.length);
  for (let at = 0; at < wanted.length; at++)
    expect(Math.abs(found[at]! - wanted[at]!), `element ${at}`).toBeLessThan(1e-9);
}
