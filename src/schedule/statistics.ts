// The steps behind the passes over the keys that find the outputs which an attention names: one more pass or two, which know
// p by lse and fold the map, and then folds of what they left. No map is ever written down.

import type { Target } from "../../targets/target.ts";
import { dependencies } from "../analysis/depends.ts";
import type * as ir from "../ir/expr.ts";
import { op } from "../ir/make.ts";
import { type MapFold, type RowRange, statisticsTensors, type TensorFold } from "../ir/statistics.ts";
import type { Buffer, FoldPlan, Reduce, StepOf } from "./plan.ts";

export type ReducePass = Pick<Reduce, "walks"> & { readonly name: string; readonly folds: readonly MapFold[] };

/** Who folds what: one pass all of the map, or one along the keys and one along the queries, none with nothing to do. What
 *  others read of every pair is found before. */
export function reducePasses(folds: readonly MapFold[], target: Pick<Target, "reduce">): readonly ReducePass[] {
  const reads = new Set(folds.flatMap(({ value }) => [...dependencies(value).tensors]));
  const totals = folds.filter(({ tensor }) => reads.has(tensor.name));
  const others = folds.filter((fold) => !totals.includes(fold));
  return [...passesOver(totals, "reduce.totals", target), ...passesOver(others, "reduce", target)];
}

function passesOver(
  folds: readonly MapFold[],
  name: string,
  { reduce }: Pick<Target, "reduce">,
): readonly ReducePass[] {
  const along = (axis: MapFold["along"]) => folds.filter((fold) => fold.along === axis);
  const passes: readonly ReducePass[] = reduce
    ? [
        { name, walks: "rows", folds: along("key") },
        { name: `${name}.keys`, walks: "keys", folds: along("query") },
      ]
    : [{ name, walks: "rows", folds }];
  return passes.filter((pass) => pass.folds.length > 0);
}

/** Rows that some of the folds take; undefined where that is all. */
export function rowsOfAll(folds: readonly MapFold[]): RowRange | undefined {
  const ranges = folds.flatMap(({ rows }) => (rows ? [rows] : []));
  if (ranges.length < folds.length) return undefined;
  return ranges.reduce((all, { first, end }) => ({ first: op("min", all.first, first), end: op("max", all.end, end) }));
}

/** Tensors that the pass reads to bring what it found into the order of the call. */
export const placesRead = ({ order }: ir.AttentionIr): readonly string[] =>
  [order?.keys, order?.rows].flatMap((tensor) => (tensor ? [tensor.name] : []));

export function foldSteps({ statistics }: ir.AttentionIr): readonly StepOf<FoldPlan>[] {
  return (statistics?.ofTensors ?? []).map((fold) => ({
    name: `fold.${fold.tensor.name}`,
    plan: { kind: "fold", fold },
    reads: [...dependencies(...foldExpressions(fold)).tensors, "key_lengths", "query_start"],
    writes: [fold.tensor.name],
  }));
}

const foldExpressions = ({ value, along }: TensorFold): readonly ir.Expr[] => [
  value,
  ...(along ? [along.first, along.end] : []),
];

export function statisticsBuffers({ statistics }: ir.AttentionIr): readonly Buffer[] {
  if (!statistics) return [];
  return statisticsTensors(statistics).map(({ name, element, extents }) => ({
    ...{ name, element, extents },
    role: statistics.outputs.includes(name) ? "output" : "scratch",
  }));
}
