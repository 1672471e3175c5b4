// The tensors of one run of a program: what the caller passes, and room in f64 for outputs and scratch. Scratch is NaN
// at first, so that a value which no step wrote shows in the answer.

import { partElements } from "../schedule/few.ts";
import type { Program } from "../schedule/plan.ts";
import { attendSteps, splitSteps } from "../schedule/steps.ts";
import type { Case } from "../spec/case.ts";
import { floats } from "../tensors/elements.ts";

type Numbers = Float64Array | Float32Array;

export type PlanBuffers = {
  /** The elements of one row; `row` counts rows of the call, `key` keys of the batch. */
  queryRow(batch: number, head: number, row: number): Numbers;
  keyRow(batch: number, kv: number, key: number): Numbers;
  valueRow(batch: number, kv: number, key: number): Numbers;
  /** [batch, heads, queries, valueDim] */
  readonly out: Float64Array;
  /** [batch, heads, queries] */
  readonly lse: Float64Array;
  /** By the buffer's name. */
  readonly scratch: { readonly [name: string]: Float64Array };
};

/** Buffers for one run of the program. */
export function allocateBuffers(program: Program, call: Case): PlanBuffers {
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = call.shape;
  const [query, key, value] = [floats(call.query), floats(call.key), floats(call.value)];
  const rows = batch * heads * queries;
  const scratch = [
    ...attendSteps(program).flatMap(({ plan }) => (plan.statistics ? [{ name: plan.statistics, size: rows * 2 }] : [])),
    ...splitSteps(program).map(({ plan: { split, dims } }) => ({
      ...{ name: split!.parts, size: partElements(split!, dims, call.shape) },
    })),
  ];
  const rowOf = (from: Numbers, index: number, width: number) => from.subarray(index * width, (index + 1) * width);
  return {
    queryRow: (b, h, row) => rowOf(query, (b * heads + h) * queries + row, dim),
    keyRow: (b, kv, k) => rowOf(key, (b * kvHeads + kv) * keys + k, dim),
    valueRow: (b, kv, k) => rowOf(value, (b * kvHeads + kv) * keys + k, valueDim),
    out: new Float64Array(rows * valueDim),
    lse: new Float64Array(rows),
    scratch: Object.fromEntries(scratch.map(({ name, size }) => [name, new Float64Array(size).fill(Number.NaN)])),
  };
}
