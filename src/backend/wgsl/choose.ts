// From the steps that choose blocks to the records that their templates read: pools of rows, scores, the choice. No barrier
// spans workgroups, so scores and choices, which heads may share, are shaders of their own.

import type * as ir from "../../ir/expr.ts";
import { bool } from "../../ir/make.ts";
import { isAsked, type Selection, sharedChoices, sharedScores } from "../../ir/selection.ts";
import { sideText } from "../../ir/sides.ts";
import type { ChoosePlan, PoolPlan, Program, StepOf } from "../../schedule/plan.ts";
import { blocksView, countOf, endStatements } from "../simt/blocks.ts";
import { QUANTITY_VARIABLES, type Surroundings } from "../simt/scope.ts";
import { walkOf } from "../simt/walk.ts";
import type { Printed } from "../views.ts";
import type {
  WgslAgreeView,
  WgslAnyRowView,
  WgslBlockRowView,
  WgslChooseView,
  WgslPoolView,
  WgslScoresView,
} from "../views-wgsl.ts";
import { enterView, startView } from "./attend.ts";
import { part, printedCall } from "./context.ts";
import { WGSL } from "./dialect.ts";
import { JOINS, nothingOf } from "./folds.ts";
import { CHOICE_THREADS, ruleView } from "./keep-rules.ts";
import { placeOf, readRows } from "./places.ts";

const LENGTHS = {
  query: { heads: "call.heads", begin: "first_row", behind: "end_row", lengths: "" },
  key: {
    ...{ heads: "call.kv_heads", begin: "first_key", behind: "end_key" },
    lengths: "var keys = call.keys;\nif (call.has_key_lengths != 0) { keys = lengths[batch * 2]; }",
  },
} as const;

export function poolView(
  program: Program,
  { plan }: StepOf<PoolPlan>,
  step: string,
  around: Surroundings,
): WgslPoolView {
  const { pool, side, pooled, dims } = plan;
  const { of, op, range, where } = pool;
  const taken = where && printedCall("takes_row", where.takes, "Whether a row takes part.", around);
  return {
    ...{ step, of, op, threads: CHOICE_THREADS },
    functions: [...readRows(program, [of]).map((code) => ({ code })), ...(taken?.functions ?? [])],
    ...{ ...LENGTHS[of], ...(where && { lengths: part("lengths", startView(program, around)) }) },
    ...{ size: sideText(side, "rows"), blocks: countOf(side, of, WGSL), ends: endStatements(side, of, around) },
    ...{ columns: dims.dim, pooledAt: placeOf(pooled) },
    range: range ? RANGES[range.kind](range.count) : "",
    nothing: nothingOf(op, { element: "f32" }),
    combined: JOINS[op]("value", "next"),
    open: where ? ["var count = 0.0;"] : [],
    pass: taken ? [PLACES[of], `if (!${taken.call}) { continue; }`, "count += 1.0;"] : [],
    close: where?.isMean ? ["value = value / max(count, 1.0);"] : [],
  };
}

/** Where a row stands, for who asks whether it takes part; around it, the name is that of its block. */
const PLACES = { query: "let query = query_start + row;", key: "let key = row;" } as const;

/** Cuts a block to the rows that take part. */
const RANGES = {
  first: (count: number) => `end = min(end, first + ${count});`,
  last: (count: number) => `first = max(first, end - ${count});`,
} as const;

/** What is known of each block of a row. */
export function scoresView(program: Program, { plan }: StepOf<ChoosePlan>, step: string, around: Surroundings) {
  const { selection, products, dims, scores: _, ...walking } = plan;
  const score = printedCall("score_of", selection.score, "What a block is worth.", around);
  const { calls, functions } = asked(OF_BLOCKS, selection, around);
  const forced = byRow("forced_by_row", selection.forcedByRow, around);
  const added = byRow("added_by_row", selection.addedByRow, around);
  const { may, must } = walkOf(walking, selection.visible !== bool(true), around);
  return {
    ...blockRowView(program, plan, step, around, [
      ...[...score.functions, ...functions, ...forced.functions, ...added.functions],
    ]),
    ...{ ...calls, forced: `${calls.forced}${forced.also}`, added: `${calls.added}${added.also}` },
    ...{ may, must, keyStatements: endStatements(selection.sides.key, "key", around) },
    products: products.map(({ name, query, key }) => ({
      ...{ name: QUANTITY_VARIABLES[name], query: placeOf(query), key: placeOf(key), dim: dims.dim },
    })),
    score: score.call,
  } satisfies WgslScoresView;
}

/** What a condition of rows adds to that of a block. */
function byRow(name: string, condition: ir.Expr, around: Surroundings) {
  if (!isAsked(condition)) return { functions: [], also: "" };
  const comment = "Whether a block is chosen for the sake of one row.";
  const { functions, call: holds } = printedCall(name, condition, comment, around);
  const view: WgslAnyRowView = { name, holds };
  return {
    functions: [...functions, { code: part("any-row", view) }],
    also: ` || any_${name}(batch, head, kv, keys, query_start, vec2i(first_row, end_row), key)`,
  };
}

const OF_BLOCKS = {
  visible: "Whether the query sees the key.",
  among: "Whether a block may be chosen.",
  holds: "Whether a block meets the condition.",
  forced: "Whether a block is chosen before all others.",
  added: "Whether a block is chosen on top of the others.",
} as const satisfies Partial<Record<keyof Selection, string>>;

const OF_LINES = {
  amount: "How much is kept of a line of blocks.",
  least: "The least count of what is kept.",
  most: "The most.",
} as const satisfies Partial<Record<keyof Selection, string>>;

/** Functions that answer questions, and their calls. */
function asked<Question extends "visible" | "among" | "holds" | "forced" | "added" | "amount" | "least" | "most">(
  questions: Readonly<Record<Question, string>>,
  selection: Selection,
  around: Surroundings,
) {
  const printed = (Object.keys(questions) as Question[]).map((question) => ({
    ...{ question, ...printedCall(`${question}_of`, selection[question], questions[question], around) },
  }));
  return {
    calls: Object.fromEntries(printed.map(({ question, call }) => [question, call])) as Record<Question, string>,
    functions: printed.flatMap((each) => each.functions),
  };
}

/** Whose scores a choice goes by. */
const sharingOf = (over: "alone" | "heads" | "group", { kvHeads = "kv_heads" }: Surroundings) =>
  ({
    alone: { sharing: "1", firstHead: "head" },
    heads: { sharing: "call.heads", firstHead: "0" },
    group: { sharing: `call.heads / max(call.${kvHeads}, 1)`, firstHead: "head / sharing * sharing" },
  })[over];

export function chooseView(program: Program, { plan }: StepOf<ChoosePlan>, step: string, around: Surroundings) {
  const { selection } = plan;
  const share = sharedScores(selection);
  const { calls, functions } = asked(OF_LINES, selection, around);
  const rule = ruleView(selection.rule);
  const shared = part(share?.how === "mean" ? "shared-mean" : "shared-max", {});
  const own = [{ code: shared }, ...rule.functions, ...functions];
  return {
    ...rule,
    // Nothing is walked here.
    ...blockRowView(program, { ...plan, head: [], queryTile: [] }, step, around, own),
    ...calls,
    ...sharingOf(share?.over ?? "alone", around),
    line: selection.line === "all" ? "head_scores" : "alive",
  } satisfies WgslChooseView;
}

const AGREED = { any: "|=", all: "&=" } as const;

export function agreeView(
  { plan: { selection } }: StepOf<ChoosePlan>,
  step: string,
  around: Surroundings,
): WgslAgreeView {
  const { how, over } = sharedChoices(selection)!;
  const { query, key } = selection.sides;
  return {
    ...{ step, how, threads: CHOICE_THREADS },
    ...{ rowBlocks: countOf(query, "query", WGSL), keyBlocks: countOf(key, "key", WGSL) },
    chosenAt: placeOf(selection.chosen.name),
    sharing: sharingOf(over, around).sharing,
    join: AGREED[how],
  };
}

function blockRowView(
  program: Program,
  plan: ChoosePlan,
  step: string,
  around: Surroundings,
  functions: readonly Printed[],
): WgslBlockRowView {
  return {
    ...{ step, threads: CHOICE_THREADS, functions },
    ...blocksView(plan.selection.sides, around),
    rowStatements: endStatements(plan.selection.sides.query, "query", around),
    ...enterView(program, plan, { first: "first_row", end: "end_row" }, around),
    ...{ scoresAt: placeOf(plan.scores), chosenAt: placeOf(plan.selection.chosen.name) },
  };
}
