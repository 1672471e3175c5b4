// From the steps that choose blocks to the records that their templates read: sums of rows, scores, the choice. No barrier
// spans workgroups, so scores, which heads may share, are a shader of their own.

import type { Expr } from "../../ir/expr.ts";
import { bool, coord, int } from "../../ir/make.ts";
import type { Selection } from "../../ir/selection.ts";
import { substitute } from "../../ir/walk.ts";
import type { ChoosePlan, Program, StepOf, SumPlan } from "../../schedule/plan.ts";
import type { Surroundings } from "../simt/scope.ts";
import { walkOf } from "../simt/walk.ts";
import type { Printed } from "../views.ts";
import type { WgslBlockRowView, WgslChooseView, WgslScoresView, WgslSumView } from "../views-wgsl.ts";
import { enterView } from "./attend.ts";
import { part, printedCall } from "./context.ts";
import { CHOICE_THREADS, ruleView } from "./keep-rules.ts";
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

export function sumView(program: Program, { plan }: StepOf<SumPlan>, step: string): WgslSumView {
  const { of, size, sums, dims } = plan;
  return {
    ...{ step, of, threads: CHOICE_THREADS },
    functions: readRows(program, [of]).map((code) => ({ code })),
    ...LENGTHS[of],
    ...{ size, lastRow: size - 1, columns: dims.dim },
    sumsAt: placeOf(sums),
  };
}

export function scoresView(program: Program, { plan }: StepOf<ChoosePlan>, step: string, around: Surroundings) {
  const { selection, sums, dims } = plan;
  const score = printedCall("score_of", selection.score, "What a block is worth.", around);
  const places = sums && { querySums: placeOf(sums.query), keySums: placeOf(sums.key) };
  return {
    // Nothing is walked here.
    ...blockRowView(program, { ...plan, head: [], queryTile: [] }, step, around, score.functions),
    product: places ? part("block-product", { ...places, dim: dims.dim }) : "",
    score: score.call,
  } satisfies WgslScoresView;
}

const QUESTIONS = {
  visible: "Whether the query sees the key.",
  among: "Whether a block may be chosen.",
  holds: "Whether a block meets the condition.",
  forced: "Whether a block is chosen before all others.",
  added: "Whether a block is chosen on top of the others.",
  amount: "How much is kept of a row of blocks.",
  least: "The least count of what is kept.",
  most: "The most.",
} as const satisfies Partial<Record<keyof Selection, string>>;

type Question = keyof typeof QUESTIONS;

/** What is asked of a row of blocks is asked at its first. */
const OF_ROWS: ReadonlySet<Question> = new Set(["amount", "least", "most"]);
const atFirstKey = (node: Expr) => (node === coord("key") ? int(0) : undefined);

/** Whose scores a choice goes by. */
const SHARING = {
  alone: { sharing: "1", firstHead: "head" },
  heads: { sharing: "call.heads", firstHead: "0" },
  group: { sharing: "call.heads / max(call.kv_heads, 1)", firstHead: "kv * sharing" },
} as const;

export function chooseView(program: Program, { plan }: StepOf<ChoosePlan>, step: string, around: Surroundings) {
  const { selection, scores: _, ...walking } = plan;
  const { share, chosen, rule } = selection;
  const asked = (Object.keys(QUESTIONS) as Question[]).map((question) => {
    const value = OF_ROWS.has(question) ? substitute(selection[question], atFirstKey) : selection[question];
    const printed = printedCall(`${question}_of`, value, QUESTIONS[question], around);
    return { question, ...printed };
  });
  const calls = Object.fromEntries(asked.map(({ question, call }) => [question, call])) as Record<Question, string>;
  const { functions, ...kept } = ruleView(rule);
  const shared = part(share?.how === "mean" ? "shared-mean" : "shared-max", {});
  const own = [{ code: shared }, ...functions, ...asked.flatMap((each) => each.functions)];
  const { may, must } = walkOf(walking, selection.visible !== bool(true), around);
  return {
    ...blockRowView(program, plan, step, around, own),
    ...calls,
    ...{ may, must },
    chosenAt: placeOf(chosen.name),
    ...SHARING[share?.over ?? "alone"],
    ...kept,
  } satisfies WgslChooseView;
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
    scoresAt: placeOf(plan.scores),
  };
}
