// One pass over the map: where each of its expressions is computed, how the keys are walked, and what the target's threads do
// with a tile.

import type { Target } from "../../targets/target.ts";
import { dependencies, ONE_HEAD, SEVERAL_HEADS } from "../analysis/depends.ts";
import type * as ir from "../ir/expr.ts";
import { bool, quantity } from "../ir/make.ts";
import { storedDiagonals } from "./diagonal.ts";
import { chooseExchange } from "./exchange.ts";
import { planExpressions } from "./expressions.ts";
import { hoist } from "./hoist.ts";
import type { Region } from "./loop.ts";
import type { AttendPlan, Decode, Dims, Reduce, Rows, Step, StepOf } from "./plan.ts";
import { sumsValues } from "./split.ts";
import { type ReducePass, rowsOfAll } from "./statistics.ts";
import { chooseTraversal, type MaskFacts } from "./traversal.ts";
import { chooseWarpgroups, packsHeads } from "./warpgroup-work.ts";
import type { WeightForm } from "./weight.ts";

/** What all steps of a program share. */
export type Context = {
  readonly attention: ir.AttentionIr;
  readonly target: Target;
  readonly dims: Dims;
  readonly rows: Rows;
  readonly taken: ReadonlySet<string>;
  readonly facts: MaskFacts | undefined;
  readonly scale: { readonly at: "query" | "pair"; readonly value: ir.Expr };
  readonly score: ir.Expr;
};

type StepChoice = Pick<AttendPlan, "pass" | "writes" | "statistics" | "split"> & {
  readonly name: string;
  readonly weight?: WeightForm | undefined;
  readonly reduce?: ReducePass;
};

/** One pass over the map, as a step with the buffers that it touches. */
export function attendStep(context: Context, choice: StepChoice): StepOf<AttendPlan> {
  const plan = attendPlan(context, choice);
  return { name: choice.name, plan, ...accesses(context.attention, plan) };
}

/** What is computed inside the kernel. */
type Roots = { readonly scale: ir.Expr } & {
  readonly [name in "mask" | "score" | "weight" | "sink" | ReturnType<typeof foldName>]?: ir.Expr;
};
const foldName = (index: number) => `fold${index}` as const;

function attendPlan(context: Context, choice: StepChoice): AttendPlan {
  const { attention, target, dims, rows, scale, score, taken } = context;
  const { pass, writes, statistics, split, weight, reduce } = choice;
  const { tile } = (split && target.split) ?? (reduce && target.reduce) ?? target;
  const { mask, empty } = attention;
  const sink = attention.normalize.kind === "softmax" ? attention.normalize.sink : undefined;
  const sums = pass === "online" || pass === "statistics";
  const roots: Roots = {
    scale: scale.value,
    ...(mask === bool(true) ? {} : { mask }),
    ...(score === quantity("score") ? {} : { score }),
    ...(weight ? { weight: weight.value } : {}),
    ...(sums && sink ? { sink } : {}),
    ...Object.fromEntries((reduce?.folds ?? []).map(({ value }, index) => [foldName(index), value])),
  };
  // Rows of a split, or of several heads, stand at few distances from a key, and in no order.
  const packs = split ? split.packs : !reduce && packsHeads(target, attention);
  const distances =
    split || packs
      ? new Set<ir.Expr>()
      : storedDiagonals(
          Object.values<ir.Expr | undefined>(roots).filter((root) => root !== undefined),
          tile,
        );
  const axes = packs ? SEVERAL_HEADS : ONE_HEAD;
  const { head, row, key, diagonal, regions } = hoist(roots, taken, { diagonal: distances, axes });
  const named = new Set([...taken, ...[...head, ...row, ...key, ...diagonal].map(({ name }) => name)]);
  const walk = chooseTraversal(context.facts, tile, named);
  const { kind } = attention.normalize;
  // Shares of a sum are found from the scores by the folds themselves.
  const normalize = reduce && kind === "sum" ? "none" : kind;
  const exchange = chooseExchange(target, { tile, pass, normalize });
  const walking = { head: [...head, ...walk.head], queryTile: walk.queryTile, traversal: walk.traversal };
  // Folds are work for single threads.
  const warpgroups = reduce
    ? undefined
    : chooseWarpgroups(target, { ...(split ? { split } : {}), writes, tile, dims, ...walking }, packs);
  return {
    kind: "attend",
    pass,
    ...(statistics ? { statistics } : {}),
    ...(reduce ? { reduce: reduceOf(reduce, regions) } : {}),
    ...(split ? { split } : {}),
    ...{ dims, rows, tile },
    decode: split || reduce ? { queries: 0, keys: tile.keys } : chooseDecode(target, dims, rows),
    ...(exchange ? { exchange } : {}),
    // Few rows would leave most of a matrix empty, and folds are most of the work of a pass that has them.
    ...(target.matrix && !split && !reduce ? { matrix: target.matrix } : {}),
    ...(warpgroups ? { warpgroups } : {}),
    ...walking,
    row,
    key,
    diagonal,
    scale: { at: scale.at, value: regions.scale.value },
    ...(regions.score ? { score: regions.score } : {}),
    ...(regions.mask ? { mask: regions.mask } : {}),
    ...(weight && regions.weight ? { weight: { form: weight.form, region: regions.weight } } : {}),
    normalize,
    ...(regions.sink ? { sink: regions.sink.value } : {}),
    empty,
    writes,
  };
}

function reduceOf({ folds, walks }: ReducePass, regions: { readonly [name in keyof Roots]?: Region }): Reduce {
  const rows = rowsOfAll(folds);
  return {
    walks,
    folds: folds.map(({ value: _, ...fold }, index) => ({ ...fold, region: regions[foldName(index)]! })),
    ...(rows && { rows }),
  };
}

/** At most the rows of a tile; whole tiles of keys, as many as the cache holds with their values, and at least one. Of
 *  keys that are widened before they are multiplied, one: there is room for one, and it is widened once for all heads. */
function chooseDecode({ tile, decode }: Target, { dim, valueDim }: Dims, { query, stored }: Rows): Decode {
  const tileBytes = tile.keys * (dim + valueDim) * 4;
  const tiles = query === stored ? Math.max(1, Math.floor(decode.cacheBytes / tileBytes)) : 1;
  return { queries: Math.min(decode.queries, tile.queries), keys: tile.keys * tiles };
}

/** Buffers that the step touches, in the program's order. */
function accesses(attention: ir.AttentionIr, plan: AttendPlan): Pick<Step, "reads" | "writes"> {
  const { tensors, quantities } = dependencies(attention.queryStart, ...planExpressions(plan));
  const scratch = plan.statistics ? [plan.statistics] : [];
  const needsValue = sumsValues(plan) || quantities.has("valueNorm2");
  const captured = attention.tensors.map(({ name }) => name);
  const loaded = [
    ...captured.filter((name) => tensors.has(name)),
    ...[...tensors].filter((name) => !captured.includes(name)),
  ];
  return {
    reads: [
      ...["query", "key", ...(needsValue ? ["value"] : []), ...loaded, "key_lengths", "query_start"],
      ...(plan.pass === "replay" ? scratch : []),
    ],
    writes: [
      ...(plan.writes.out ? ["out"] : []),
      ...(plan.writes.lse ? ["lse"] : []),
      ...(plan.pass === "statistics" ? scratch : []),
      ...(plan.split ? [plan.split.parts] : []),
    ],
  };
}
