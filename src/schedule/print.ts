// Programs as text to read. `printProgram` lists the decisions; `printLoops` writes the kernels out as the loops that
// they will be, with the elementwise parts in place, which is where a reader sees what is computed how often.

import type { Run } from "../analysis/tile/run-sets.ts";
import { printExpr } from "../ir/print.ts";
import type { Let, Region } from "./loop.ts";
import type { AttendPlan, BlockListPlan, Buffer, Program, Step, StepOf, SummaryPlan } from "./plan.ts";
import { isAttend, isBlockList, isSummary } from "./steps.ts";

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

/** The loops of every step, outermost first. Ends with a line break. */
export function printLoops(program: Program): string {
  const parts = program.steps.map((step) => {
    if (isSummary(step)) return summaryLoops(step);
    if (isBlockList(step)) return blockListLoops(step);
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

const lines = (all: readonly string[]) => `${all.join("\n")}\n`;
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
  return isAttend(step) ? printAttend(step) : [];
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

function printAttend({ name, plan, reads, writes }: StepOf<AttendPlan>): string[] {
  const { tile, decode, traversal, pass } = plan;
  return [
    "",
    `step ${name}`,
    row("reads", reads.join(" ")),
    row("writes", writes.join(" ")),
    row("pass", pass),
    row("tile", `${tile.queries} queries × ${tile.keys} keys`),
    row("decode", `up to ${decode.queries} queries, ${decode.keys} keys at a time`),
    ...plan.head.map((each) => row("head", printLet(each))),
    ...plan.row.map((each) => row("row", printLet(each))),
    ...plan.key.map((each) => row("key", printLet(each))),
    ...plan.diagonal.map((each) => row("diagonal", printLet(each))),
    ...plan.queryTile.map((each) => row("query tile", printLet(each))),
    row("scale", `${printExpr(plan.scale.value)} at every ${plan.scale.at === "query" ? "query row" : "pair"}`),
    ...printRegion("score", plan.score),
    ...printRegion("mask", plan.mask),
    ...printRegion(`weight ${plan.weight?.form}`, plan.weight?.region),
    row("normalize", plan.normalize),
    ...(plan.sink ? [row("sink", printExpr(plan.sink))] : []),
    row("empty", plan.empty),
    ...(traversal.list ? [row("list", `${traversal.list.tiles}, or the walk where there is no room for it`)] : []),
    ...printTraversal(traversal),
  ];
}

const printTraversal = ({ runs, unsolved, next, may, must }: AttendPlan["traversal"]) => [
  ...runs.map((run) => row("keys", printRun(run))),
  ...unsolved.map((term) => row("unsolved", printExpr(term))),
  ...printRegion("next key", next),
  ...printRegion("may hold", may),
  ...printRegion("must hold", must),
];

const printLet = ({ name, value }: Let) => `${name} = ${printExpr(value)}`;

function printRegion(label: string, region: Region | undefined): string[] {
  if (!region) return [];
  return [...region.lets.map((each) => row(label, printLet(each))), row(label, printExpr(region.value))];
}

/** Key positions, both ends included. */
export function printRun({ when, first, last }: Run): string {
  const range = `${first ? printExpr(first) : "0"} ‥ ${last ? printExpr(last) : "len(key) - 1"}`;
  return when ? `${range}   if ${printExpr(when)}` : range;
}

/** Indents every line of a part. */
const inside = (depth: number, part: readonly string[]) =>
  part.flatMap((text) => text.split("\n")).map((text) => "  ".repeat(depth) + text);

function loops(name: string, plan: AttendPlan): string[] {
  return [
    `step ${name}: for each batch b and head h`,
    ...inside(1, plan.head.map(printLet)),
    ...inside(1, [`for each tile of ${plan.tile.queries} query rows`]),
    ...inside(2, ["for each row q", ...inside(1, openRow(plan)), ...plan.queryTile.map(printLet)]),
    ...inside(2, walk(plan)),
    ...inside(2, ["for each row q", ...inside(1, closeRow(plan))]),
  ];
}

function walk(plan: AttendPlan): string[] {
  const { next, may, must } = plan.traversal;
  const assign = (name: string, { lets, value }: Region) => [...lets.map(printLet), `${name} = ${printExpr(value)}`];
  return [
    `for nextKey = 0; nextKey < len(key); nextKey += ${plan.tile.keys}`,
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
    ...(plan.pass === "replay" ? [`${statisticsNames(plan)} = ${plan.statistics}[b, h, q]`] : [start]),
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

function mergeTile({ pass, normalize, weight }: AttendPlan): string[] {
  const scores = "max, sum of exp(s - max), sum of s: take the tile in, rescale";
  if (pass === "statistics") return [scores];
  const final = { softmax: "exp(s - max) / sum", sum: "s / total", none: "s" };
  const running = { softmax: "exp(s - max)", sum: "s", none: "s" };
  const p = (pass === "replay" ? final : running)[normalize];
  const weighted = { factor: "factor * p", general: "weight(p)" };
  const add = `O += ${weight ? weighted[weight.form] : "p"} * V with p = ${p}`;
  return pass === "replay" ? [add] : [scores, add];
}

function closeRow(plan: AttendPlan): string[] {
  const { pass, normalize, empty, writes } = plan;
  const divisor = { softmax: " / sum", sum: " / total", none: "" }[normalize];
  const emptyRows = { zero: "0.0", uniform: "mean of V", error: "an error" }[empty];
  return [
    ...(writes.out
      ? [`out[b, h, q] = O${pass === "online" ? divisor : ""}    // ${emptyRows} where no key is visible`]
      : []),
    ...(writes.lse ? ["lse[b, h, q] = max + log(sum)"] : []),
    ...(pass === "statistics" ? [`${plan.statistics}[b, h, q] = ${statisticsNames(plan)}`] : []),
  ];
}

const statisticsNames = ({ normalize }: AttendPlan) =>
  ({ softmax: "max, sum", sum: "total, lse", none: "0.0, lse" })[normalize];
