// What a pass for statistics does beside attend: its folds of a row of scores and weights, where their sums lie, and how they
// begin and end. Columns are kept tile by tile, [tiles][columns][TILE_K], in the step's scratch.

import type { Tensor } from "../../ir/expr.ts";
import type { Order } from "../../ir/order.ts";
import { type FoldOp, ofNothing } from "../../ir/statistics.ts";
import type { AttendPlan, Reduce } from "../../schedule/plan.ts";
import { usesLog2 } from "../attend-facts.ts";
import { render } from "../template.ts";
import type { AttendView } from "../views.ts";
import { blockFunction } from "./choose.ts";
import { PAIR_QUANTITIES, type StepContext, tableStart, tableStep, tablesOf } from "./functions.ts";
import type { Words } from "./layout.ts";
import { ownLine } from "./order.ts";
import { diagonalPlaces, keyPlaces, rowPlaces } from "./places.ts";
import { printAll } from "./print-fold.ts";
import { scopeOf, word } from "./scope.ts";
import { literal } from "./types.ts";
import type { FoldPairsView, LeaveColumnView, ReduceView } from "./views-reduce.ts";

type Fold = Reduce["folds"][number];
type Number = "f32" | "i32";

/** The bits of what nothing comes to. */
export function emptyBits(op: FoldOp, tensor: Pick<Tensor, "element">): number {
  const nothing = ofNothing(op, tensor);
  return Number.isFinite(nothing) ? nothing : new Int32Array(Float32Array.of(nothing).buffer)[0]!;
}

const bitsOf = ({ op, tensor }: Fold) => emptyBits(op, tensor);

export type ReduceParts = Pick<ReduceView, "starts" | "leaves" | "firstRow" | "endRow"> & {
  /** Statements over the row at hand, `$query`, at `$scores`. */
  readonly rowStatements: string;
  readonly packStatement: string;
  readonly functions: readonly string[];
};

/** @param given words of the call, not those of what lies in stored order
 *  @param order says which key or row of the call is stored at a place */
export function reduceParts(
  context: StepContext,
  common: Pick<AttendView, "step" | "tile">,
  given: Words,
  order: Order | undefined,
): ReduceParts {
  const { plan, around } = context;
  const { folds, rows } = plan.reduce!;
  const { step } = around;
  const [keys, queries] = [word(given, "keys"), word(given, "queries")];
  const line = (tensor: string, length: string, head = HEAD) =>
    `(i32.add ${word(given, `buffer.${tensor}`)} (i32.shl (i32.mul ${head(given)} ${length}) (i32.const 2)))`;
  const storedAt = (tensor: Tensor | undefined, length: string, place: string) => {
    if (!order || !tensor) return place;
    const stored = line(tensor.name, length, () => ownLine(order.per, given));
    return `(i32.load (i32.add ${stored} (i32.shl ${place} (i32.const 2))))`;
  };
  const lineOf = ({ along, tensor }: Fold) => line(tensor.name, along === "query" ? keys : queries);
  const row = "(i32.sub (local.get $query) (global.get $query_start))";
  const rowPlace = (fold: Fold) =>
    `(i32.add ${lineOf(fold)} (i32.shl ${storedAt(order?.rows, queries, row)} (i32.const 2)))`;
  const columns = folds.filter(({ along }) => along === "query");
  const columnAt = (fold: Fold) =>
    `(i32.add (global.get $columns) (i32.const ${columns.indexOf(fold) * plan.tile.keys * 4}))`;
  const bound = (name: string, part: "first" | "end", range = rows) =>
    blockFunction(`${name}_${part}`, [], range![part], around);
  const paddedKeys = `(i32.and (i32.add (global.get $keys) (i32.const ${common.tile.lastKey})) (i32.const ${common.tile.keyMask}))`;
  const starts = [
    ...folds.map((fold) => {
      const length = fold.along === "query" ? keys : queries;
      return `(call $fill_words ${lineOf(fold)} ${length} (i32.const ${bitsOf(fold)}))`;
    }),
    ...columnStarts(columns, plan, paddedKeys),
  ];
  const view: LeaveColumnView = {
    ...{ step, tile: common.tile, columnBytes: columns.length * 4 },
    place: storedAt(order?.keys, keys, "(local.get $key)"),
  };
  const ranged = folds.flatMap((fold, index) => (fold.rows && !isAll(fold, rows) ? [{ index, range: fold.rows }] : []));
  return {
    starts,
    leaves: columns.map((fold) => `(call $${step}.leave ${columnAt(fold)} ${lineOf(fold)})`),
    firstRow: rows ? `(call $${step}.rows_first)` : "(i32.const 0)",
    endRow: rows ? `(call $${step}.rows_end)` : queries,
    packStatement: `(global.set $columns (i32.add (global.get $value_norms) (i32.shl (local.get $rows) (i32.const 2))))`,
    rowStatements: [
      // Rows beyond the last are computed with the strip, and come to nothing.
      `(if (i32.lt_s ${row} (i32.add (local.get $row) (local.get $rows))) (then`,
      ...folds.map((_, index) => {
        const call = `(call $${step}.fold${index} (local.get $scores) (local.get $statistics) (local.get $query) (local.get $first_key))`;
        if (!ranged.some((each) => each.index === index)) return `  ${call}`;
        const inside = `(i32.and (i32.ge_s ${row} (call $${step}.fold${index}_first)) (i32.lt_s ${row} (call $${step}.fold${index}_end)))`;
        return `  (if ${inside} (then ${call}))`;
      }),
      "))",
    ].join("\n"),
    functions: [
      ...(rows ? [bound("rows", "first"), bound("rows", "end")] : []),
      ...ranged.flatMap(({ index, range }) => [
        bound(`fold${index}`, "first", range),
        bound(`fold${index}`, "end", range),
      ]),
      ...folds.map((fold, index) =>
        fold.along === "query"
          ? foldFunction(context, index, columnStatements(fold, columns, plan))
          : foldFunction(context, index, rowStatements(fold, rowPlace(fold))),
      ),
      ...(columns.length > 0 ? [render("wasm/parts/leave-column", view)] : []),
    ],
  };
}

const isAll = ({ rows }: Fold, all: Reduce["rows"]) => rows?.first === all?.first && rows?.end === all?.end;

const HEAD = (words: Words) => `(i32.add (global.get $head) (i32.mul (global.get $batch) ${word(words, "heads")}))`;

/** All columns at once where nothing comes to the same in all of them, else vector after vector of every tile. */
function columnStarts(columns: readonly Fold[], { tile }: AttendPlan, paddedKeys: string): string[] {
  if (columns.length === 0) return [];
  const words = (count: string, each: number) => `(i32.mul ${count} (i32.const ${each}))`;
  const [first] = columns as [Fold];
  if (columns.every((each) => bitsOf(each) === bitsOf(first))) {
    return [
      `(call $fill_words (global.get $columns) ${words(paddedKeys, columns.length)} (i32.const ${bitsOf(first)}))`,
    ];
  }
  const at = (index: number) =>
    `(i32.add (global.get $columns) (i32.add ${words("(local.get $row)", columns.length * 4)} (i32.const ${index * tile.keys * 4})))`;
  return [
    "(block $filled (loop $fill",
    `  (br_if $filled (i32.ge_s (local.get $row) ${paddedKeys}))`,
    ...columns.map(
      (each, index) => `  (call $fill_words ${at(index)} (i32.const ${tile.keys}) (i32.const ${bitsOf(each)}))`,
    ),
    `  (local.set $row (i32.add (local.get $row) (i32.const ${tile.keys})))`,
    "  (br $fill)))",
  ];
}

type Statements = Pick<FoldPairsView, "open" | "close" | "comment"> & { join(value: string): string };

const numberOf = ({ tensor }: Fold): Number => (tensor.element === "i32" ? "i32" : "f32");

const joined = (fold: Fold, left: string, right: string) => `(${JOINS[numberOf(fold)][fold.op]} ${left} ${right})`;

/** One instruction each: `f32x4.max` takes care of NaN and of the signs of zeros, which costs five. */
const JOINS: Readonly<Record<Number, Readonly<Record<FoldOp, string>>>> = {
  f32: { sum: "f32x4.add", max: "f32x4.pmax", min: "f32x4.pmin" },
  i32: { sum: "i32x4.add", max: "i32x4.max_s", min: "i32x4.min_s" },
};

/** Of two numbers. */
export const JOIN_ONE: typeof JOINS = {
  f32: { sum: "f32.add", max: "f32.max", min: "f32.min" },
  i32: { sum: "i32.add", max: "call $max_int", min: "call $min_int" },
};

function columnStatements(fold: Fold, columns: readonly Fold[], { tile }: AttendPlan): Statements {
  const offset = columns.indexOf(fold) * tile.keys * 4;
  // Of the tile's first key, and from there to the first that the strip computes.
  const tileKey = "(i32.sub (local.get $first_key) (i32.shr_u (global.get $open_from) (i32.const 2)))";
  const placeInTile = `(i32.add (i32.mul ${tileKey} (i32.const ${columns.length * 4})) (global.get $open_from))`;
  return {
    comment: `What the pairs of one row come to, added to the columns of their keys: ${fold.tensor.name}.`,
    open: `(local.set $at (i32.add (i32.add (global.get $columns) (i32.const ${offset})) ${placeInTile}))`,
    join: (value) =>
      [
        `(v128.store (local.get $at) ${joined(fold, "(v128.load (local.get $at))", value)})`,
        "(local.set $at (i32.add (local.get $at) (i32.const 16)))",
      ].join("\n"),
    close: ";; Columns are left when the head is done.",
  };
}

function rowStatements(fold: Fold, place: string): Statements {
  const type = numberOf(fold);
  return {
    comment: `What the pairs of one row come to, added to the row: ${fold.tensor.name}.`,
    open: `(local.set $sum ${nothingOf(fold)})`,
    join: (value) => `(local.set $sum ${joined(fold, "(local.get $sum)", value)})`,
    close: [
      `(local.set $at ${place})`,
      `(${type}.store (local.get $at) (${JOIN_ONE[type][fold.op]} (${type}.load (local.get $at)) ${lanes(fold)}))`,
    ].join("\n"),
  };
}

const nothingOf = (fold: Fold) =>
  literal(numberOf(fold) === "f32" ? "float" : "int", ofNothing(fold.op, fold.tensor), "four");

/** What the four sums of `$sum` come to. */
function lanes(fold: Fold): string {
  if (numberOf(fold) === "i32") {
    const lane = (index: number) => `(i32x4.extract_lane ${index} (local.get $sum))`;
    const join = JOIN_ONE.i32[fold.op];
    return `(${join} (${join} ${lane(0)} ${lane(1)}) (${join} ${lane(2)} ${lane(3)}))`;
  }
  if (fold.op === "sum") return "(call $sum_of_lanes (local.get $sum))";
  if (fold.op === "max") return "(call $largest_lane (local.get $sum))";
  return "(f32.neg (call $largest_lane (f32x4.neg (local.get $sum))))";
}

/** A function over a row of scores and weights. Pairs that do not see each other come to 0 in a sum; a maximum skips them. */
function foldFunction({ plan, layout, around }: StepContext, index: number, statements: Statements): string {
  const fold = plan.reduce!.folds[index]!;
  const { region, op } = fold;
  const four = (text: string) => ({ text, width: "four" }) as const;
  const scope = scopeOf({
    ...around,
    quantities: { ...PAIR_QUANTITIES, score: four("(local.get $score)"), weight: four("(local.get $weight)") },
    definitions: region.lets,
    locals: { ...rowPlaces(plan), ...keyPlaces(plan), ...diagonalPlaces(plan) },
  });
  const code = printAll([region.value], scope, "four");
  const tables = tablesOf(region, plan, layout);
  const score = "(v128.load (local.get $scores))";
  const natural = usesLog2(plan) ? `(f32x4.mul ${score} ${literal("float", Math.LN2, "four")})` : score;
  const [value] = code.results as [string];
  const visible = `(f32x4.gt ${score} ${literal("float", -Infinity, "four")})`;
  const shown = op === "sum" ? value : `(v128.bitselect ${value} ${nothingOf(fold)} ${visible})`;
  const { join, ...text } = statements;
  const view: FoldPairsView = {
    ...{ name: `$${around.step}.fold${index}`, layout, ...text },
    locals: [...tables.map(({ at }) => `(local ${at} i32)`), ...code.locals],
    once: [...tables.map(tableStart), ...code.once],
    each: [
      ...tables.map(tableStep),
      `(local.set $score ${natural})`,
      `(local.set $weight (v128.load offset=${layout.weightDistance} (local.get $scores)))`,
      ...code.each,
    ],
    join: join(shown),
  };
  return render("wasm/parts/fold-pairs", view);
}
