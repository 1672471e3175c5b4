// From a plan to the record that the attend template reads: offsets, the unrolled register tile, and the pieces of text in
// which two kernels can differ.

import type { Target } from "../../../targets/target.ts";
import { readsOneOf } from "../../schedule/expressions.ts";
import type { Let } from "../../schedule/loop.ts";
import { storedName, storedTensors } from "../../schedule/order.ts";
import type { AttendPlan, Program, StepOf, Stored } from "../../schedule/plan.ts";
import { capturedBy, quantitiesOf, summaryOf } from "../attend-facts.ts";
import { render } from "../template.ts";
import type { AttendView, LayoutView, WordsView } from "../views.ts";
import { decodeFunctions } from "./decode.ts";
import {
  headStatements,
  maskFunction,
  type StepContext,
  scaleFunction,
  scoreFunction,
  sinkFunction,
  weightFunction,
} from "./functions.ts";
import { diagonalBytes, layoutOf, ROW, rowBytes, type Words } from "./layout.ts";
import { visitList } from "./list.ts";
import { MULTIPLY_THEN_ADD, RELAXED_MULTIPLY_ADD } from "./polynomials.ts";
import { type ReduceParts, reduceParts } from "./reduce.ts";
import { unrollTile } from "./register-tile.ts";
import { closeStatements, openStatements, rowFunctions } from "./row-steps.ts";
import { word } from "./scope.ts";
import { storedView, widenTileFunction } from "./stored-rows.ts";
import { diagonalValuesFunction, keyValuesFunction, rowValuesFunction } from "./stored-values.ts";
import type { ReduceView } from "./views-reduce.ts";
import { walkOf } from "./walk.ts";

export function attendView(program: Program, step: StepOf<AttendPlan>, words: Words, target: Target): AttendView {
  return passView(program, step, words, target);
}

/** A pass that folds the map instead of values. */
export function reduceView(program: Program, step: StepOf<AttendPlan>, words: Words, target: Target): ReduceView {
  const view = passView(program, step, words, target);
  if (!("starts" in view)) throw new Error("a pass without folds is no pass for statistics: a bug in the plan");
  return view;
}

function passView(program: Program, step: StepOf<AttendPlan>, given: Words, target: Target): AttendView | ReduceView {
  const { plan } = step;
  const words = plan.stored ? inStoredOrder(given, plan.stored) : given;
  const { rows, columns } = target.registerTile;
  if (plan.tile.keys % columns !== 0 || (plan.tile.keys & (plan.tile.keys - 1)) !== 0) {
    throw new Error("the tile's keys are no multiple of the register tile's, or no power of two: a bug in the target");
  }
  const multiplyAdd = target.features.includes("relaxed-simd") ? RELAXED_MULTIPLY_ADD : MULTIPLY_THEN_ADD;
  const layout = layoutView(plan, target);
  const around = { step: step.name, words, tensors: capturedBy(program), dims: plan.dims, head: plan.head };
  const context: StepContext = { plan, layout, around };
  const common = {
    step: step.name,
    at: wordsView(words),
    layout,
    statistic: { ...ROW, bytes: rowBytes(plan) },
  };
  const row = rowFunctions(plan, common, multiplyAdd);
  const tile = tileView(plan, target);
  const reduce = plan.reduce ? reduceParts(context, { step: step.name, tile }, given, program.ir.order) : undefined;
  const programs = { score: scoreFunction(context), mask: maskFunction(context), weight: weightFunction(context) };
  const stored = storedView(step, layout, words);
  const values = [rowValuesFunction(context), keyValuesFunction(context), diagonalValuesFunction(context)];
  const quantities = quantitiesOf(plan);
  const needsMean = plan.empty === "uniform" && plan.writes.out;
  const unroll = (height: number) => unrollTile({ rows: height, columns }, plan, layoutOf(plan, target), multiplyAdd);
  const shortRows = plan.tile.queries % rows;
  const parts = { ...unroll(rows), short: shortRows > 0 ? [{ ...unroll(shortRows), layout }] : [] };
  const { functions: walkFunctions, visitRows, ...walk } = walkOf(context);
  const ofHead = present(
    needsMean && `(call $${step.name}.average_values)`,
    quantities.has("keyNorm2") && stored.keyNorms,
    quantities.has("valueNorm2") && stored.valueNorms,
  );
  const view = {
    ...common,
    ...parts,
    summary: summaryOf(plan),
    dims: plan.dims,
    stored,
    tile,
    prepare: prepareStatements(step, words),
    decode: plan.decode,
    head: headStatements(context),
    ...walk,
    listed: visitList(step.name, plan.traversal.list, plan.tile, words),
    packStatements: present(
      `(call $${step.name}.pack_keys (local.get $rows))`,
      plan.writes.out && `(call $${step.name}.pack_values (local.get $rows))`,
      ...ofHead,
      reduce?.packStatement,
    ).join("\n"),
    openStatements: present(
      openStatements(plan, words, quantities.has("queryNorm2"), layout.queryBytes),
      plan.row.length > 0 && `(call $${step.name}.row_values (local.get $statistics) (local.get $query))`,
    ).join("\n"),
    keyStatements: storedStatements(step),
    seeStatement: programs.mask
      ? `(if (local.get $masked) (then (call $${step.name}.see (local.get $statistics) (local.get $query) (local.get $tile_key) (local.get $short))))`
      : ";; No mask.",
    maskStatement: programs.mask ? `(if (local.get $masked) (then ${stripCall(step.name, "mask")}))` : ";; No mask.",
    rowStatements: present(
      programs.score && stripCall(step.name, "score"),
      programs.mask &&
        `(if (local.get $masked) (then (call $hide_pairs (local.get $scores) (i32.const ${layout.seenDistance}))))`,
      `(if (local.get $ragged) (then (call $hide_dead_keys (local.get $scores) (local.get $first_key) ${OPEN_KEYS})))`,
      ...row.calls,
      programs.weight && stripCall(step.name, "weight"),
      reduce?.rowStatements,
    ).join("\n"),
    sumStatements: plan.writes.out ? addValues(step.name, layout, plan) : ";; This pass leaves the values alone.",
    closeStatements: plan.reduce ? ";; What rows came to lies in its place." : closeStatements(plan, words, common),
    ...(reduce && pick(reduce)),
  };
  const decode = { prepare: [...stored.prepare, ...ofHead], visitRows };
  return {
    ...view,
    functions: [
      scaleFunction(context),
      ...(usesSink(plan) ? [sinkFunction(context)] : []),
      ...present(...values, programs.score, programs.mask, programs.weight),
      ...(programs.mask
        ? ["see", "any-seen"].map((part) => render(`wasm/parts/${part}`, { ...common, ...parts }))
        : []),
      ...present(widenTileFunction(step, layout, words)),
      ...walkFunctions,
      ...row.functions,
      ...(plan.writes.out ? valueFunctions({ ...common, ...parts, stored, dims: plan.dims, tile: { columns } }) : []),
      ...(needsMean ? [render("wasm/parts/average-values", { ...common, stored, dims: plan.dims })] : []),
      ...(reduce ? reduce.functions : decodeFunctions(context, view, decode, multiplyAdd)),
    ].map((code) => ({ code: code.trimEnd() })),
  };
}

const pick = ({ starts, leaves, firstRow, endRow }: ReduceParts) => ({ starts, leaves, firstRow, endRow });

function tileView({ tile }: AttendPlan, { registerTile: { rows, columns } }: Target): AttendView["tile"] {
  return {
    ...tile,
    lastKey: tile.keys - 1,
    keyMask: -tile.keys,
    ...{ rows, columns },
    lastRow: rows - 1,
    shortRows: tile.queries % rows,
  };
}

/** Once per KV head: packs it, or is done with it where query rows are few. */
function prepareStatements({ name, plan }: StepOf<AttendPlan>, words: Words): string {
  if (plan.reduce) return `(call $${name}.pack)`;
  return [
    `(if (i32.le_u ${word(words, "queries")} (i32.const ${plan.decode.queries}))`,
    `  (then (call $${name}.decode (local.get $end_head)))`,
    `  (else (call $${name}.pack)))`,
  ].join("\n");
}

const present = (...all: readonly (string | false | undefined)[]): string[] =>
  all.filter((line) => typeof line === "string");

const valueFunctions = (view: object) =>
  ["pack-values", "add-values"].map((part) => render(`wasm/parts/${part}`, view));

const usesSink = ({ normalize, pass }: AttendPlan) => normalize === "softmax" && pass !== "replay" && pass !== "reduce";

/** How many keys a strip computes. */
const OPEN_KEYS = "(i32.shr_u (global.get $open_bytes) (i32.const 2))";

const stripCall = (step: string, name: string) =>
  `(call $${step}.${name} (local.get $scores) (local.get $statistics) (local.get $query) (local.get $first_key))`;

const addValues = (step: string, layout: LayoutView, plan: AttendPlan) =>
  [
    `(call $${step}.add_values`,
    `  (i32.add (i32.add (global.get $scratch) (i32.const ${layout.scores + layout.weightDistance})) (global.get $open_from))`,
    `  (i32.add (global.get $packed_values) (i32.mul (local.get $first_key) (i32.const ${layout.valueBytes})))`,
    `  (i32.add (i32.add (global.get $scratch) (i32.const ${layout.sums})) (i32.mul (local.get $strip) (i32.const ${layout.valueBytes})))`,
    `  (i32.add (i32.add (global.get $scratch) (i32.const ${layout.statistics})) (i32.mul (local.get $strip) (i32.const ${rowBytes(plan)})))`,
    "  (local.get $short))",
  ].join("\n");

/** The values of the tile's keys and distances, left out where only a mask would read them and there is none. */
function storedStatements({ name, plan }: StepOf<AttendPlan>): string {
  const folds = (plan.reduce?.folds ?? []).map(({ region }) => region);
  const others = [plan.score, plan.weight?.region, ...folds].filter((region) => region !== undefined);
  const compute = (lets: readonly Let[], call: string) => {
    if (lets.length === 0) return false;
    return readsOneOf(lets, ...others) ? call : `(if (local.get $masked) (then ${call}))`;
  };
  const calls = present(
    compute(plan.key, `(call $${name}.key_values (local.get $first_key))`),
    compute(plan.diagonal, `(call $${name}.diagonal_values (local.get $query) (local.get $first_key))`),
  );
  return calls.length > 0 ? calls.join("\n") : ";; No value hangs on the key alone, or on the distance.";
}

/** The words that templates name. */
export function wordsView(words: Words): WordsView {
  return { ...words, keyRow: words["key.row"]!, valueRow: words["value.row"]! } as WordsView;
}

/** The words of a step that reads and writes scratch in stored order: under the names of the tensors that it stands for. */
export function inStoredOrder(words: Words, stored: Stored): Words {
  const places = storedTensors(stored).flatMap((name) =>
    ["", ".batch", ".head", ".row"].map((part) => [`${name}${part}`, words[`${storedName(name)}${part}`]!] as const),
  );
  return { ...words, ...Object.fromEntries(places), kvHeads: words[stored.keyHeads]!, calledKvHeads: words.kvHeads! };
}

function layoutView(plan: AttendPlan, target: Target): LayoutView {
  const { valueColumns, products, weights, seen, bytesPerKey: _, ...parts } = layoutOf(plan, target);
  const { dims, tile } = plan;
  const { rows, columns } = target.registerTile;
  const queryBytes = dims.dim * 4;
  const valueBytes = valueColumns * 4;
  return {
    ...parts,
    products,
    diagonalBytes: diagonalBytes(plan),
    weightDistance: weights - parts.scores,
    seenDistance: seen - parts.scores,
    stripBytes: rows * tile.keys * 4,
    shortBytes: (tile.queries % rows) * tile.keys * 4,
    scoreBytes: tile.keys * 4,
    queryBytes,
    keyBytes: queryBytes,
    valueBytes,
    outBytes: dims.valueDim * 4,
    panelRowBytes: columns * 4,
    panelBytes: queryBytes * columns,
  };
}
