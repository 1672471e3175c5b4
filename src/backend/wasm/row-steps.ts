// What differs between the kinds of pass, as statements and parts: how a row's statistics begin, what happens to each row
// of scores, and how a row ends. Softmax keeps a running maximum; `sum` and `none` weigh linearly; a replay knows the
// statistics already. The templates own the loops around them.

import type { AttendPlan } from "../../schedule/plan.ts";
import { keepsLogarithm, usesLog2 } from "../attend-facts.ts";
import { POLYNOMIALS } from "../polynomials.ts";
import { render } from "../template.ts";
import type { AttendView } from "../views.ts";
import { ROW, type Words } from "./layout.ts";
import { horner, type MultiplyAdd } from "./polynomials.ts";
import { word } from "./scope.ts";
import { literal } from "./types.ts";

type Common = Pick<AttendView, "step" | "at" | "layout" | "statistic">;

/** Name of the part that prints the function over a row of scores. */
const WEIGHTS = {
  online: { softmax: "row-softmax", sum: "row-linear", none: "row-linear" },
  statistics: { softmax: "row-statistics", sum: "row-linear", none: "row-linear" },
  replay: { softmax: "row-replay", sum: "row-scaled", none: "row-linear" },
  reduce: { softmax: "row-replay", sum: "row-scaled", none: "row-linear" },
} as const;

/** The functions over a row of scores, and the statements that call them for `$scores` and `$statistics`. */
export function rowFunctions(plan: AttendPlan, common: Common, multiplyAdd: MultiplyAdd) {
  const polynomial = horner("exp2", "$f", "$e", multiplyAdd, (_, place) => `(local.get $c${place})`);
  const rowFunction = (name: string, part: string, units: object) => {
    const view = { ...common, ...units, polynomial, constants: EXP2_CONSTANTS, name: `$${common.step}.${name}` };
    return { name: view.name, code: render(`wasm/parts/${part}`, view) };
  };
  const used = [
    ...(keepsLogarithm(plan) ? [rowFunction("log_sum", "row-statistics", NATURAL_UNITS)] : []),
    rowFunction("weigh", WEIGHTS[plan.pass][plan.normalize], LOG2_UNITS),
  ];
  return {
    functions: used.map(({ code }) => code),
    calls: used.map(({ name }) => `(call ${name} (local.get $scores) (local.get $statistics))`),
  };
}

/** What the loops over a row keep in registers: the bound and the rounding number of exp2, and its coefficients. */
const EXP2_CONSTANTS = [
  { name: "$least", value: literal("float", -127, "one") },
  { name: "$rounder", value: literal("float", 1.5 * 2 ** 23, "one") },
  ...POLYNOMIALS.exp2.map((value, place) => ({ name: `$c${place}`, value: literal("float", value, "one") })),
];

/** For a sum of exponentials: the factor from scores to exponents of 2, and where its statistics lie. */
const LOG2_UNITS = { unitName: "score", unit: literal("float", 1, "four"), maxOffset: ROW.max, sumOffset: ROW.sum };
const NATURAL_UNITS = {
  unitName: "score * log2 e",
  unit: literal("float", Math.LOG2E, "four"),
  maxOffset: ROW.logMax,
  sumOffset: ROW.logSum,
};

const store = (offset: number, value: string) => `(f32.store offset=${offset} (local.get $statistics) ${value})`;
const get = (offset: number) => `(f32.load offset=${offset} (local.get $statistics))`;
const scalar = (name: string, argument: string) => `(f32x4.extract_lane 0 (call $${name} (f32x4.splat ${argument})))`;

/** Statements that start a row, at `$statistics`; `$row` is its index. */
export function openStatements(plan: AttendPlan, words: Words, readsNorm: boolean, queryBytes: number): string {
  const norm = `(call $squared_norm (local.get $source) (i32.const ${queryBytes}))`;
  const lines = readsNorm ? [store(ROW.norm2, norm)] : [];
  if (plan.reduce)
    return [...lines, render("wasm/parts/reopen-lse", { at: words, statistic: ROW }).trimEnd()].join("\n");
  if (plan.pass !== "replay") {
    lines.push(store(ROW.max, "(f32.const -inf)"), store(ROW.rescale, "(f32.const 1)"));
    if (keepsLogarithm(plan)) lines.push(store(ROW.logMax, "(f32.const -inf)"));
    return lines.join("\n");
  }
  const buffer = statisticsAddress(plan, words);
  const kind = usesLog2(plan) ? "softmax" : plan.normalize;
  return [...lines, render(`wasm/parts/reopen-${kind}`, { statistic: ROW, buffer }).trimEnd()].join("\n");
}

/** Address of the row's two numbers between the passes. */
function statisticsAddress({ statistics }: AttendPlan, words: Words): string {
  if (statistics === undefined) throw new Error("two passes without statistics: a bug in the plan");
  return `(i32.add ${word(words, `buffer.${statistics}`)} (i32.shl (call $row_index (local.get $row)) (i32.const 3)))`;
}

/** Statements that finish a row and write its results. */
export function closeStatements(plan: AttendPlan, words: Words, common: Common): string {
  const lines: string[] = [];
  if (plan.pass !== "replay") lines.push(finish(plan, common));
  const writesStatistics = plan.pass === "statistics" && plan.statistics !== undefined;
  if (writesStatistics) {
    const part = usesLog2(plan) ? "write-softmax-statistics" : "write-linear-statistics";
    lines.push(render(`wasm/parts/${part}`, { address: statisticsAddress(plan, words) }));
  }
  if (plan.writes.lse) lines.push(render("wasm/parts/write-lse", common));
  if (plan.writes.out) {
    const factor = plan.pass === "replay" ? "(f32.const 1)" : "(local.get $factor)";
    const empty = plan.pass === "replay" ? get(ROW.lse) : "(local.get $max)";
    lines.push(render("wasm/parts/write-out", { ...common, factor }));
    if (plan.empty !== "zero") lines.push(render(`wasm/parts/empty-${plan.empty}`, { ...common, seen: empty }));
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}

/** From the row's statistics to `$factor` and `$lse`. */
function finish(plan: AttendPlan, view: object): string {
  if (usesLog2(plan)) return render("wasm/parts/close-softmax", view);
  const sum = "(local.get $sum)";
  const inverse = `(f32.div (f32.const 1) ${sum})`;
  const lines = [
    plan.normalize === "none"
      ? "(local.set $factor (f32.const 1))"
      : `(local.set $factor (select (f32.const 0) ${inverse} (f32.eq ${sum} (f32.const 0))))`,
  ];
  // A sum of exponentials is 0 only where nothing was seen, and then its maximum, −inf, is the logarithm too.
  if (keepsLogarithm(plan)) {
    const total = `(select (f32.const 1) ${get(ROW.logSum)} (f32.eq ${get(ROW.logSum)} (f32.const 0)))`;
    lines.push(`(local.set $lse (f32.add ${get(ROW.logMax)} ${scalar("log", total)}))`);
  }
  return lines.join("\n");
}
