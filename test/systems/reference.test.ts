// The reference interpreter beside the published systems, each computed by code of its own.

import { expect, test } from "vitest";
import { attend } from "../../src/reference/attention.ts";
import { maskOf } from "../../src/reference/mask.ts";
import { selectionOf } from "../../src/reference/selection.ts";
import { storedOrderOf } from "../../src/reference/stored-order.ts";
import type { Case } from "../../src/spec/case.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import { specOf } from "../check.ts";
import { SYSTEMS } from "./all.ts";
import { draw, type Inputs } from "./dense.ts";

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

function caseOf(text: string, { sizes, query, key, value, scalar, tensor }: Inputs): Case {
  const attention = specOf(text).attentions.at(-1)!;
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = sizes;
  const defaults = attention.params.flatMap(({ name, default: known }) => (known === undefined ? [] : [[name, known]]));
  const tensors = attention.tensors.map(({ name, element }) => {
    const { shape, data } = tensor[name]!;
    return [name, makeTensor(element, [...shape], [...data])];
  });
  return {
    attention,
    shape: { batch, heads, kvHeads, queries, keys, dim, valueDim, axes: sizes.axes ?? {} },
    params: { ...Object.fromEntries(defaults), ...scalar },
    tensors: Object.fromEntries(tensors),
    query: makeTensor("f32", [batch, heads, queries, dim], [...Array.from(query)]),
    key: makeTensor("f32", [batch, kvHeads, keys, dim], [...Array.from(key)]),
    value: makeTensor("f32", [batch, kvHeads, keys, valueDim], [...Array.from(value)]),
  };
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(found.length).toBe(wanted.length);
  for (let at = 0; at < wanted.length; at++)
    expect(Math.abs(found[at]! - wanted[at]!), `element ${at}`).toBeLessThan(1e-9);
}
