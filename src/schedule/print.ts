// Programs as text to read: every decision of every step. What the steps do in which loops stands in print-loops.ts.

import type { Run } from "../analysis/tile/run-sets.ts";
import { bool, quantity } from "../ir/make.ts";
import type { BlockFold } from "../ir/pair-fold.ts";
import { printExpr } from "../ir/print.ts";
import { isAsked } from "../ir/selection.ts";
import { sideText } from "../ir/sides.ts";
import type { RowRange } from "../ir/statistics.ts";
import type { Let, Region } from "./loop.ts";
import type {
  AttendPlan,
  BlockListPlan,
  Buffer,
  ChoosePlan,
  FoldPlan,
  ImportancePlan,
  MergePlan,
  MovePlan,
  OrderPlan,
  PairsPlan,
  PoolPlan,
  Program,
  Step,
  StepOf,
  SummaryPlan,
  Warpgroups,
} from "./plan.ts";
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

/** Buffers, steps, and every decision of each step. Ends with a line break. */
export function printProgram(program: Program): string {
  const { name, dims, buffers, steps } = program;
  const heading = `program ${name} for dim ${dims.dim}, value dim ${dims.valueDim}`;
  return lines([
    heading,
    ...buffers.map((buffer) => row(buffer.role, printBuffer(buffer))),
    ...steps.flatMap(printStep),
  ]);
}

/** Indents every line of a part. */
export const inside = (depth: number, part: readonly string[]) =>
  part.flatMap((text) => text.split("\n")).map((text) => "  ".repeat(depth) + text);

export const lines = (all: readonly string[]) => `${all.join("\n")}\n`;
/** Columns of the longest label, `weight general`. */
const LABEL = 14;
const row = (label: string, text: string) =>
  `  ${label.padEnd(LABEL)} ${text.replaceAll("\n", `\n${" ".repeat(LABEL + 3)}`)}`;

function printBuffer({ name, element, extents }: Buffer): string {
  return `${name}: ${element}[${extents.map(printExpr).join(", ")}]`;
}

function printStep(step: Step): string[] {
  if (isSummary(step)) return printSummary(step);
  if (isBlockList(step)) return printBlockList(step);
  if (isMerge(step)) return printMerge(step);
  if (isPool(step)) return printPool(step);
  if (isPairs(step)) return printPairs(step);
  if (isChoose(step)) return printChoose(step);
  if (isImportance(step)) return printImportance(step);
  if (isOrder(step)) return printOrder(step);
  if (isMove(step)) return printMove(step);
  if (isFold(step)) return printFold(step);
  return isAttend(step) ? printAttend(step) : [];
}

function printWarpgroups({ ahead, turns, counter, packs, registers: { producer, consumer } }: Warpgroups): string {
  return [
    ahead ? "scores are a tile ahead of values" : "a tile is done with before the next one",
    turns ? "by turns" : "in any order",
    counter ? "tile after tile as blocks are free" : "tile after tile in rounds",
    ...(packs ? ["rows of heads that share keys together"] : []),
    `${producer} registers to walk, ${consumer} to multiply`,
  ].join("; ");
}

function printFold({ name, plan: { fold }, reads, writes }: StepOf<FoldPlan>): string[] {
  const { axes, value, along } = fold;
  return [
    ...["", `step ${name}`, row("reads", reads.join(" ")), row("writes", writes.join(" "))],
    row("places", axes.join(" × ")),
    ...(along ? [row(along.op, `${along.axis} from ${printExpr(along.first)} to before ${printExpr(along.end)}`)] : []),
    row("value", printExpr(value)),
  ];
}

function printPool({ name, plan, reads, writes }: StepOf<PoolPlan>): string[] {
  return [
    ...["", `step ${name}`, row("reads", reads.join(" ")), row("writes", writes.join(" "))],
    row("blocks", sideText(plan.side, `rows of ${plan.pool.of}`)),
    row("pool", poolText(plan)),
  ];
}

const MADE = { sum: "the sum of", max: "the largest elements of", min: "the least elements of" } as const;

/** What is made of the rows of a block. */
export function poolText({ pool: { op, range, where } }: PoolPlan): string {
  const made = where?.isMean ? "the mean of" : MADE[op];
  return `${made} its ${range ? `${range.kind} ${range.count} rows` : "rows"}${where ? ` where ${printExpr(where.takes)}` : ""}`;
}

function printPairs({ name, plan: { fold, sides }, reads, writes }: StepOf<PairsPlan>): string[] {
  const of = ({ op, takes, value }: BlockFold) => [
    ...(takes === bool(true) ? [] : [row("where", printExpr(takes))]),
    row(op, printExpr(value)),
  ];
  return [
    ...["", `step ${name}`, row("reads", reads.join(" ")), row("writes", writes.join(" "))],
    ...[row("keys", sideText(sides.key, "keys of a row")), ...of(fold.keys)],
    ...[row("rows", sideText(sides.query, "rows, whose keys come to s")), ...of(fold.rows)],
  ];
}

function printImportance({ name, plan: { importance }, reads, writes }: StepOf<ImportancePlan>): string[] {
  const { op, along, asked, takes, value, softmax } = importance;
  const range = ({ first, end }: RowRange) => `${printExpr(first)} to before ${printExpr(end)}`;
  return [
    ...["", `step ${name}`, row("reads", reads.join(" ")), row("writes", writes.join(" "))],
    row(importance.of === "key" ? "rows" : "keys", range(along)),
    ...(asked && asked !== bool(true) ? [row("of rows", printExpr(asked))] : []),
    ...(takes ? [row("where", printExpr(takes))] : []),
    ...(softmax ? [row("softmax", `${printExpr(softmax.of)}    // along keys ${range(softmax.keys)}`)] : []),
    row(op, printExpr(value)),
  ];
}

function printOrder({ name, plan: { order }, reads, writes }: StepOf<OrderPlan>): string[] {
  const { sort, segment, coordinates } = order;
  return [
    ...["", `step ${name}`, row("reads", reads.join(" ")), row("writes", writes.join(" "))],
    ...(segment ? [row("within", `${segment.size}${segment.complete ? ", complete" : ""}`)] : []),
    ...sort.map(({ value, descending }) => row("by", `${printExpr(value)}${descending ? " descending" : ""}`)),
    ...coordinates.map(({ tensor, value }) => row("of a token", `${tensor.name} = ${printExpr(value)}`)),
  ];
}

function printMove({ name, plan, reads, writes }: StepOf<MovePlan>): string[] {
  const where = plan.to === "stored" ? "rows into stored order" : "results into the order of the call";
  return ["", `step ${name}`, row("reads", reads.join(" ")), row("writes", writes.join(" ")), row("moves", where)];
}

function printChoose({ name, plan, reads, writes }: StepOf<ChoosePlan>): string[] {
  const { selection, head, queryTile, traversal } = plan;
  const { sides, rule, share, line } = selection;
  const ofRows = (["forcedByRow", "addedByRow"] as const).filter((part) => isAsked(selection[part]));
  const ofBlocks = ["score", "visible", "among", "holds", "forced", "added"] as const;
  const parts = [...ofBlocks, ...ofRows, "amount", "least", "most"] as const;
  return [
    ...["", `step ${name}`, row("reads", reads.join(" ")), row("writes", writes.join(" "))],
    row("blocks", `${sideText(sides.query, "queries")} × ${sideText(sides.key, "keys")}`),
    ...(share ? [row("share", `${share.how} over ${share.over}`)] : []),
    row("keep", [...Object.values(rule), ...(line === "all" ? ["over all"] : [])].join(" ")),
    ...plan.products.map(({ name: each, query, key }) =>
      row("product", `${printExpr(quantity(each))} = dot(${query}, ${key})`),
    ),
    ...parts.map((part) => row(part, printExpr(selection[part]))),
    ...head.map((each) => row("head", printLet(each))),
    ...queryTile.map((each) => row("query tile", printLet(each))),
    ...printTraversal(traversal),
  ];
}

function printSummary({ name, plan, reads, writes }: StepOf<SummaryPlan>): string[] {
  const { of, stretch, rows } = plan;
  return [
    "",
    `step ${name}`,
    row("reads", reads.join(" ")),
    row("writes", writes.join(" ")),
    row(
      "summary",
      rows === 1
        ? `least and most of each ${stretch} elements along the last axis of ${of.name}`
        : `least and most of each tile of ${rows} × ${stretch} elements of ${of.name}`,
    ),
  ];
}

function printBlockList({ name, plan, reads, writes }: StepOf<BlockListPlan>): string[] {
  const { tile, group, head, queryTile, traversal } = plan;
  return [
    "",
    `step ${name}`,
    row("reads", reads.join(" ")),
    row("writes", writes.join(" ")),
    row("tile", `${tile.queries} queries × ${tile.keys} keys`),
    ...(group === 1 ? [] : [row("group", `${group} key tiles are asked about together first`)]),
    ...head.map((each) => row("head", printLet(each))),
    ...queryTile.map((each) => row("query tile", printLet(each))),
    ...printTraversal(traversal),
  ];
}

function printMerge({ name, plan: { empty }, reads, writes }: StepOf<MergePlan>): string[] {
  const accesses = [row("reads", reads.join(" ")), row("writes", writes.join(" "))];
  return ["", `step ${name}, for few rows`, ...accesses, row("empty", empty)];
}

function printAttend({ name, plan, reads, writes }: StepOf<AttendPlan>): string[] {
  const { tile, decode, traversal, pass, split, exchange, matrix, warpgroups } = plan;
  return [
    "",
    split ? `step ${name}, for few rows` : `step ${name}`,
    row("reads", reads.join(" ")),
    row("writes", writes.join(" ")),
    row("pass", pass),
    row("tile", `${tile.queries} queries × ${tile.keys} keys`),
    ...(split
      ? [row("split", `stretches of ${split.keys} keys${split.packs ? ", all heads that share them" : ""}`)]
      : [row("decode", `up to ${decode.queries} queries, ${decode.keys} keys at a time`)]),
    ...(matrix ? [row("matrices", `of ${matrix.rows} rows × ${matrix.columns} keys, ${matrix.depth} deep`)] : []),
    ...(exchange ? [row("exchange", `by subgroups, ${exchange.strips} threads for ${exchange.rows} rows`)] : []),
    ...(warpgroups ? [row("warpgroups", printWarpgroups(warpgroups))] : []),
    ...plan.head.map((each) => row("head", printLet(each))),
    ...plan.row.map((each) => row("row", printLet(each))),
    ...plan.key.map((each) => row("key", printLet(each))),
    ...plan.diagonal.map((each) => row("diagonal", printLet(each))),
    ...plan.queryTile.map((each) => row("query tile", printLet(each))),
    row("scale", `${printExpr(plan.scale.value)} at every ${plan.scale.at === "query" ? "query row" : "pair"}`),
    ...printRegion("score", plan.score),
    ...printRegion("mask", plan.mask),
    ...printRegion(`weight ${plan.weight?.form}`, plan.weight?.region),
    ...(plan.reduce ? [row("walks", WALKS[plan.reduce.walks])] : []),
    ...(plan.reduce?.folds ?? []).flatMap(({ tensor, along, op, region }) =>
      printRegion(op, region).map((line) => `${line}    // along ${along}: ${tensor.name}`),
    ),
    ...(plan.reduce?.rows
      ? [row("rows", `${printExpr(plan.reduce.rows.first)} to before ${printExpr(plan.reduce.rows.end)}`)]
      : []),
    row("normalize", plan.normalize),
    ...(plan.sink ? [row("sink", printExpr(plan.sink))] : []),
    row("empty", plan.empty),
    ...(traversal.list ? [row("list", `${traversal.list.tiles}, or the walk where there is no room for it`)] : []),
    ...printTraversal(traversal),
  ];
}

const WALKS = {
  rows: "tiles of query rows over the keys",
  keys: "tiles of keys over the query tiles that may see them",
} as const;

const printTraversal = ({ runs, unsolved, next, may, must }: AttendPlan["traversal"]) => [
  ...runs.map((run) => row("keys", printRun(run))),
  ...unsolved.map((term) => row("unsolved", printExpr(term))),
  ...printRegion("next key", next),
  ...printRegion("may hold", may),
  ...printRegion("must hold", must),
];

export const printLet = ({ name, value }: Let) => `${name} = ${printExpr(value)}`;

function printRegion(label: string, region: Region | undefined): string[] {
  if (!region) return [];
  return [...region.lets.map((each) => row(label, printLet(each))), row(label, printExpr(region.value))];
}

/** Key positions, both ends included. */
export function printRun({ when, first, last }: Run): string {
  const range = `${first ? printExpr(first) : "0"} ‥ ${last ? printExpr(last) : "len(key) - 1"}`;
  return when ? `${range}   if ${printExpr(when)}` : range;
}
