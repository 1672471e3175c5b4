// From the steps that choose blocks to the records that their templates read. Which rule a choice goes by is an expression
// over a block's place among the others.

import type { Selection } from "../../ir/selection.ts";
import type { ChoosePlan, Program, StepOf, SumPlan } from "../../schedule/plan.ts";
import { ownName } from "../simt/dialect.ts";
import type { Surroundings } from "../simt/scope.ts";
import { walkOf } from "../simt/walk.ts";
import type { CudaChooseView, CudaScoreView, CudaSumView } from "../views-cuda.ts";
import { walkView } from "./attend.ts";
import { C_TYPES } from "./call.ts";
import { CUDA } from "./dialect.ts";
import type { ScoreStep } from "./kernels.ts";
import { deviceFunction, stepName } from "./scope.ts";

type BlockSize = { readonly threads: number; readonly sharedBytes: number };

export function sumView({ buffers }: Program, step: StepOf<SumPlan>, kernel: string): CudaSumView {
  const { of, size, sums, dims } = step.plan;
  const isQuery = of === "query";
  return {
    step: stepName(step),
    kernel,
    of,
    size,
    dim: dims.dim,
    heads: isQuery ? "call.heads" : "call.kv_heads",
    length: isQuery ? "call.queries" : "call.keys",
    alive: isQuery ? "call.queries" : "keys_of(call, batch)",
    element: C_TYPES[buffers.find(({ name }) => name === of)!.element].kernel,
    sums: ownName(sums),
  };
}

export function scoreView(
  step: ScoreStep,
  kernel: string,
  around: Surroundings,
  { threads }: BlockSize,
): CudaScoreView {
  const { selection, sums, scores, dims, tile } = step.plan;
  const score = deviceFunction("score_of", { lets: [], value: selection.score }, around);
  return {
    step: stepName(step),
    kernel,
    tile,
    dim: dims.dim,
    threads,
    function: score.code,
    reads: sums !== undefined,
    query: sums ? ownName(sums.query) : "",
    key: sums ? ownName(sums.key) : "",
    scores: ownName(scores),
    score: score.called(),
  };
}

export function chooseView(
  step: StepOf<ChoosePlan>,
  kernel: string,
  around: Surroundings,
  blockSize: BlockSize,
): CudaChooseView {
  const { plan } = step;
  const { selection, scores, tile } = plan;
  const { visible } = selection;
  const hasMask = !(visible.kind === "const" && visible.value === true);
  const { head, queryTile, ...walk } = walkOf(plan, hasMask, around);
  const { may, must } = walkView(walk);
  const functions = Object.entries(FUNCTIONS).map(
    ([part, name]) =>
      [part as Part, deviceFunction(name, { lets: [], value: selection[part as Part] }, around)] as const,
  );
  const called = Object.fromEntries(functions.map(([part, each]) => [part, each.called(PLACES[part])]));
  return {
    step: stepName(step),
    kernel,
    tile,
    ...blockSize,
    functions: functions.map(([, { code }]) => ({ code })),
    head: head.join("\n"),
    queryTile: queryTile.join("\n"),
    may,
    must,
    called: called as CudaChooseView["called"],
    limit: CUDA.types[selection.amount.type],
    takes: takesText(selection),
    scores: ownName(scores),
    chosen: ownName(selection.chosen.name),
    group: GROUPS[selection.share?.over ?? "none"],
    ...JOINS[selection.share?.how ?? "mean"],
  };
}

/** What a block is asked, and what a row of blocks is. */
const FUNCTIONS = {
  visible: "is_visible",
  among: "is_among",
  holds: "is_held",
  forced: "is_forced",
  added: "is_added",
  amount: "amount_of",
  least: "least_of",
  most: "most_of",
} as const satisfies Partial<Record<keyof Selection, string>>;

type Part = keyof typeof FUNCTIONS;

/** A pair has coordinates of its own, and a row of blocks that of no key. */
const PLACES: Readonly<Partial<Record<Part, Readonly<Record<string, string>>>>> = {
  visible: { query: "position", key: "token" },
  amount: { key: "0" },
  least: { key: "0" },
  most: { key: "0" },
};

/** How many heads choose together. */
const GROUPS = { none: "1", group: "call.heads / call.kv_heads", heads: "call.heads" };

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
