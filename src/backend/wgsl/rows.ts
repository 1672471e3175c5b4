// What differs between the kinds of pass: how the rows of a band begin, what happens to their scores, and how they end.
// Softmax keeps a running maximum; `sum` and `none` weigh linearly; a replay knows the statistics already.

import { local } from "../../ir/make.ts";
import { keepsLogarithm, rowScale, usesLog2 } from "../attend-facts.ts";
import { printAll } from "../simt/print.ts";
import { scopeOf } from "../simt/scope.ts";
import { marksEmptyRows, part, type StepContext } from "./context.ts";
import { leaveRows, openFolds } from "./folds.ts";
import { highestPart } from "./highest.ts";
import { highestOwn, sumOver } from "./scores.ts";
import { writeParts } from "./split.ts";

/** A vector over the rows of the band. */
type RowVariable = { readonly name: string; readonly type: string };

const VECTORS = { bool: "vec4<bool>", int: "vec4i", float: "vec4f" } as const;

/** A pass behind others knows each row's logarithm, and those with statistics read it from there. */
const knowsLse = ({ plan, quantities }: StepContext) =>
  plan.pass === "reduce" || (plan.pass === "replay" && quantities.has("lse"));

const reopens = ({ plan }: StepContext) => plan.pass === "replay" && plan.statistics !== undefined;

export function rowVariables(context: StepContext): readonly RowVariable[] {
  const { plan, quantities } = context;
  const float = (name: string): RowVariable => ({ name, type: "vec4f" });
  return [
    ...(plan.scale.at === "query" ? [float("row_scale")] : []),
    ...(quantities.has("queryNorm2") ? [float("row_norm2")] : []),
    ...(plan.sink ? [float("row_sink")] : []),
    ...(reopens(context) ? [float("row_first"), float("row_second")] : []),
    ...(knowsLse(context) ? [float("row_lse")] : []),
    ...plan.row.map(({ name, value }) => ({ name: `row_${name}`, type: VECTORS[value.type] })),
  ];
}

/** Statements that compute the values of one row, `r` of the band at `query`. */
export function rowStatements(context: StepContext): string {
  const { plan, around, quantities } = context;
  const row = plan.split ? "row" : "min(own_row + r, call.queries - 1)";
  const definitions = new Map(plan.row.map(({ name, value }) => [name, value]));
  const values = [
    ...(plan.scale.at === "query" ? [{ name: "row_scale", value: rowScale(plan) }] : []),
    ...(plan.sink ? [{ name: "row_sink", value: plan.sink }] : []),
    ...plan.row.map(({ name, value }) => ({ name: `row_${name}`, value: local(value.type, name) })),
  ];
  const { scope } = scopeOf(around, definitions);
  const { statements, results } = printAll(
    values.map(({ value }) => value),
    scope,
    around.dialect,
    "r",
  );
  const rowIndex = `(batch * call.heads + head) * call.queries + ${row}`;
  const lse = plan.reduce
    ? `known_lse(${rowIndex})`
    : usesLog2(plan)
      ? "select((row_first[r] + log2_total(row_second[r])) * LN2, HIDDEN, row_second[r] == 0.0)"
      : "row_second[r]";
  return [
    ...(quantities.has("queryNorm2")
      ? [`let query_norm2 = squared_norm_query(batch, head, ${row});`, "row_norm2[r] = query_norm2;"]
      : []),
    ...(reopens(context)
      ? [`let at = 2 * (${rowIndex});`, "row_first[r] = statistics[at];", "row_second[r] = statistics[at + 1];"]
      : []),
    ...(knowsLse(context) ? [`let lse = ${lse};`, "row_lse[r] = lse;"] : []),
    ...statements,
    ...values.map(({ name }, index) => `${name}[r] = ${results[index]};`),
  ].join("\n");
}

/** What the rows have summed up before the first key. */
export function openStatements(context: StepContext): string {
  const { plan } = context;
  const lines: string[] = [];
  if (plan.reduce) {
    // Where a row saw nothing its pairs are hidden, whatever stands in.
    lines.push("let maximum = select(row_lse * LOG2E, vec4f(), row_lse < vec4f(LEAST));");
    return [...lines, ...(plan.reduce.walks === "rows" ? openFolds(plan.reduce) : [])].join("\n");
  }
  const [maximum, total] = usesLog2(plan) ? ["maximum", "total"] : ["log_maximum", "log_total"];
  if (plan.pass === "replay") {
    if (usesLog2(plan)) lines.push("let maximum = row_first;");
    if (plan.normalize !== "none") {
      const sum = usesLog2(plan) ? "row_second" : "row_first";
      lines.push(`let inverse = select(1.0 / ${sum}, vec4f(), ${sum} == vec4f());`);
    }
  } else {
    if (usesLog2(plan) || keepsLogarithm(plan)) lines.push(`var ${maximum} = vec4f(LEAST);`, `var ${total} = vec4f();`);
    if (!usesLog2(plan)) lines.push("var total = vec4f();");
    if (plan.sink) {
      lines.push(
        `${maximum} = max(row_sink, vec4f(0.5 * LEAST)) * LOG2E;`,
        `if (${plan.split ? "strip == 0 && stretch == 0" : "strip == 0"}) { ${total} = select(vec4f(1.0), vec4f(), row_sink < vec4f(0.5 * LEAST)); }`,
      );
    }
  }
  if (marksEmptyRows(plan)) lines.push("var seen = vec4f();");
  return lines.join("\n");
}

const WEIGH = {
  online: { softmax: "weigh-softmax", sum: "weigh-linear", none: "weigh-linear" },
  statistics: { softmax: "weigh-softmax", sum: "weigh-linear", none: "weigh-linear" },
  replay: { softmax: "weigh-replay", sum: "weigh-scaled", none: "weigh-none" },
  reduce: { softmax: "weigh-known", sum: "weigh-scaled", none: "weigh-none" },
} as const;

/** From the scores of a tile to its weights, with all that is kept of them. */
export function weighStatements(context: StepContext, columns: readonly object[]): string {
  const { plan, layout } = context;
  const sums = { highestOwn: highestOwn(layout), scoreSum: sumOver(layout, (score) => score) };
  const view = { layout, columns, ...sums, tileHighest: highestPart(context) };
  const visible = sumOver(layout, (score) => `vec4f(${score} > vec4f(LEAST))`);
  return [
    ...(plan.weight || plan.reduce ? ["let seen_scores = scores;"] : []),
    ...(marksEmptyRows(plan) ? [`seen += ${visible};`] : []),
    ...(keepsLogarithm(plan) ? [part("log-sum", view)] : []),
    part(WEIGH[plan.pass][plan.normalize], view),
  ].join("\n");
}

/** Statements that finish the rows and write what the pass gives. */
export function closeStatements(context: StepContext, columns: readonly object[]): string {
  const { plan, layout } = context;
  if (plan.reduce) return leaveRows(context);
  const lines: string[] = [];
  const whole = (value: string) => {
    lines.push(part("sum-over-strips", { ...layout, value, result: `whole_${value}` }));
    return `whole_${value}`;
  };
  const scaleSums = (factor: string) => lines.push(...columns.map((_, index) => `sum${index} *= ${factor};`));
  const hasLogarithm = usesLog2(plan) || keepsLogarithm(plan);
  if (plan.pass !== "replay") {
    const total = usesLog2(plan) || plan.normalize === "sum" ? whole("total") : undefined;
    const logTotal = keepsLogarithm(plan) ? whole("log_total") : total;
    if (plan.writes.out && total) {
      lines.push(`let factor = select(1.0 / ${total}, vec4f(), ${total} == vec4f());`);
      scaleSums("factor");
    }
    if (hasLogarithm && (plan.writes.lse || plan.statistics)) lines.push(ownRows(context, logTotal!, total));
  }
  if (marksEmptyRows(plan)) whole("seen");
  if (plan.split) lines.push(writeParts(plan, columns));
  else if (marksEmptyRows(plan)) {
    if (plan.empty === "uniform") lines.push(part("empty-uniform", { columns }));
    else
      lines.push(part("each-own-row", { statements: "if (whole_seen[r] == 0.0) { atomicAdd(&empty_rows[0], 1u); }" }));
  }
  if (plan.writes.out) lines.push(part("write-out", { columns }));
  return lines.join("\n");
}

/** What a pass leaves of each row beside its result. */
function ownRows({ plan }: StepContext, logTotal: string, total: string | undefined): string {
  const maximum = usesLog2(plan) ? "maximum" : "log_maximum";
  const lse = `(${maximum}[r] + log2_total(${logTotal}[r])) * LN2`;
  const isEmpty = `${logTotal}[r] == 0.0`;
  const first = { softmax: "maximum[r]", sum: `${total}[r]`, none: "0.0" }[plan.normalize];
  const second = usesLog2(plan) ? `${total}[r]` : `select(${lse}, HIDDEN, ${isEmpty})`;
  const statements = [
    ...(plan.pass === "statistics" && plan.statistics
      ? [`statistics[2 * row_index] = ${first};`, `statistics[2 * row_index + 1] = ${second};`]
      : []),
    // An infinity is written as its bits, because no value of the shader may be one.
    ...(plan.writes.lse ? [`lse_rows[row_index] = select(bitcast<u32>(${lse}), 0xff800000u, ${isEmpty});`] : []),
  ];
  return part("each-own-row", { statements: statements.join("\n") });
}
