// The expressions of an attention as a list, so that passes, dumps and checks treat all of them alike and none is
// forgotten; and the way back from changed expressions to an attention.

import type { Arithmetic } from "./arithmetic.ts";
import type { AttentionIr, Expr } from "./expr.ts";
import { orderRoots, withOrderRoots } from "./order.ts";
import { selectionRoots, withRoots } from "./selection.ts";
import { statisticsRoots, withStatisticsRoots } from "./statistics.ts";

/** One expression of an attention, by the name it has in dumps and traces. */
export type Root = { readonly name: string; readonly expr: Expr; readonly arithmetic: Arithmetic };

/** Every expression of the attention. What decides is computed in f32, what is summed up is a real number. */
export function roots(ir: AttentionIr): readonly Root[] {
  const { normalize } = ir;
  const sink = normalize.kind === "softmax" ? normalize.sink : undefined;
  return [
    { name: "queryStart", expr: ir.queryStart, arithmetic: "decide" },
    { name: "mask", expr: ir.mask, arithmetic: "decide" },
    { name: "scale", expr: ir.scale, arithmetic: "real" },
    { name: "score", expr: ir.score, arithmetic: "real" },
    ...(sink ? [{ name: "sink", expr: sink, arithmetic: "real" } as const] : []),
    { name: "weight", expr: ir.weight, arithmetic: "real" },
    ...ir.selections.flatMap(selectionRoots),
    ...(ir.order ? orderRoots(ir.order) : []),
    ...(ir.statistics ? statisticsRoots(ir.statistics) : []),
    ...ir.tensors.flatMap(({ name, extents }) =>
      extents.map((expr, axis) => ({ name: `${name}.${axis}`, expr, arithmetic: "decide" }) as const),
    ),
  ];
}

/** The attention with every expression changed; the same object where nothing changes. */
export function mapRoots(ir: AttentionIr, change: (expr: Expr, arithmetic: Arithmetic) => Expr): AttentionIr {
  const changed = new Map(roots(ir).map(({ name, expr, arithmetic }) => [name, change(expr, arithmetic)]));
  if (roots(ir).every(({ name, expr }) => changed.get(name) === expr)) return ir;
  const sink = changed.get("sink");
  return {
    ...ir,
    queryStart: changed.get("queryStart")!,
    mask: changed.get("mask")!,
    scale: changed.get("scale")!,
    score: changed.get("score")!,
    weight: changed.get("weight")!,
    normalize: sink ? { kind: "softmax", sink } : ir.normalize,
    selections: ir.selections.map((selection) => withRoots(selection, (name) => changed.get(name)!)),
    ...(ir.order && { order: withOrderRoots(ir.order, (name) => changed.get(name)!) }),
    ...(ir.statistics && { statistics: withStatisticsRoots(ir.statistics, (name) => changed.get(name)!) }),
    tensors: ir.tensors.map((tensor) => ({
      ...tensor,
      extents: tensor.extents.map((_, axis) => changed.get(`${tensor.name}.${axis}`)!),
    })),
  };
}
