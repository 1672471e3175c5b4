// From the steps that choose blocks to the records that their templates read. Which rule a choice goes by is an expression
// over a block's place among the others.

import type { Expr } from "../../ir/expr.ts";
import { isAsked, type Selection, sharedChoices, sharedScores } from "../../ir/selection.ts";
import { type Sides, sideText } from "../../ir/sides.ts";
import { OF_NO_FLOATS } from "../../ir/statistics.ts";
import type { ChoosePlan, PoolPlan, Program, StepOf } from "../../schedule/plan.ts";
import { blocksView, countOf, endStatements } from "../simt/blocks.ts";
import { ownName } from "../simt/dialect.ts";
import { QUANTITY_VARIABLES, type Surroundings } from "../simt/scope.ts";
import { walkOf } from "../simt/walk.ts";
import { render } from "../template.ts";
import type { CudaAgreeView, CudaAnyRowView, CudaChooseView, CudaPoolView, CudaScoreView } from "../views-cuda.ts";
import { walkView } from "./attend.ts";
import { C_TYPES } from "./call.ts";
import { CUDA } from "./dialect.ts";
import type { AgreeStep, ScoreStep } from "./kernels.ts";
import { deviceFunction, stepName } from "./scope.ts";

type BlockSize = { readonly threads: number; readonly sharedBytes: number };

export function poolView(
  { buffers }: Program,
  step: StepOf<PoolPlan>,
  kernel: string,
  around: Surroundings,
): CudaPoolView {
  const { pool, side, pooled, dims } = step.plan;
  const { of, op, range, where } = pool;
  const isQuery = of === "query";
  const taken = where && deviceFunction("takes_row", { lets: [], value: where.takes }, around);
  return {
    step: stepName(step),
    kernel,
    of,
    op,
    size: sideText(side, "rows"),
    dim: dims.dim,
    heads: isQuery ? "call.heads" : "call.kv_heads",
    blocks: countOf(side, of, CUDA),
    functions: taken ? [{ code: taken.code }] : [],
    lengths: where ? LENGTHS : isQuery ? "" : "const int keys = keys_of(call, batch);",
    ends: endStatements(side, of, around),
    ...(isQuery ? { begin: "first_row", behind: "end_row" } : { begin: "first_key", behind: "end_key" }),
    element: C_TYPES[buffers.find(({ name }) => name === of)!.element].kernel,
    pooled: ownName(pooled),
    range: range ? RANGES[range.kind](range.count) : "",
    nothing: CUDA.literal("float", OF_NO_FLOATS[op]).text,
    combined: COMBINED[op],
    open: where ? ["float count = 0.0f;"] : [],
    pass: taken ? [ROW_PLACES[of], `if (!${taken.called()}) continue;`, "count += 1.0f;"] : [],
    close: where?.isMean ? ["value = value / maximum(count, 1.0f);"] : [],
  };
}

const LENGTHS = "const int keys = keys_of(call, batch), query_start = query_start_of(call, batch, keys);";

/** Where a row stands, for who asks whether it takes part; around it, the name is that of its block. */
const ROW_PLACES = { query: "const int query = add(query_start, row);", key: "const int key = row;" } as const;

/** Cuts a block to the rows that take part. */
const RANGES = {
  first: (count: number) => `end = minimum(end, first + ${count});`,
  last: (count: number) => `first = maximum(first, end - ${count});`,
} as const;

/** What is made of `value` and the `next` one. */
export const COMBINED = { sum: "value + next", max: "maximum(value, next)", min: "minimum(value, next)" } as const;

/** What is known of each block of a row. */
export function scoreView(
  step: ScoreStep,
  kernel: string,
  around: Surroundings,
  { threads }: BlockSize,
): CudaScoreView {
  const { selection, products, scores, dims } = step.plan;
  const { visible, sides } = selection;
  const hasMask = !(visible.kind === "const" && visible.value === true);
  const { head, queryTile, ...walk } = walkOf(step.plan, hasMask, around);
  const { may, must } = walkView(walk);
  const { called, functions } = asked(OF_BLOCKS, selection, around);
  const forced = byRow("forced_by_row", selection.forcedByRow, around);
  const added = byRow("added_by_row", selection.addedByRow, around);
  return {
    step: stepName(step),
    kernel,
    ...namesOf(sides),
    ...blocksView(sides, around),
    rowStatements: endStatements(sides.query, "query", around),
    keyStatements: endStatements(sides.key, "key", around),
    dim: dims.dim,
    threads,
    lines: "row_blocks",
    functions: [
      ...(products.length > 0 ? [{ code: render("cuda/parts/multiply-pools", {}).trimEnd() }] : []),
      ...[...functions, ...forced.functions, ...added.functions],
    ],
    called: { ...called, forced: forced.joined(called.forced), added: added.joined(called.added) },
    ofRows: [...forced.lambdas, ...added.lambdas].join("\n"),
    head: head.join("\n"),
    queryTile: queryTile.join("\n"),
    may,
    must,
    multiplies: products.length > 0,
    products: products.map(({ name, query, key }) => ({
      ...{ name: QUANTITY_VARIABLES[name], query: ownName(query), key: ownName(key) },
    })),
    scores: ownName(scores),
    chosen: ownName(selection.chosen.name),
  };
}

/** What a condition of rows adds to that of a block. */
function byRow(name: string, condition: Expr, around: Surroundings) {
  if (!isAsked(condition)) return { functions: [], lambdas: [], joined: (block: string) => block };
  const { code, called } = deviceFunction(name, { lets: [], value: condition }, around);
  const view: CudaAnyRowView = { name, holds: called({ query: "position" }) };
  return {
    functions: [{ code }],
    lambdas: [render("cuda/parts/any-row", view).trimEnd()],
    joined: (block: string) => `(${block} || any_${name}(key))`,
  };
}

export function chooseView(
  step: StepOf<ChoosePlan>,
  kernel: string,
  around: Surroundings,
  blockSize: BlockSize,
): CudaChooseView {
  const { selection, scores } = step.plan;
  const isWhole = selection.line === "all";
  const share = sharedScores(selection);
  return {
    step: stepName(step),
    kernel,
    ...namesOf(selection.sides),
    ...blocksView(selection.sides, around),
    ...blockSize,
    lines: isWhole ? "1" : "row_blocks",
    line: isWhole ? "row_blocks * all_blocks" : "alive",
    ...asked(OF_LINES, selection, around),
    limit: CUDA.types[selection.amount.type],
    takes: takesText(selection),
    scores: ownName(scores),
    chosen: ownName(selection.chosen.name),
    group: groupOf(share?.over ?? "none", around),
    ...JOINS[share?.how ?? "mean"],
  };
}

export function agreeView(step: AgreeStep, kernel: string, around: Surroundings): CudaAgreeView {
  const { selection } = step.plan;
  const { query, key } = selection.sides;
  const { how, over } = sharedChoices(selection)!;
  return {
    ...{ step: stepName(step), kernel, how, group: groupOf(over, around), join: AGREED[how] },
    ...{ rowBlocks: countOf(query, "query", CUDA), keyBlocks: countOf(key, "key", CUDA) },
    chosen: ownName(selection.chosen.name),
  };
}

/** What a block has, in words. */
const namesOf = ({ query, key }: Sides) => ({ rows: sideText(query, "query rows"), keys: sideText(key, "keys") });

const AGREED = { any: "|=", all: "&=" } as const;

const OF_BLOCKS = {
  score: "score_of",
  visible: "is_visible",
  among: "is_among",
  holds: "is_held",
  forced: "is_forced",
  added: "is_added",
} as const;

const OF_LINES = { amount: "amount_of", least: "least_of", most: "most_of" } as const;

type Part = keyof typeof OF_BLOCKS | keyof typeof OF_LINES;

/** A pair has coordinates of its own. */
const PLACES: Readonly<Partial<Record<Part, Readonly<Record<string, string>>>>> = {
  visible: { query: "position", key: "token" },
};

/** Functions that answer questions, and their calls. */
function asked<Asked extends Part>(names: Readonly<Record<Asked, string>>, selection: Selection, around: Surroundings) {
  const functions = (Object.keys(names) as Asked[]).map((part) => {
    const { code, called } = deviceFunction(names[part], { lets: [], value: selection[part] }, around);
    return { code, call: [part, called(PLACES[part])] as const };
  });
  return {
    functions: functions.map(({ code }) => ({ code })),
    called: Object.fromEntries(functions.map(({ call }) => call)) as Record<Asked, string>,
  };
}

/** How many heads choose together. */
const groupOf = (over: "none" | "group" | "heads", { kvHeads = "kv_heads" }: Surroundings) =>
  ({ none: "1", group: `call.heads / call.${kvHeads}`, heads: "call.heads" })[over];

const JOINS = {
  mean: { nothing: "0.0f", joined: "all + one", result: "all / group" },
  max: { nothing: "-infinity()", joined: "maximum(all, one)", result: "all" },
};

/** Ratios count in millionths, and whole numbers of f64 are exact. */
const ROUNDED = { floor: "0.0", ceil: "999999.0", round: "500000.0" };

/** Whether a listed block is one of those that the rule counts. */
function takesText({ rule }: Selection): string {
  switch (rule.kind) {
    case "top":
      return "rank < limit";
    case "ratio":
      return `rank < floor((floor(limit * 1e6 + 0.5) * listed + ${ROUNDED[rule.rounding]}) / 1e6)`;
    case "mass": {
      const all = rule.otherwise === "all" ? "true" : "limit == 1.0f";
      return `limit >= 1.0f ? ${all} : before${rule.before ? " + mass" : ""} < limit * total`;
    }
    case "above":
      return "(state & FORCED) || score > limit";
    case "where":
      return "(state & (FORCED | HOLDS)) != 0";
  }
}
