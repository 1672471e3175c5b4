// One block list step, interpreted: the walk of every query tile, written down once for all heads.

import type { Bindings } from "../ir/evaluate.ts";
import type { BlockListPlan } from "../schedule/plan.ts";
import { type Visit, visits } from "../schedule/traversal.ts";
import type { Case } from "../spec/case.ts";
import { keysAlive } from "./environment.ts";
import { walkValues } from "./plan-values.ts";
import { tileValues } from "./walk.ts";

/** The tiles to visit, by batch and query tile. */
export type BlockLists = readonly (readonly (readonly Visit[])[])[];

export function runBlockList(plan: BlockListPlan, call: Case, bindings: Bindings): BlockLists {
  const { tile, group } = plan;
  const { batch: batches, queries } = call.shape;
  const values = walkValues(plan, bindings);
  return Array.from({ length: batches }, (_, batch) =>
    Array.from({ length: Math.ceil(queries / tile.queries) }, (_, index) => {
      const first = index * tile.queries;
      const rows = { batch, head: 0, first, end: Math.min(first + tile.queries, queries) };
      const facts = tileValues({ values, bindings, call }, rows);
      return [...visits(true, { first: 0, end: keysAlive(call, batch) }, tile, facts, group)];
    }),
  );
}
