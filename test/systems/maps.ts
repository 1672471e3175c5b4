// The maps p of a call, 0 where a pair is not visible, and what it takes to reduce them to named outputs.

import { attend, causal, headsOf, type Inputs, mapOf, type Result, range, square, sum } from "./dense.ts";

const DECODE = square(60, { queries: 5, heads: 6, kvHeads: 2, batch: 2 });
export const MAP_CALLS = [{ sizes: square(50) }, { sizes: DECODE }, { sizes: square(5, { heads: 3 }) }];

/** [rows][keys] of one head. */
export type Weights = readonly (readonly number[])[];
/** The maps of a call, [batch][heads][rows][keys], with what is needed to reduce them. */
export type Maps = { readonly maps: readonly (readonly Weights[])[]; readonly inputs: Inputs };

/** The sums of the columns. */
export const columns = (p: Weights): number[] => p[0]!.map((_, k) => sum(p.map((row) => row[k]!)));

export const average = (lists: readonly (readonly number[])[]): number[] =>
  lists[0]!.map((_, k) => sum(lists.map((list) => list[k]!)) / lists.length);

/** Flat numbers of a call. */
export type Statistic = (call: Maps) => readonly number[];

/** Dense causal attention with some named reductions of its maps. */
export const withOutputs =
  (outputs: Readonly<Record<string, Statistic>>) =>
  (inputs: Inputs): Result => {
    const heads = headsOf(inputs);
    const maps = range(inputs.sizes.batch).map((b) =>
      heads.filter((head) => head.b === b).map((head) => mapOf(head, causal)),
    );
    return {
      out: attend(heads, causal),
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, of]) => [name, Float64Array.from(of({ maps, inputs }))]),
      ),
    };
  };

/** Of every head by itself: [batch, heads, ...]. */
export const perHead =
  (of: (p: Weights) => readonly number[]) =>
  ({ maps }: Maps): number[] =>
    maps.flat().flatMap(of);

/** The mean over the heads that share a KV head: [batch, kvHeads, ...]. */
export const perGroup =
  (of: (p: Weights) => readonly number[], after: (list: number[]) => readonly number[] = (list) => list) =>
  ({ maps, inputs }: Maps): number[] => {
    const group = inputs.sizes.heads / inputs.sizes.kvHeads;
    return maps.flatMap((heads) =>
      range(inputs.sizes.kvHeads).flatMap((kv) => after(average(heads.slice(kv * group, (kv + 1) * group).map(of)))),
    );
  };

/** Over all heads of a batch: [batch, ...]. */
export const perBatch =
  (of: (heads: readonly Weights[]) => readonly number[]) =>
  ({ maps }: Maps): number[] =>
    maps.flatMap(of);
