// When a program writes its walk down as a list of blocks, in a step ahead of the passes. A jump in closed form needs no
// list. What cannot be solved for the key is asked tile by tile, and as long as no head is asked about, the answers are the
// same for all heads and all passes.

import { dependencies } from "../analysis/depends.ts";
import type * as ir from "../ir/expr.ts";
import { walkExpressions } from "./expressions.ts";
import type { Let } from "./loop.ts";
import type { AttendPlan, BlockListPlan, StepOf } from "./plan.ts";

/** Key tiles of a group. */
const GROUP = 8;

/** The step that writes the list of blocks of this pass; undefined where its walk is better off without. */
export function blockListStep(
  name: string,
  mask: ir.Expr,
  { tile, head, queryTile, traversal }: AttendPlan,
): StepOf<BlockListPlan> | undefined {
  const { axes, tensors } = dependencies(mask);
  const isShared = !axes.has("head") && !axes.has("kv");
  if (!isShared || !traversal.may || traversal.unsolved.length === 0) return undefined;
  const list = { counts: `${name}.counts`, tiles: `${name}.tiles` };
  const { lets, read } = needed(
    head,
    walkExpressions({ head: [], queryTile, traversal }).map(({ value }) => value),
  );
  // Summaries speak of two stretches at most, so they know nothing of a group.
  const group = [...read].some((tensor) => !tensors.has(tensor)) ? 1 : GROUP;
  const plan: BlockListPlan = { kind: "blocks", list, tile, group, head: lets, queryTile, traversal };
  return { name, plan, reads: [...[...read].sort(), "key_lengths", "query_start"], writes: [list.counts, list.tiles] };
}

/** The lets that the expressions need, and the tensors that all of them load. */
function needed(lets: readonly Let[], roots: readonly ir.Expr[]) {
  const { locals, tensors } = dependencies(...roots);
  const [names, read] = [new Set(locals), new Set(tensors)];
  const kept = lets.toReversed().filter(({ name, value }) => {
    if (!names.has(name)) return false;
    const own = dependencies(value);
    for (const local of own.locals) names.add(local);
    for (const tensor of own.tensors) read.add(tensor);
    return true;
  });
  return { lets: kept.toReversed(), read };
}
