// From the steps that choose blocks to the records that their templates read: pools of rows, scores, the choice. No barrier
// spans workgroups, so scores and choices, which heads may share, are shaders of their own.

import type * as ir from "../../ir/expr.ts";
import { bool } from "../../ir/make.ts";
import { isAsked, type Selection, sharedChoices, sharedScores } from "../../ir/selection.ts";
import { OF_NO_FLOATS } from "../../ir/statistics.ts";
import type { ChoosePlan, PoolPlan, Program, StepOf } from "../../schedule/plan.ts";
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
import { enterView } from "./attend.ts";
import { part, printedCall } from "./context.ts";
import { CHOICE_THREADS, ruleView } from "./keep-rules.ts";
import { floatText } from "./numbers.ts";
import { placeOf, readRows } from "./places.ts";
import { spanOf } from "./split.ts";

const LENGTHS = {
  query: { length: "call.queries", heads: "call.heads", rows: "let rows = call.queries;" },
  key: {
    length: "call.keys",
    heads: "call.kv_heads",
    rows: "var rows = call.keys;\nif (call.has_key_lengths != 0) { rows = lengths[batch * 2]; }",
  },
} as const;

export function poolView(program: Program, { plan }: StepOf<PoolPlan>, step: string): WgslPoolView {
  const { pool, size, pooled, dims } = plan;
  const { of, op, range } = pool;
  return {
    ...{ step, of, op, threads: CHOICE_THREADS },
    functions: readRows(program, [of]).map((code) => ({ code })),
    ...LENGTHS[of],
    ...{ size, lastRow: size - 1, columns: dims.dim },
    pooledAt: placeOf(pooled),
    range: range ? RANGES[range.kind](range.count) : "",
    nothing: floatText(OF_NO_FLOATS[op]),
    combined: op === "sum" ? "value + next" : `${op}(value, next)`,
  };
}

/** Cuts a block to the rows that take part. */
const RANGES = {
  first: (count: number) => `end_row = min(end_row, first_row + ${count});`,
  last: (count: number) => `first_row = max(first_row, end_row - ${count});`,
} as const;

/** What is known of each block of a row. */
export function scoresView(program: Program, { plan }: StepOf<ChoosePlan>, step: string, around: Surroundings) {
  const { selection, products, dims, scores: _, ...walking } = plan;
  const score = printedCall("score_of", selection.score, "What a block is worth.", around);
  const { calls, functions } = asked(OF_BLOCKS, selection, around);
  const rows = selection.size.queries;
  const forced = byRow("forced_by_row", selection.forcedByRow, rows, around);
  const added = byRow("added_by_row", selection.addedByRow, rows, around);
  const { may, must } = walkOf(walking, selection.visible !== bool(true), around);
  return {
    ...blockRowView(program, plan, step, around, [
      ...[...score.functions, ...functions, ...forced.functions, ...added.functions],
    ]),
    ...{ ...calls, forced: `${calls.forced}${forced.also}`, added: `${calls.added}${added.also}` },
    ...{ may, must },
    products: products.map(({ name, query, key }) => ({
      ...{ name: QUANTITY_VARIABLES[name], query: placeOf(query), key: placeOf(key), dim: dims.dim },
    })),
    score: score.call,
  } satisfies WgslScoresView;
}

/** What a condition of rows adds to that of a block. */
function byRow(name: string, condition: ir.Expr, rows: number, around: Surroundings) {
  if (!isAsked(condition)) return { functions: [], also: "" };
  const comment = "Whether a block is chosen for the sake of one row.";
  const { functions, call: holds } = printedCall(name, condition, comment, around);
  const view: WgslAnyRowView = { name, rows, holds };
  return {
    functions: [...functions, { code: part("any-row", view) }],
    also: ` || any_${name}(batch, head, kv, keys, query_start, first_row, key)`,
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
  { plan: { selection, tile } }: StepOf<ChoosePlan>,
  step: string,
  around: Surroundings,
): WgslAgreeView {
  const { how, over } = sharedChoices(selection)!;
  return {
    ...{ step, how, tile, threads: CHOICE_THREADS },
    ...{ lastQuery: tile.queries - 1, lastKey: tile.keys - 1 },
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
  const { tile } = plan;
  return {
    ...{ step, threads: CHOICE_THREADS, tile, functions },
    ...{ lastQuery: tile.queries - 1, lastKey: tile.keys - 1 },
    ...enterView(program, plan, spanOf(tile), around),
    ...{ scoresAt: placeOf(plan.scores), chosenAt: placeOf(plan.selection.chosen.name) },
  };
}
