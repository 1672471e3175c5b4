// From an attend step to the record that its template reads: the functions of mask, score, weight, scale and sink, where
// their arguments are found in a thread, and the pieces of text in which two kernels can differ.

import type { Target } from "../../../targets/target.ts";
import type * as ir from "../../ir/expr.ts";
import { registerTileOf } from "../../schedule/larger-tiles.ts";
import type { Let, Region } from "../../schedule/loop.ts";
import type { AttendPlan, Program, StepOf, Warpgroups } from "../../schedule/plan.ts";
import { sumsValues } from "../../schedule/split.ts";
import { quantitiesOf, rowScale, scoreRegion, summaryOf, timesLog2e, usesLog2 } from "../attend-facts.ts";
import { ownName } from "../simt/dialect.ts";
import type { Surroundings } from "../simt/scope.ts";
import { letStatements, walkOf } from "../simt/walk.ts";
import { render } from "../template.ts";
import type {
  CudaAttendView,
  CudaPipelineView,
  CudaProductsView,
  CudaVisitsView,
  CudaWarpgroupsView,
} from "../views-cuda.ts";
import { C_TYPES } from "./call.ts";
import { CUDA } from "./dialect.ts";
import { foldFunctions, foldPairs, openFolds, scoreOf } from "./folds.ts";
import { tilesOf } from "./packing.ts";
import { closeRows, reopenRow, rescaleLater, rowStatistics, storeWeights, weighRows } from "./row-steps.ts";
import { type DeviceFunction, deviceFunction, stepName } from "./scope.ts";
import { turnsOf } from "./turns.ts";
import { type BlockSize, CHUNK, ringOf, unitOf } from "./units.ts";

export function attendView(
  program: Program,
  step: StepOf<AttendPlan>,
  kernel: string,
  around: Surroundings,
  target: Target,
  blockSize: BlockSize,
): CudaAttendView {
  const { plan } = step;
  const { factor, columnValues, seen, score, weigh, sink, ...view } = passView(
    program,
    step,
    around,
    target,
    blockSize,
  );
  const { element } = view;
  const readsValues = sumsValues(plan);
  const unit = unitOf(plan, target);
  const part = (name: string, of: object) => render(`cuda/parts/${name}-${unit}`, of).trimEnd();
  const shared = (name: string, of: object) => render(`cuda/parts/${name}-${reachOf(plan)}`, of).trimEnd();
  const { list } = plan.traversal;
  const visits: CudaVisitsView = {
    ...{ columnValues, seen, score, weigh },
  };
  const ofUnit = {
    simt: (): CudaProductsView => ({
      multiplyKeys: part("multiply-keys", { element }),
      addValues: readsValues ? part("add-values", { element }) : NO_VALUES,
    }),
    mma: (): CudaPipelineView => ({
      element,
      multiplyKeys: part("multiply-keys", { element, factor }),
      addValues: readsValues ? part("add-values", { element }) : "load_values(next, slot);",
      loadValues: part("load-values", { element, values: readsValues }),
      keepQueries: part("keep-queries", {}),
    }),
    wgmma: (): CudaWarpgroupsView => ({
      ...{ element, factor, values: readsValues, rescale: rescaleLater(plan) },
      ...turns,
    }),
  };
  const place = { block: unit === "wgmma" ? "tiles_told[round % 4]" : "blockIdx.x", found: shared("place", {}) };
  const turns = turnsOf(plan.warpgroups);
  const visiting = plan.warpgroups?.ahead ? "visits-wgmma-ahead" : `visits-${unit}`;
  const walk = walkView(walkOf(plan, plan.mask !== undefined, around));
  return {
    ...view,
    kernel,
    place: place.found,
    reach: shared("reach", {}),
    reached: shared("reached", {}),
    openSums: plan.reduce ? openFolds(plan.reduce) : "Sums sums = {};",
    visits: render(`cuda/parts/${visiting}`, { ...visits, ...ofUnit[unit]() }).trimEnd(),
    listStatements: list ? render("cuda/parts/list", listFields(list)).trimEnd() : "// No list of tiles.",
    advance: render(list ? "cuda/parts/advance-listed" : "cuda/parts/advance-walk", walk).trimEnd(),
    close: closeRows(program, plan, element, place, sink),
    ...turns,
  };
}

/** What passes over the map have in common, whatever they go from tile to tile of. */
export function passView(
  program: Program,
  step: StepOf<AttendPlan>,
  around: Surroundings,
  target: Target,
  blockSize: BlockSize,
) {
  const { plan } = step;
  const { rows, columns } = registerTileOf(target, plan.tile);
  const element = C_TYPES[program.buffers.find((buffer) => buffer.name === "query")!.element].kernel;
  const reads = quantitiesOf(plan);
  const unit = unitOf(plan, target);
  const part = (name: string, view: object) => render(`cuda/parts/${name}-${unit}`, view).trimEnd();
  const functions = functionsOf(plan, around);
  const folds = foldFunctions(plan, around);
  const places = placesOf(plan);
  const walk = walkOf(plan, plan.mask !== undefined, around);
  const columnValues = columnStatements(plan, reads, around);
  const weight = functions.weight && weightCode(plan, functions.weight, places, columnValues);
  const ofRow = functions.scale!.parameters.some((name) => places[name] || ROW.includes(name));
  const factor = ofRow ? "rows[i].factor" : functions.scale!.called();
  const store = weight ?? "// The weight is p itself.";
  return {
    factor,
    columnValues,
    seen: ["inside", "key < end_key", ...(functions.mask ? [functions.mask.called(places)] : [])].join(" && "),
    score: scoreText(plan, functions.score?.called({ ...places, score: "products[i][j]" })),
    weigh: plan.reduce
      ? weighRows(plan, foldPairs(plan, folds, places, columnValues))
      : weighRows(plan, storeWeights(store, unit === "simt" ? SHARED_WEIGHT : "weights[i][j]")),
    step: stepName(step),
    element,
    summary: summaryOf(plan),
    dims: plan.dims,
    tile: plan.tile,
    rows,
    columns,
    ...blockSize,
    stand: standOf(plan),
    layout: part("layout", layoutOf[unit](plan)),
    memory: part("memory", { element }),
    loadRows: part("load-rows", {
      element,
      ...(unit === "wgmma"
        ? {
            token: plan.warpgroups!.packs ? "first_token" : "first_row",
            loadValues: sumsValues(plan) ? part("load-values", { element }) : VALUES_TURN,
          }
        : {}),
    }),
    loadQuery: unit === "simt" ? part("load-query", { element }) : "// They are loaded already.",
    rowFields: [
      ...rowStatistics(plan, reads.has("lse")),
      ...(reads.has("queryNorm2") ? ["float query_norm2"] : []),
      ...plan.row.map(fieldOf),
    ],
    columnFields: [
      ...(reads.has("keyNorm2") ? ["float key_norm2"] : []),
      ...(reads.has("valueNorm2") ? ["float value_norm2"] : []),
      ...plan.key.map(fieldOf),
    ],
    functions: [...Object.values(functions), ...folds].flatMap((each) => (each ? [{ code: each.code }] : [])),
    head: walk.head.join("\n"),
    queryTile: walk.queryTile.join("\n"),
    openRow: reopenRow(plan),
    rowValues: [
      ...(reads.has("queryNorm2")
        ? [
            `const float query_norm2 = squared_norm(query_row<${element}>(call, batch, head, index), DIM);`,
            "rows[i].query_norm2 = query_norm2;",
          ]
        : []),
      ...(reads.has("lse") ? ["const float lse = rows[i].lse;"] : []),
      ...letStatements(plan.row, around, "r"),
      ...plan.row.map(({ name: own }) => `rows[i].${own} = ${own};`),
    ].join("\n"),
    scale: functions.scale!.called(),
    sink: functions.sink?.called(places),
  };
}

/** What a layout is told beside the plan's dims and tile. */
const layoutOf = {
  simt: () => ({ chunk: CHUNK }),
  mma: () => ({}),
  wgmma: (plan: AttendPlan) => ({
    stages: ringOf(plan).stages,
    registers: plan.warpgroups!.registers,
    tiles: tilesOf(plan),
    nextTile: nextTile(plan.warpgroups!),
  }),
};

const nextTile = ({ counter }: Warpgroups) =>
  counter ? render("cuda/parts/next-counted", { counter: ownName(counter) }) : render("cuda/parts/next-dealt", {});

function standOf(plan: AttendPlan): string {
  const { split } = plan;
  const heads = split && { keys: split.keys, heads: split.packs ? GROUP : "1" };
  return render(`cuda/parts/stand-${reachOf(plan)}`, heads ?? {}).trimEnd();
}

/** Whose rows a block has: of one head, of several in a tile, or of several and of a stretch of their keys. */
const reachOf = ({ split, warpgroups }: AttendPlan) => (split ? "split" : warpgroups?.packs ? "packed" : "tile");

const NO_VALUES = "// This pass leaves the values alone.";
const VALUES_TURN = "if (leads) phase_arrive(barriers, VALUES_HERE + stage);  // This pass leaves the values alone.";
/** What is computed once a key of the thread. */
const columnStatements = (plan: AttendPlan, reads: ReadonlySet<ir.Quantity>, around: Surroundings) =>
  [
    ...norms(reads, "keyNorm2", "key", "DIM"),
    ...norms(reads, "valueNorm2", "value", "VALUE_DIM"),
    ...letStatements(plan.key, around, "k"),
    ...plan.key.map(({ name: own }) => `column.${own} = ${own};`),
  ].join("\n");

/** Query heads that share a KV head. */
const GROUP = "call.heads / call.kv_heads";

/** Where a thread leaves a weight for those that share its row. */
const SHARED_WEIGHT = "weights[row_of(reader, i) * WEIGHT_STRIDE + key_of(lane, j)]";

const fieldOf = ({ name, value }: Let) => `${CUDA.types[value.type]} ${name}`;

export const listFields = ({ counts, tiles }: { readonly counts: string; readonly tiles: string }) => ({
  counts: ownName(counts),
  tiles: ownName(tiles),
});

/** The walk, with its statements as text. */
export function walkView({ next, may, must }: Pick<ReturnType<typeof walkOf>, "next" | "may" | "must">) {
  const text = ({ statements, value }: typeof next) => ({ statements: statements.join("\n"), value });
  return { next: text(next), may: text(may), must: text(must) };
}

const norms = (reads: ReadonlySet<ir.Quantity>, name: ir.Quantity, tensor: "key" | "value", width: string) => {
  if (!reads.has(name)) return [];
  const variable = `${tensor}_norm2`;
  const row = `${tensor}_rows + key * call.${tensor}_strides[2]`;
  return [`const float ${variable} = squared_norm(${row}, ${width});`, `column.${variable} = ${variable};`];
};

/** Where a thread keeps what the functions read: with the row, and with the key. */
function placesOf({ row, key }: AttendPlan): Readonly<Record<string, string>> {
  const ofRow = ["lse", "query_norm2", ...row.map(({ name }) => name)].map((name) => [name, `row.${name}`]);
  const ofKey = ["key_norm2", "value_norm2", ...key.map(({ name }) => name)].map((name) => [name, `column.${name}`]);
  return { ...Object.fromEntries([...ofRow, ...ofKey]), product: "products[i][j]" };
}

/** What differs from row to row beside the values of the plan. */
const ROW = ["query", "query_norm2", "lse"];

type Functions = { readonly [name in "scale" | "sink" | "score" | "mask" | "weight"]?: DeviceFunction };

function functionsOf(plan: AttendPlan, around: Surroundings): Functions {
  const { mask, weight, sink, diagonal } = plan;
  const pair = (name: string, region: Region) => deviceFunction(name, region, around, diagonal);
  const row = (name: string, value: ir.Expr) => deviceFunction(name, { lets: [], value }, around);
  const score = scoreRegion(plan);
  return {
    scale: row("scale_of", rowScale(plan)),
    ...(sink && plan.pass !== "replay" ? { sink: row("sink_of", timesLog2e(sink)) } : {}),
    ...(score ? { score: pair("score_of", score) } : {}),
    ...(mask ? { mask: pair("is_visible", mask) } : {}),
    ...(weight ? { weight: pair("weight_of", weight.region) } : {}),
  };
}

function scoreText(plan: AttendPlan, called: string | undefined): string {
  if (!called) return "products[i][j]";
  return usesLog2(plan) ? `${called} * LOG2_E` : called;
}

/** What the weight makes of p; hidden keys keep the weight 0. */
function weightCode(
  plan: AttendPlan,
  weight: DeviceFunction,
  places: Readonly<Record<string, string>>,
  columnValues: string,
): string {
  const called = weight.called({ ...places, score: scoreOf(plan), weight: "p[j]" });
  const ofKey = weight.parameters.some((name) => places[name]?.startsWith("column."));
  return render("cuda/parts/weight", {
    columnValues: ofKey ? columnValues : "// It reads nothing of the key alone.",
    result: plan.weight!.form === "factor" ? `p[j] * ${called}` : called,
  }).trimEnd();
}
