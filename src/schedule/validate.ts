// What must hold of every program, whoever made it. A broken law is a bug of the compiler, never of the user's file.
//
//   buffers    Each is named once. Whether a call has few rows or many: inputs are only read, every output is written by
//              one step, and scratch is written by an earlier step than the one that reads it.
//   accesses   A pass lists exactly the captured tensors and summaries that its expressions load.
//   passes     `statistics` writes its scratch and no output but lse, `replay` reads the same; `online` has none.
//              A general weight stands where p is final: in `replay`, or without normalising.
//   reduce     It reads lse and writes its folds, and nothing else. From key tile to key tile it folds along the queries.
//   split      It leaves parts and no output, in whole tiles, and weighs by a softmax in one pass; a merge follows.
//   exchange   Only passes of a softmax that look for a highest score have one, among the threads of one tile.
//   matrix     Its products fill the tile.
//   warpgroups Each has whole products, and waits for none that there is not.
//   traversal  It skips nothing and proves nothing where there is no mask, and a list that it follows is read.
//   locals     Defined once, before they are read, and seen only by their own place and the places inside it.
//   rates      Head places read what is constant over a head, row places what is constant over a row, key places what
//              is the same for all rows, diagonal places what is the same for all pairs of one distance.
//   types      A mask and a fact are bools, a jump is an int, everything else that a place yields is a float.
//   quantities Each is known where it is read: lse in `replay` only, p in a general weight only, none in a mask; the
//              plain product not where the scale is folded into the query rows.
//   dims       No extent of dim or value dim is left.

import { dependencies, ONE_HEAD, SEVERAL_HEADS } from "../analysis/depends.ts";
import type * as ir from "../ir/expr.ts";
import { float } from "../ir/make.ts";
import { type Place, placedExpressions, walkExpressions } from "./expressions.ts";
import { storedName } from "./order.ts";
import type { AttendPlan, BlockListPlan, Program, Step, StepOf } from "./plan.ts";
import { sumsValues } from "./split.ts";
import { attendSteps, blockListSteps, reduceSteps, splitSteps, summarySteps } from "./steps.ts";
import { placeBreaches, RATES, typeBreaches } from "./validate-places.ts";

/** Every breach of a law, in words; empty for a sound program. Linear in the size of the program. */
export function validateProgram(program: Program): readonly string[] {
  const steps = [...attendSteps(program), ...splitSteps(program), ...reduceSteps(program)].flatMap((step) =>
    STEP_LAWS.flatMap((law) => law(step, program)).map((breach) => `${step.name}: ${breach}`),
  );
  const lists = blockListSteps(program).flatMap((step) =>
    blockListBreaches(step).map((breach) => `${step.name}: ${breach}`),
  );
  const ways = program.few ? (["few", "many"] as const) : (["many"] as const);
  return [...ways.flatMap((way) => bufferBreaches(program, way)), ...lists, ...steps];
}

/** @param way which calls are looked at */
function bufferBreaches({ buffers, steps: all }: Program, way: NonNullable<Step["calls"]>): string[] {
  const steps = all.filter(({ calls = way }) => calls === way);
  const breaches: string[] = [];
  const roles = new Map(buffers.map(({ name, role }) => [name, role]));
  if (roles.size < buffers.length) breaches.push("two buffers have the same name");
  const written = new Set<string>();
  for (const { name, reads, writes } of steps) {
    for (const read of reads) {
      if (!roles.has(read)) breaches.push(`${name} reads ${read}, which is no buffer`);
      else if (roles.get(read) !== "input" && !written.has(read)) breaches.push(`${name} reads ${read} too early`);
    }
    for (const write of writes) {
      if (!roles.has(write) || roles.get(write) === "input") breaches.push(`${name} must not write ${write}`);
      else if (written.has(write)) breaches.push(`${name} writes ${write} a second time`);
      written.add(write);
    }
  }
  const missing = buffers.filter(({ name, role }) => role === "output" && !written.has(name));
  return [...breaches, ...missing.map(({ name }) => `no step writes ${name}`)];
}

type Law = (step: StepOf<AttendPlan>, program: Program) => string[];

const when = (broken: boolean, breach: string): string[] => (broken ? [breach] : []);

const accesses: Law = ({ plan, reads }, program) => {
  const { tensors, queryStart } = program.ir;
  const loaded = dependencies(queryStart, ...placedExpressions(plan).map(({ value }) => value)).tensors;
  const summaries = summarySteps(program).flatMap(({ writes }) => writes);
  const captured = new Set([...tensors.map(({ name }) => name), ...summaries]);
  const listed = reads.filter((name) => captured.has(name));
  return [
    ...[...loaded].filter((name) => !reads.includes(name)).map((name) => `loads ${name} but does not list it`),
    ...listed.filter((name) => !loaded.has(name)).map((name) => `lists ${name} but does not load it`),
  ];
};

const passes: Law = ({ plan, reads, writes }) => {
  const { pass, statistics, weight, normalize } = plan;
  const links = { online: undefined, statistics: writes, replay: reads, reduce: undefined }[pass];
  const hasStatistics = pass === "statistics" || pass === "replay";
  return [
    ...when((statistics !== undefined) !== hasStatistics, `pass ${pass} with statistics ${statistics}`),
    ...when(statistics !== undefined && !links?.includes(statistics), `does not list ${statistics}`),
    ...when(
      plan.writes.out !== writes.includes(resultName(plan, "out")) ||
        plan.writes.lse !== writes.includes(resultName(plan, "lse")),
      "lists outputs wrong",
    ),
    ...when(pass === "statistics" && (plan.writes.out || weight !== undefined), "computes outputs in statistics"),
    ...when(weight?.form === "general" && pass !== "replay" && normalize !== "none", "weighs p before it is final"),
  ];
};

const reduces: Law = ({ plan: { pass, reduce, normalize, weight, writes: results }, reads, writes }) => {
  if (pass !== "reduce" && !reduce) return [];
  const { folds = [], walks } = reduce ?? {};
  return [
    ...when(pass !== "reduce" || folds.length === 0, `pass ${pass} folds ${folds.length} times`),
    ...when(walks === "keys" && folds.some(({ along }) => along === "key"), "folds rows from key tile to key tile"),
    ...when(normalize === "sum" || weight !== undefined, "folds another p than that of lse or of the score"),
    ...when(!reads.some((name) => name === "lse" || name === storedName("lse")), "does not read lse"),
    ...when(
      results.out || results.lse || !folds.every(({ tensor }) => writes.includes(tensor.name)),
      "writes other things than folds",
    ),
  ];
};

const resultName = ({ stored }: AttendPlan, name: string) => (stored?.rows ? storedName(name) : name);

const split: Law = ({ plan, writes }) => {
  if (!plan.split) return [];
  const { keys, parts } = plan.split;
  return [
    ...when(plan.pass !== "online" || plan.normalize !== "softmax", "splits what a merge cannot join"),
    ...when(plan.writes.out || plan.writes.lse || !writes.includes(parts), "writes other things than parts"),
    ...when(keys < plan.tile.keys || keys % plan.tile.keys !== 0, `splits into stretches of ${keys} keys`),
    ...when(plan.diagonal.length > 0, "keeps distances of rows that have none in common"),
  ];
};

const exchange: Law = ({ plan: { exchange, tile, pass, normalize } }) =>
  exchange
    ? [
        ...when(pass === "replay" || normalize !== "softmax", "exchanges scores that nobody needs"),
        ...when(tile.queries % exchange.rows !== 0 || tile.keys % exchange.strips !== 0, "exchanges between tiles"),
      ]
    : [];

const matrix: Law = ({ plan: { matrix, tile } }) =>
  when(
    matrix !== undefined && (tile.queries % matrix.rows !== 0 || tile.keys % matrix.columns !== 0),
    "multiplies matrices that reach beyond its tile",
  );

const warpgroups: Law = ({ plan: { warpgroups, split, tile, ...plan } }) =>
  warpgroups
    ? [
        ...when(split !== undefined || tile.queries % 64 !== 0, "shares fewer rows than a warpgroup has"),
        ...when(warpgroups.packs && plan.traversal.list !== undefined, "packs rows of tiles that are listed"),
        ...when(warpgroups.ahead && !sumsValues(plan), "is ahead of values that it does not read"),
      ]
    : [];

const traversal: Law = ({ plan, reads }) => {
  const { next, may, must, list } = plan.traversal;
  const listed = list ? [list.counts, list.tiles] : [];
  return [
    ...when(!plan.mask && [next, may, must].some((region) => region), "skips keys without a mask"),
    ...when(!listed.every((name) => reads.includes(name)), "lists a list that it does not read"),
  ];
};

const localsAndRates: Law = ({ plan }) =>
  placeBreaches(
    placedExpressions(plan),
    plan.scale.at === "query" ? RATES.row : RATES.pair,
    plan.split?.packs || plan.warpgroups?.packs ? SEVERAL_HEADS : ONE_HEAD,
  );

/** A list is written from a walk that is sound by itself, and names what it loads. */
function blockListBreaches({ plan, reads }: StepOf<BlockListPlan>): readonly string[] {
  const placed = walkExpressions(plan);
  const { tensors } = dependencies(...placed.map(({ value }) => value));
  return [
    ...placeBreaches(placed, RATES.row),
    ...typeBreaches(placed),
    ...when(![...tensors].every((name) => reads.includes(name)), "loads what it does not list"),
    ...when(!plan.traversal.may, "lists every tile"),
  ];
}

const types: Law = ({ plan }) => typeBreaches(placedExpressions(plan));

const NORMS: readonly ir.Quantity[] = ["queryNorm2", "keyNorm2", "valueNorm2"];

/** Quantities that are known where a place is computed. */
function known(place: Place, { pass, weight, scale }: AttendPlan): readonly ir.Quantity[] {
  const lse: readonly ir.Quantity[] = pass === "replay" || pass === "reduce" ? ["lse"] : [];
  const dot: readonly ir.Quantity[] = scale.at === "pair" || scale.value === float(1) ? ["dot"] : [];
  switch (place) {
    case "head":
    case "tile":
    case "next":
    case "may":
    case "must":
    case "diagonal":
    case "mask":
      return [];
    case "row":
      return ["queryNorm2", ...lse];
    case "key":
      return ["keyNorm2", "valueNorm2"];
    case "scale":
      return NORMS;
    case "sink":
      return ["queryNorm2"];
    case "score":
      return [...NORMS, "score", ...dot];
    case "fold":
      return [...NORMS, "score", "weight", "lse"];
    case "weight":
      return [...NORMS, "score", ...dot, ...lse, ...(weight?.form === "general" ? (["weight"] as const) : [])];
  }
}

const quantities: Law = ({ plan }) =>
  placedExpressions(plan).flatMap(({ place, value }) => {
    const unknown = [...dependencies(value).quantities].filter((name) => !known(place, plan).includes(name));
    return unknown.map((name) => `${place} reads ${name}, which is not known there`);
  });

const dims: Law = ({ plan }) => {
  const { extents } = dependencies(...placedExpressions(plan).map(({ value }) => value));
  return when(extents.has("dim") || extents.has("valueDim"), "an extent of a dim is left");
};

const decode: Law = ({ plan: { tile, decode } }) =>
  when(
    decode.queries > tile.queries || decode.keys < tile.keys || decode.keys % tile.keys !== 0,
    `decodes ${decode.queries} queries, ${decode.keys} keys at a time`,
  );

const STEP_LAWS: readonly Law[] = [
  decode,
  accesses,
  passes,
  reduces,
  split,
  exchange,
  matrix,
  warpgroups,
  traversal,
  localsAndRates,
  types,
  quantities,
  dims,
];
