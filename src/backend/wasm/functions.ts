// The generated functions of a step: those over one row, which give a number (the scale, the sink), and those over a
// strip row, which rewrite 64 scores or weights four at a time (the score program, the mask, the weight).

import type * as ir from "../../ir/expr.ts";
import { float } from "../../ir/make.ts";
import { readsOneOf } from "../../schedule/expressions.ts";
import type { Let, Region } from "../../schedule/loop.ts";
import type { AttendPlan } from "../../schedule/plan.ts";
import { rowScale, scalesToLog2, scoreRegion, timesLog2e, usesLog2 } from "../attend-facts.ts";
import { render } from "../template.ts";
import type { AttendView, LayoutView } from "../views.ts";
import { diagonalPlaces, KEY_QUANTITIES, keyPlaces, ROW_QUANTITIES, rowPlaces } from "./places.ts";
import { type Printed, printAll } from "./print-fold.ts";
import { headGlobal, type Surroundings, scopeOf } from "./scope.ts";
import { literal, NUMBER_TYPE } from "./types.ts";

export type StepContext = {
  readonly plan: AttendPlan;
  readonly layout: LayoutView;
  readonly around: Omit<Surroundings, "quantities" | "definitions">;
};

export const PAIR_QUANTITIES = { ...ROW_QUANTITIES, ...KEY_QUANTITIES };
const lanes = (local: string): Printed => ({ text: `(local.get ${local})`, width: "four" });

/** Statements that set the globals of the head, with their locals. */
export function headStatements({
  plan,
  around,
}: Pick<StepContext, "around"> & { plan: Pick<AttendPlan, "head"> }): Pick<AttendView, "head">["head"] {
  const scope = scopeOf({ ...around, quantities: {}, definitions: plan.head });
  const code = printAll(
    plan.head.map(({ value }) => value),
    scope,
    "one",
  );
  const sets = plan.head.map(
    ({ name }, index) => `(global.set ${headGlobal(around.step, name)} ${code.results[index]})`,
  );
  return { locals: code.locals, statements: [...code.once, ...sets] };
}

export function headGlobals(step: string, head: readonly Let[]): { name: string; type: string }[] {
  return head.map(({ name, value }) => ({ name: headGlobal(step, name), type: NUMBER_TYPE[value.type] }));
}

/** A function of a query row with a float result. */
function rowFunction(context: StepContext, name: string, comment: string, value: ir.Expr): string {
  const { plan, around } = context;
  const scope = scopeOf({ ...around, quantities: ROW_QUANTITIES, definitions: [], locals: rowPlaces(plan) });
  const code = printAll([value], scope, "one");
  return render("wasm/parts/row-function", {
    name: `$${around.step}.${name}`,
    comment,
    locals: code.locals,
    statements: code.once,
    result: code.results[0],
  });
}

/** What the query rows are multiplied by as they are loaded. */
export function scaleFunction(context: StepContext): string {
  const { plan } = context;
  const comment = scalesToLog2(plan) ? "The scale, times log2 e: the scores come out in units of log2." : "The scale.";
  return rowFunction(context, "scale", comment, rowScale(plan));
}

/** The extra term of the denominator, in units of log2; -inf where there is none. */
export function sinkFunction(context: StepContext): string {
  const { sink } = context.plan;
  const comment = sink ? "The sink, in units of log2." : "No sink.";
  return rowFunction(context, "sink", comment, sink ? timesLog2e(sink) : float(-Infinity));
}

type StripFunction = {
  readonly name: string;
  readonly comment: string;
  readonly region: Region;
  readonly quantities: Surroundings["quantities"];
  /** Statements of the loop ahead of the region's own. */
  readonly before: readonly string[];
  /** The vector to store, given the region's value, and where: bytes from the score. */
  readonly store: (value: string) => string;
  readonly target: number;
};

function stripFunction({ plan, layout, around }: StepContext, what: StripFunction): string {
  const { region, quantities } = what;
  const locals = { ...rowPlaces(plan), ...keyPlaces(plan), ...diagonalPlaces(plan) };
  const scope = scopeOf({
    ...around,
    quantities: { ...PAIR_QUANTITIES, ...quantities },
    definitions: region.lets,
    locals,
  });
  const code = printAll([region.value], scope, "four");
  const tables = tablesOf(region, plan, layout);
  return render("wasm/parts/strip-function", {
    name: `$${around.step}.${what.name}`,
    comment: what.comment,
    layout,
    locals: [...tables.map(({ at }) => `(local ${at} i32)`), ...code.locals],
    once: [...tables.map(tableStart), ...code.once],
    each: [...tables.map(tableStep), ...what.before, ...code.each],
    result: what.store(code.results[0]!),
    target: what.target,
  });
}

/** A table of vectors that a region reads: the pointer that moves along with the keys, and where it starts. */
type Table = { readonly at: string; readonly start: string };

export function tablesOf(region: Region, plan: AttendPlan, { keyValues, diagonals }: LayoutView): Table[] {
  const inScratch = (offset: number) => `(i32.add (global.get $scratch) (i32.const ${offset}))`;
  const above = "(i32.sub (global.get $last_row) (local.get $query))";
  const open = (start: string) => `(i32.add ${start} (global.get $open_from))`;
  const ofRow = `(i32.add ${inScratch(diagonals - 16)} (i32.shl ${above} (i32.const 2)))`;
  return [
    ...(readsOneOf(plan.key, region) ? [{ at: "$key_at", start: open(inScratch(keyValues - 16)) }] : []),
    ...(readsOneOf(plan.diagonal, region) ? [{ at: "$diagonal_at", start: open(ofRow) }] : []),
  ];
}

/** A pointer starts one vector early, because a turn of the loop begins by moving it. */
export const tableStart = ({ at, start }: Table) => `(local.set ${at} ${start})`;
export const tableStep = ({ at }: Table) => `(local.set ${at} (i32.add (local.get ${at}) (i32.const 16)))`;

/** The score program, with the scale where it is applied to every pair; undefined where there is neither. */
export function scoreFunction(context: StepContext): string | undefined {
  const { plan, layout } = context;
  const { scale } = plan;
  const region = scoreRegion(plan);
  if (!region) return undefined;
  const product = lanes("$product");
  const isPlain = scale.at === "pair" || scale.value === float(1);
  const log2e = literal("float", Math.LOG2E, "four");
  return stripFunction(context, {
    name: "score",
    comment: "The score program of one row, from the products of query and keys to final scores.",
    region,
    quantities: { ...(scale.at === "query" ? { score: product } : {}), ...(isPlain ? { dot: product } : {}) },
    before: [loadProduct(layout)],
    store: (value) => (usesLog2(plan) ? `(f32x4.mul ${value} ${log2e})` : value),
    target: 0,
  });
}

/** Where the plain product of the score at `$scores` lies. */
function loadProduct({ products, scores }: LayoutView): string {
  return `(local.set $product (v128.load offset=${products - scores} (local.get $scores)))`;
}

export function maskFunction(context: StepContext): string | undefined {
  const { plan, layout } = context;
  const { mask } = plan;
  if (!mask) return undefined;
  return stripFunction(context, {
    name: "mask",
    comment: "The mask of one row: which keys it sees.",
    region: mask,
    quantities: {},
    before: [],
    store: (seen) => seen,
    target: layout.seenDistance,
  });
}

/** What the weight makes of p; hidden keys keep the weight 0. */
export function weightFunction(context: StepContext): string | undefined {
  const { plan, layout } = context;
  if (!plan.weight) return undefined;
  const { form, region } = plan.weight;
  const score = "(v128.load (local.get $scores))";
  const ln2 = literal("float", Math.LN2, "four");
  const visible = `(f32x4.gt ${score} ${literal("float", -Infinity, "four")})`;
  return stripFunction(context, {
    name: "weight",
    comment: form === "factor" ? "Multiplies the weights of one row." : "Replaces the weights of one row.",
    region,
    quantities: { score: lanes("$score"), weight: lanes("$weight"), dot: lanes("$product") },
    before: [
      ...(layout.products === layout.scores ? [] : [loadProduct(layout)]),
      `(local.set $score ${usesLog2(plan) ? `(f32x4.mul ${score} ${ln2})` : score})`,
      `(local.set $weight (v128.load offset=${layout.weightDistance} (local.get $scores)))`,
    ],
    store: (value) => `(v128.and ${form === "factor" ? `(f32x4.mul (local.get $weight) ${value})` : value} ${visible})`,
    target: layout.weightDistance,
  });
}
