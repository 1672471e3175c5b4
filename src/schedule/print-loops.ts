// The kernels of a program written out as the loops that they will be, with the elementwise parts in place, which is where
// a reader sees what is computed how often.

import { printExpr } from "../ir/print.ts";
import { sharedChoices } from "../ir/selection.ts";
import { sideText } from "../ir/sides.ts";
import type { Region } from "./loop.ts";
import type {
  AttendPlan,
  BlockListPlan,
  ChoosePlan,
  FoldPlan,
  MergePlan,
  PairsPlan,
  PoolPlan,
  Program,
  Reduce,
  StepOf,
  SummaryPlan,
} from "./plan.ts";
import { inside, lines, poolText, printLet } from "./print.ts";
import { importanceLoops, moveLoops, orderLoops } from "./print-order-loops.ts";
import {
  isAttend,
  isBlockList,
  isChoose,
  isFold,
  isImportance,
  isMerge,
  isMove,
  isOrder,
  isPairs,
  isPool,
  isSummary,
} from "./steps.ts";

/** The loops of every step, outermost first. Ends with a line break. */
export function printLoops(program: Program): string {
  const parts = program.steps.map((step) => {
    if (isSummary(step)) return summaryLoops(step);
    if (isBlockList(step)) return blockListLoops(step);
    if (isMerge(step)) return mergeLoops(step);
    if (isPool(step)) return poolLoops(step);
    if (isPairs(step)) return pairsLoops(step);
    if (isChoose(step)) return chooseLoops(step);
    if (isImportance(step)) return importanceLoops(step);
    if (isOrder(step)) return orderLoops(step);
    if (isMove(step)) return moveLoops(step);
    if (isFold(step)) return foldLoops(step);
    return isAttend(step) ? loops(step.name, step.plan) : [];
  });
  return lines(parts.flatMap((part, index) => [...(index > 0 ? [""] : []), ...part]));
}

function summaryLoops({ name, plan: { of, least, most, stretch, rows } }: StepOf<SummaryPlan>): string[] {
  return [
    rows === 1
      ? `step ${name}: for each row of ${of.name} and each stretch i of ${stretch} of its elements`
      : `step ${name}: for each matrix of ${of.name} and each tile i of ${rows} × ${stretch} of its elements`,
    ...inside(1, [`${least.name}[i], ${most.name}[i] = least and most of them`]),
  ];
}

function poolLoops({ name, plan }: StepOf<PoolPlan>): string[] {
  const { pool, side, pooled } = plan;
  const head = pool.of === "query" ? "query head h" : "KV head h";
  return [
    `step ${name}: for each batch b, each ${head} and each block i of ${sideText(side, `rows of ${pool.of}`)}`,
    ...inside(1, [`${pooled}[b, h, i] = ${poolText(plan)}`]),
  ];
}

function pairsLoops({ name, plan: { fold, sides } }: StepOf<PairsPlan>): string[] {
  return [
    `step ${name}: for each batch b, each query head h and each block i of ${sideText(sides.query, "query rows")}`,
    ...inside(1, [`for each block j of ${sideText(sides.key, "keys")}, for each of its rows q that take part`]),
    ...inside(2, [`s = the ${fold.keys.op} of what its keys are worth`]),
    ...inside(2, [`${fold.tensor.name}[b, h, i, j] = the ${fold.rows.op} of what s is worth to the row`]),
  ];
}

function chooseLoops({ name, plan: { selection, scores } }: StepOf<ChoosePlan>): string[] {
  const { chosen, sides, rule, line } = selection;
  const agreed = sharedChoices(selection);
  return [
    `step ${name}: for each batch b, each query head h and each block i of ${sideText(sides.query, "query rows")}`,
    ...inside(1, [`for each block j of ${sideText(sides.key, "keys")}: ${scores}[b, h, i, j] = its score`]),
    ...inside(1, [`for each block ${line === "all" ? "of the head" : "j"} that is a candidate: its rank, by score`]),
    ...inside(1, [`${chosen.name}[b, h, i, j] = whether \`keep ${rule.kind}\` takes it, or it is always there`]),
    ...(agreed ? inside(1, [`${chosen.name}[b, h, i, j] = whether ${agreed.how} of the ${agreed.over} chose it`]) : []),
  ];
}

function blockListLoops({ name, plan }: StepOf<BlockListPlan>): string[] {
  const { list, tile, group } = plan;
  const asked = group === 1 ? "" : `, in groups of ${group} tiles first`;
  return [
    `step ${name}: for each batch b`,
    ...inside(1, plan.head.map(printLet)),
    ...inside(1, [`for each tile i of ${tile.queries} query rows`, ...inside(1, plan.queryTile.map(printLet))]),
    ...inside(2, [`${list.tiles}[b, i] = the tiles of the walk in order${asked}`, `${list.counts}[b, i] = how many`]),
  ];
}

function mergeLoops({ name, plan: { split, writes, empty } }: StepOf<MergePlan>): string[] {
  return [
    `step ${name}: for each batch b, head h and row q`,
    ...inside(1, [
      `max = the highest max of ${split.parts}[b, h, q]`,
      "for each stretch",
      ...inside(1, ["O, sum += O, sum of the stretch * exp(its max - max)"]),
      `out[b, h, q] = O / sum    // ${EMPTY_ROWS[empty]} where no key is visible`,
      ...(writes.lse ? ["lse[b, h, q] = max + log(sum)"] : []),
    ]),
  ];
}

const EMPTY_ROWS = { zero: "0.0", uniform: "mean of V", error: "an error" } as const;

function loops(name: string, plan: AttendPlan): string[] {
  if (plan.reduce?.walks === "keys") return loopsByKeys(name, plan);
  return [
    plan.split
      ? `step ${name}: for each batch b, ${plan.split.packs ? "KV head kv" : "head h"} and stretch of ${plan.split.keys} keys`
      : `step ${name}: for each batch b and head h`,
    ...inside(1, plan.head.map(printLet)),
    ...inside(1, [
      plan.split?.packs
        ? `for each tile of ${plan.tile.queries} rows of the heads h that share kv`
        : `for each tile of ${plan.tile.queries} query rows`,
    ]),
    ...inside(2, ["for each row q", ...inside(1, openRow(plan)), ...plan.queryTile.map(printLet)]),
    ...inside(2, walk(plan)),
    ...inside(2, ["for each row q", ...inside(1, closeRow(plan))]),
  ];
}

/** From key tile to key tile: the query tiles whose walks come to it. */
function loopsByKeys(name: string, plan: AttendPlan): string[] {
  const { tile, reduce, traversal } = plan;
  const { next, may, must } = traversal;
  const rows = reduce?.rows;
  const some = rows ? ` that has some of ${printExpr(rows.first)} to before ${printExpr(rows.end)}` : "";
  const assign = (of: string, { lets, value }: Region) => [...lets.map(printLet), `${of} = ${printExpr(value)}`];
  return [
    `step ${name}: for each batch b, head h and tile of ${tile.keys} keys from firstKey to lastKey`,
    ...inside(1, [...plan.head.map(printLet), `for each tile of ${tile.queries} query rows${some}`]),
    ...inside(2, [
      ...plan.queryTile.map(printLet),
      ...(next ? ["nextKey = firstKey", ...assign("nextKey", next), "skip the tile unless nextKey = firstKey"] : []),
      ...(may ? [...assign("may", may), "skip the tile unless may"] : []),
      ...(must ? assign("must", must) : []),
      "for each q and each k of the tiles",
      ...inside(1, [
        ...openRow(plan),
        ...[...plan.key, ...plan.diagonal].map(printLet),
        ...pair(plan),
        ...mergeTile(plan),
      ]),
    ]),
  ];
}

function walk(plan: AttendPlan): string[] {
  const { next, may, must } = plan.traversal;
  const assign = (name: string, { lets, value }: Region) => [...lets.map(printLet), `${name} = ${printExpr(value)}`];
  return [
    plan.split
      ? `for nextKey over the stretch, += ${plan.tile.keys}`
      : `for nextKey = 0; nextKey < len(key); nextKey += ${plan.tile.keys}`,
    ...inside(1, [
      ...(next ? [...assign("nextKey", next), "stop unless nextKey < len(key)"] : []),
      `firstKey, lastKey = nextKey, min(nextKey + ${plan.tile.keys}, len(key)) - 1`,
      ...(may ? [...assign("may", may), "skip the tile unless may"] : []),
      ...(must ? assign("must", must) : []),
      ...(plan.key.length > 0 ? ["for each k from firstKey to lastKey", ...inside(1, plan.key.map(printLet))] : []),
      ...(plan.diagonal.length > 0
        ? ["for each distance k - q of the tile", ...inside(1, plan.diagonal.map(printLet))]
        : []),
      "for each q and each k from firstKey to lastKey",
      ...inside(1, pair(plan)),
      ...mergeTile(plan),
    ]),
  ];
}

function openRow(plan: AttendPlan): string[] {
  const sink = plan.sink ? printExpr(plan.sink) : undefined;
  const start = sink ? `max, sum = ${sink}, 1.0` : "max, sum = -inf, 0.0";
  return [
    ...(plan.reduce
      ? ["lse = lse[b, h, q]"]
      : plan.pass === "replay"
        ? [`${statisticsNames(plan)} = ${plan.statistics}[b, h, q]`]
        : [start]),
    ...plan.row.map(printLet),
    ...(plan.scale.at === "query" ? [`Q = Q * ${printExpr(plan.scale.value)}`] : []),
  ];
}

function pair(plan: AttendPlan): string[] {
  const { scale, score, mask, weight } = plan;
  const scaled = scale.at === "pair" ? `dot(Q, K) * ${printExpr(scale.value)}` : "dot(Q, K)";
  const assign = (name: string, { lets, value }: Region) => [...lets.map(printLet), `${name} = ${printExpr(value)}`];
  return [
    `s = ${scaled}`,
    ...(score ? assign("s", score) : []),
    ...(mask ? assign("visible", mask) : []),
    ...(mask ? [`s = if visible${plan.traversal.must ? " or must" : ""} then s else -inf`] : []),
    ...(weight ? assign(weight.form === "factor" ? "factor" : "weight(p)", weight.region) : []),
  ];
}

function mergeTile({ pass, normalize, weight, reduce }: AttendPlan): string[] {
  if (reduce) return [...(normalize === "softmax" ? ["p = exp(s - lse)"] : []), ...reduce.folds.flatMap(foldPair)];
  const scores = "max, sum of exp(s - max), sum of s: take the tile in, rescale";
  if (pass === "statistics") return [scores];
  const final = { softmax: "exp(s - max) / sum", sum: "s / total", none: "s" };
  const running = { softmax: "exp(s - max)", sum: "s", none: "s" };
  const p = (pass === "replay" ? final : running)[normalize];
  const weighted = { factor: "factor * p", general: "weight(p)" };
  const add = `O += ${weight ? weighted[weight.form] : "p"} * V with p = ${p}`;
  return pass === "replay" ? [add] : [scores, add];
}

function foldPair({ tensor, along, op, rows, region: { lets, value } }: Reduce["folds"][number]): string[] {
  const place = `${tensor.name}[b, h, ${along === "query" ? "k" : "q"}]`;
  const cut = rows ? ` of rows ${printExpr(rows.first)} ‥ ${printExpr(rows.end)} - 1` : "";
  return [...lets.map(printLet), `${place} ${op}= ${printExpr(value)}${cut}`];
}

function foldLoops({ name, plan: { fold } }: StepOf<FoldPlan>): string[] {
  const { tensor, axes, value, along } = fold;
  const place = `${tensor.name}[${axes.join(", ")}]`;
  if (!along) return [`step ${name}: for each place of ${place}`, ...inside(1, [`${place} = ${printExpr(value)}`])];
  const { axis, op, first, end } = along;
  const range = `for ${axis} from ${printExpr(first)} to ${printExpr(end)} - 1`;
  return [
    `step ${name}: for each place of ${place}`,
    ...inside(1, [range, ...inside(1, [`${place} ${op}= ${printExpr(value)}`])]),
  ];
}

function closeRow(plan: AttendPlan): string[] {
  const { pass, normalize, empty, writes, split } = plan;
  if (split) return [`${split.parts}[b, h, q, stretch] = O, max, sum, 1.0 if a key was seen else 0.0`];
  const divisor = { softmax: " / sum", sum: " / total", none: "" }[normalize];
  return [
    ...(writes.out
      ? [`out[b, h, q] = O${pass === "online" ? divisor : ""}    // ${EMPTY_ROWS[empty]} where no key is visible`]
      : []),
    ...(writes.lse ? ["lse[b, h, q] = max + log(sum)"] : []),
    ...(pass === "statistics" ? [`${plan.statistics}[b, h, q] = ${statisticsNames(plan)}`] : []),
  ];
}

const statisticsNames = ({ normalize }: AttendPlan) =>
  ({ softmax: "max, sum", sum: "total, lse", none: "0.0, lse" })[normalize];
