// From the steps that choose blocks to the records that their templates read: sums of rows, scores, the choice. No barrier
// spans workgroups, so scores and choices, which heads may share, are shaders of their own.

import { bool } from "../../ir/make.ts";
import { type Selection, sharedChoices, sharedScores } from "../../ir/selection.ts";
import type { ChoosePlan, Program, StepOf, SumPlan } from "../../schedule/plan.ts";
import { blocksView, countOf, endStatements } from "../simt/blocks.ts";
import type { Surroundings } from "../simt/scope.ts";
import { walkOf } from "../simt/walk.ts";
import type { Printed } from "../views.ts";
import type { WgslAgreeView, WgslBlockRowView, WgslChooseView, WgslScoresView, WgslSumView } from "../views-wgsl.ts";
import { enterView } from "./attend.ts";
import { part, printedCall } from "./context.ts";
import { WGSL } from "./dialect.ts";
import { CHOICE_THREADS, ruleView } from "./keep-rules.ts";
import { placeOf, readRows } from "./places.ts";

const LENGTHS = {
  query: { heads: "call.heads", first: "first_row", end: "end_row", lengths: "" },
  key: {
    ...{ heads: "call.kv_heads", first: "first_key", end: "end_key" },
    lengths: "var keys = call.keys;\nif (call.has_key_lengths != 0) { keys = lengths[batch * 2]; }",
  },
} as const;

export function sumView(program: Program, { plan }: StepOf<SumPlan>, step: string, around: Surroundings): WgslSumView {
  const { of, side, sums, dims } = plan;
  return {
    ...{ step, of, threads: CHOICE_THREADS },
    functions: readRows(program, [of]).map((code) => ({ code })),
    ...LENGTHS[of],
    ...{ blocks: countOf(side, of, WGSL), ends: endStatements(side, of, around), columns: dims.dim },
    sumsAt: placeOf(sums),
  };
}

/** What is known of each block of a row. */
export function scoresView(program: Program, { plan }: StepOf<ChoosePlan>, step: string, around: Surroundings) {
  const { selection, sums, dims, scores: _, ...walking } = plan;
  const score = printedCall("score_of", selection.score, "What a block is worth.", around);
  const places = sums && { querySums: placeOf(sums.query), keySums: placeOf(sums.key) };
  const { calls, functions } = asked(OF_BLOCKS, selection, around);
  const { may, must } = walkOf(walking, selection.visible !== bool(true), around);
  return {
    ...blockRowView(program, plan, step, around, [...score.functions, ...functions]),
    ...calls,
    ...{ may, must, keyStatements: endStatements(selection.sides.key, "key", around) },
    product: places ? part("block-product", { ...places, dim: dims.dim }) : "",
    score: score.call,
  } satisfies WgslScoresView;
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
const SHARING = {
  alone: { sharing: "1", firstHead: "head" },
  heads: { sharing: "call.heads", firstHead: "0" },
  group: { sharing: "call.heads / max(call.kv_heads, 1)", firstHead: "kv * sharing" },
} as const;

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
    ...SHARING[share?.over ?? "alone"],
    line: selection.line === "all" ? "head_scores" : "alive",
  } satisfies WgslChooseView;
}

const AGREED = { any: "|=", all: "&=" } as const;

export function agreeView({ plan: { selection } }: StepOf<ChoosePlan>, step: string): WgslAgreeView {
  const { how, over } = sharedChoices(selection)!;
  const { query, key } = selection.sides;
  return {
    ...{ step, how, threads: CHOICE_THREADS },
    ...{ rowBlocks: countOf(query, "query", WGSL), keyBlocks: countOf(key, "key", WGSL) },
    chosenAt: placeOf(selection.chosen.name),
    ...SHARING[over],
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
