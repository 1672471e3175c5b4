// What the tests of this folder compare with: dense attention as the tests of the examples compute it, by other code.

import { denseAttention } from "../examples/dense.ts";
import { type Call, draw, headsOf, type Inputs, type Result, type Sight, type System } from "./dense.ts";

export const run = (system: System, call: Call, seed: number): Result => system.run(draw(call, seed));
export const count = (list: readonly boolean[]): number => list.filter(Boolean).length;
export const gap = (a: Float64Array, b: Float64Array): number => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

/** The output of dense attention under a mask, which is causal by positions unless another is given. */
export function dense(inputs: Inputs, sees?: Sight): Float64Array {
  const heads = headsOf(inputs);
  const row0 = inputs.sizes.keys - inputs.sizes.queries;
  return denseAttention(
    { visible: ({ b, h, q, k }) => (sees ? sees(heads[b * inputs.sizes.heads + h]!, q - row0, k) : k <= q) },
    { ...inputs, row0, tensor: {} },
  ).out;
}
