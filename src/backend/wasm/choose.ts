// From the steps that choose blocks to the records that their templates read. All is computed one block at a time: there are
// few of them beside the pairs that they hold.

import type * as ir from "../../ir/expr.ts";
import { isAsked, type Selection, sharedChoices, sharedScores } from "../../ir/selection.ts";
import { blocksOnSide, type Side, type Sides, sideText } from "../../ir/sides.ts";
import { OF_NO_FLOATS } from "../../ir/statistics.ts";
import type { ChoosePlan, PoolPlan, Program, StepOf } from "../../schedule/plan.ts";
import { capturedBy } from "../attend-facts.ts";
import { render } from "../template.ts";
import { headStatements } from "./functions.ts";
import type { Words } from "./layout.ts";
import { type Printed, printAll } from "./print-fold.ts";
import { JOIN_ONE } from "./reduce.ts";
import { calledKvHeads, type Surroundings, scopeOf, storedExtent, word } from "./scope.ts";
import { literal, NUMBER_TYPE } from "./types.ts";
import { inStoredOrder, wordsView } from "./view.ts";
import type { AnyRowView, BlockFunctionView, ChooseView, PoolView, ShareView } from "./views-choose.ts";
import { walkParts } from "./walk.ts";

export function poolView(program: Program, { name, plan }: StepOf<PoolPlan>, given: Words): PoolView {
  const words = plan.stored ? inStoredOrder(given, plan.stored) : given;
  const { pool, side, dims, rows, pooled } = plan;
  const { of, op, range, where } = pool;
  const around = { step: name, words, tensors: capturedBy(program), dims, head: [] };
  const isHalf = (of === "query" ? rows.query : rows.stored) === "f16";
  const position = "(i32.add (global.get $query_start) (local.get $row))";
  const counted = "(f32.convert_i32_s (call $max_int (local.get $count) (i32.const 1)))";
  return {
    ...{ step: name, of, op, size: sideText(side, "rows"), at: wordsView(words) },
    ...{ columns: dims.dim, pooledBytes: dims.dim * 4 },
    heads: word(words, of === "query" ? "heads" : "kvHeads"),
    blocks: storedExtent(blocksOnSide(side, of).count, words),
    ...{ source: word(words, of), pooled: word(words, `buffer.${pooled}`) },
    batchStride: word(words, `${of}.batch`),
    headStride: word(words, `${of}.head`),
    rowStride: word(words, `${of}.row`),
    range: range ? RANGES[range.kind](range.count) : ";; All of its rows take part.",
    nothing: literal("float", OF_NO_FLOATS[op], "one"),
    combine: JOIN_ONE.f32[op],
    ...(isHalf ? { load: "call $load_half", bytes: 2 } : { load: "f32.load", bytes: 4 }),
    pass: where ? [`(br_if $passed (i32.eqz (call $${name}.takes ${position} (local.get $row))))`] : [],
    close: where?.isMean ? [`(call $divide_words (local.get $to) (local.get $end_at) ${counted})`] : [],
    functions: [
      ...endFunctions(side, of, around),
      ...(where ? [blockFunction("takes", ["query", "key"], where.takes, around)] : []),
    ].map((code) => ({ code: code.trimEnd() })),
  };
}

/** Cuts a block to the rows that take part. */
const RANGES = {
  first: (count: number) =>
    `(local.set $end (call $min_int (local.get $end) (i32.add (local.get $row) (i32.const ${count}))))`,
  last: (count: number) =>
    `(local.set $row (call $max_int (local.get $row) (i32.sub (local.get $end) (i32.const ${count}))))`,
} as const;

export function chooseView(program: Program, { name: step, plan }: StepOf<ChoosePlan>, given: Words): ChooseView {
  const words = plan.stored ? inStoredOrder(given, plan.stored) : given;
  const { selection, dims, head } = plan;
  const { sides } = selection;
  const around = { step, words, tensors: capturedBy(program), dims, head };
  const walk = walkParts({ plan, around });
  const [heads, kvHeads] = [word(words, "heads"), word(words, "kvHeads")];
  const keys = blocksOnSide(sides.key, "key");
  const common = {
    ...{ step, heads },
    rowBlocks: storedExtent(blocksOnSide(sides.query, "query").count, words),
    keyBlocks: storedExtent(keys.count, words),
    scores: word(words, `buffer.${plan.scores}`),
    chosen: word(words, `buffer.${selection.chosen.name}`),
  };
  const isWhole = selection.line === "all";
  return {
    ...common,
    ...{ at: wordsView(words), kvHeads },
    rows: sideText(sides.query, "query rows"),
    keys: sideText(sides.key, "keys"),
    lines: isWhole ? "(i32.const 1)" : common.rowBlocks,
    lineBlocks: isWhole ? `(i32.mul ${common.rowBlocks} ${common.keyBlocks})` : `(call $${step}.alive)`,
    head: headStatements({ plan, around }),
    ...{ enterTile: walk.enterTile, may: walk.may, must: walk.must },
    products: plan.products
      .map((pools) => product(pools, dims.dim * 4, common.rowBlocks, common.keyBlocks, words))
      .join("\n"),
    ...shareParts(selection, common, word(words, calledKvHeads(words))),
    rule: ruleOf(selection, step),
    forced: regionCall(step, "forced", selection.forcedByRow),
    added: regionCall(step, "added", selection.addedByRow),
    functions: [
      ...walk.functions,
      ...blockFunctions(plan, around),
      ...endFunctions(sides.query, "query", around),
      ...endFunctions(sides.key, "key", around),
      blockFunction("alive", [], keys.alive, around),
    ].map((code) => ({ code: code.trimEnd() })),
  };
}

/** Whether block `$i`, `$j` is in a region, of blocks or of what one of its rows has. */
function regionCall(step: string, name: "forced" | "added", byRow: ir.Expr): string {
  const block = `(call $${step}.${name} (local.get $i) (local.get $j))`;
  if (!isAsked(byRow)) return block;
  return `(i32.or ${block} (call $${step}.any_${name}_by_row (local.get $row) (local.get $rows) (local.get $j)))`;
}

/** The product of a pool of rows `$i` with one of keys `$j`. */
function product(
  { query, key }: { readonly query: string; readonly key: string },
  bytes: number,
  rowBlocks: string,
  keyBlocks: string,
  words: Words,
): string {
  const place = (pool: string, heads: string, head: string, count: string, index: string) => {
    const line = `(i32.add ${head} (i32.mul (global.get $batch) ${word(words, heads)}))`;
    const row = `(i32.add ${index} (i32.mul ${count} ${line}))`;
    return `(i32.add ${word(words, `buffer.${pool}`)} (i32.mul ${row} (i32.const ${bytes})))`;
  };
  const left = place(query, "heads", "(global.get $head)", rowBlocks, "(local.get $i)");
  const right = place(key, "kvHeads", "(global.get $kv)", keyBlocks, "(local.get $j)");
  return `(call $add_products ${left} ${right} (i32.const ${bytes}))`;
}

/** Heads that share scores join them before they choose, and heads that share choices join these. */
function shareParts(selection: Selection, common: ShareCommon, kvHeads: string) {
  const joined = (name: "share" | "agree", over: "group" | "heads", how: ShareHow) => {
    const members = over === "heads" ? common.heads : `(i32.div_u ${common.heads} ${kvHeads})`;
    const view: ShareView = {
      ...common,
      name,
      members,
      values: common[name === "share" ? "scores" : "chosen"],
      ...how,
    };
    return render("wasm/parts/join-heads", view);
  };
  const [scores, choices] = [sharedScores(selection), sharedChoices(selection)];
  return {
    share: scores ? joined("share", scores.over, JOINS[scores.how]) : "",
    shareCall: scores ? `(call $${common.step}.share)` : ";; Every head chooses by its own scores.",
    agree: choices ? joined("agree", choices.over, JOINS[choices.how]) : "",
    agreeCall: choices ? `(call $${common.step}.agree)` : "",
  };
}

type ShareCommon = Pick<ChooseView, "step" | "heads" | "rowBlocks" | "keyBlocks" | "scores" | "chosen">;
type ShareHow = Pick<ShareView, "what" | "type" | "join" | "divide">;

const MEAN = "(local.set $value (f32.div (local.get $value) (f32.convert_i32_u (local.get $members))))";

const JOINS: Readonly<Record<NonNullable<Selection["share"]>["how"], ShareHow>> = {
  mean: { what: "the mean of their scores", type: "f32", join: "f32.add", divide: MEAN },
  max: { what: "the highest of their scores", type: "f32", join: "f32.max", divide: "" },
  any: { what: "1 where one of them chose it", type: "i32", join: "i32.or", divide: "" },
  all: { what: "1 where all of them chose it", type: "i32", join: "i32.and", divide: "" },
};

/** How a rule counts: what it computes ahead, what it adds up over the blocks before one, and whether it takes that one. */
function ruleOf({ rule }: Selection, step: string): ChooseView["rule"] {
  const below = "(i32.lt_s (local.get $rank) (local.get $limit))";
  const amount = `(call $${step}.amount (local.get $i))`;
  const forced = "(i32.ne (i32.and (local.get $own) (i32.const 2)) (i32.const 0))";
  switch (rule.kind) {
    case "top":
      return { locals: "(local $limit i32)", open: `(local.set $limit ${amount})`, start: "", meet: "", takes: below };
    case "ratio": {
      const offset = { floor: 0, ceil: 999_999, round: 500_000 }[rule.rounding];
      const open = render("wasm/parts/open-ratio", { step, offset });
      return { locals: "(local $limit i32) (local $listed i32)", open, start: "", meet: "", takes: below };
    }
    case "mass": {
      const mass = (score: string) => `(call $exp_one (f32.sub (local.get ${score}) (local.get $highest)))`;
      const sum = rule.before ? `(f32.add (local.get $before) ${mass("$score")})` : "(local.get $before)";
      const all = `(i32.or (f32.eq (local.get $limit) (f32.const 1)) (i32.const ${Number(rule.otherwise === "all")}))`;
      return {
        locals: "(local $limit f32) (local $highest f32) (local $total f32) (local $before f32)",
        open: render("wasm/parts/open-mass", { step }),
        start: "(local.set $before (f32.const 0))",
        meet: `(local.set $before (f32.add (local.get $before) ${mass("$other_score")}))`,
        takes: `(select ${all} (f32.lt ${sum} (f32.mul (local.get $limit) (local.get $total))) (f32.ge (local.get $limit) (f32.const 1)))`,
      };
    }
    case "above":
      return {
        ...{ locals: "(local $limit f32)", open: `(local.set $limit ${amount})`, start: "", meet: "" },
        takes: `(i32.or ${forced} (f32.gt (local.get $score) (local.get $limit)))`,
      };
    case "where":
      return {
        ...{ locals: "", open: "", start: "", meet: "" },
        takes: `(i32.or ${forced} (i32.ne (i32.and (local.get $own) (i32.const 4)) (i32.const 0)))`,
      };
  }
}

type Parameter = "query" | "key" | ir.Quantity;

const PAIR = ["query", "key"] as const;

/** Where a block of the side begins and ends. */
export function endFunctions(side: Side, of: keyof Sides, around: BlockSurroundings): string[] {
  const { first, end } = blocksOnSide(side, of);
  return [blockFunction(`first_${of}`, [of], first, around), blockFunction(`end_${of}`, [of], end, around)];
}

/** Functions of a block, whose numbers are `$query` and `$key`, and `visible` of a pair. */
function blockFunctions({ selection, products }: ChoosePlan, around: BlockSurroundings): string[] {
  const { score, visible, among, holds, forced, added, amount, least, most } = selection;
  const rows: readonly (readonly [string, readonly Parameter[], ir.Expr])[] = [
    ["score", [...PAIR, ...products.map(({ name }) => name)], score],
    ...Object.entries({ visible, among, holds, forced, added }).map(([name, expr]) => [name, PAIR, expr] as const),
    ...Object.entries({ amount, least, most }).map(([name, expr]) => [name, ["query"], expr] as const),
  ];
  const byRow = (name: "forced_by_row" | "added_by_row", condition: ir.Expr): string[] => {
    if (!isAsked(condition)) return [];
    const view: AnyRowView = { step: around.step, name };
    return [blockFunction(name, PAIR, condition, around), render("wasm/parts/any-row", view)];
  };
  return [
    ...rows.map(([name, takes, expr]) => blockFunction(name, takes, expr, around)),
    ...byRow("forced_by_row", selection.forcedByRow),
    ...byRow("added_by_row", selection.addedByRow),
  ];
}

export type BlockSurroundings = Omit<Surroundings, "quantities" | "definitions">;

/** A function of one place of the map, `$query` and `$key`, whatever they count. */
export function blockFunction(
  name: string,
  takes: readonly Parameter[],
  expr: ir.Expr,
  around: BlockSurroundings,
): string {
  const { locals, once, results } = printAll([expr], blockScope(takes, around), "one");
  const typeOf = (each: Parameter) => (each === "query" || each === "key" ? "i32" : "f32");
  const view: BlockFunctionView = {
    name: `$${around.step}.${name}`,
    parameters: takes.map((each) => `(param $${each} ${typeOf(each)})`).join(" "),
    type: NUMBER_TYPE[expr.type],
    ...{ locals, statements: once, result: results[0]! },
  };
  return render("wasm/parts/block-function", view);
}

/** One pair or one block at a time. */
function blockScope(takes: readonly Parameter[], around: BlockSurroundings) {
  const one = (text: string): Printed => ({ text, width: "one" });
  const scope = scopeOf({
    ...around,
    quantities: Object.fromEntries(takes.map((each) => [each, one(`(local.get $${each})`)])),
    definitions: [],
  });
  const key = (expr: ir.Expr) => expr.kind === "coord" && expr.axis === "key";
  return { ...scope, leaf: (expr: ir.Expr) => (key(expr) ? one("(local.get $key)") : scope.leaf(expr)) };
}
