// What every term of a mask does for the walk: the range of keys that it alone allows, whether it can prove tiles empty or
// full, and why it gives no range where it gives none. A term is planned as a mask of its own, by the planner that plans
// the whole, so nothing here knows how a range is found.

import { isEverything, type Run } from "../../analysis/tile/run-sets.ts";
import { whyUnsolved } from "../../analysis/tile/why-unsolved.ts";
import type { MaskPart } from "../../check/terms.ts";
import { planMasks } from "../../execute/plan-masks.ts";
import { formulaOf } from "../../ir/formula.ts";
import type { Traversal } from "../../schedule/plan.ts";
import { attendSteps } from "../../schedule/steps.ts";
import { positionAt, type SourceFile } from "../../source/source-file.ts";
import type { Span } from "../../source/span.ts";
import type { Case } from "../../spec/case.ts";
import { rangesOf } from "./ranges.ts";

export type Term = {
  /** From 1, in the order of the text. */
  readonly number: number;
  readonly text: string;
  /** `file:line:column`. */
  readonly at: string;
  /** Ranges of keys that it alone lets a query tile see; empty where it gives none and so allows every key. */
  readonly keys: readonly string[];
  readonly provesEmpty: boolean;
  readonly provesFull: boolean;
  /** What of it gives no range of keys, and why. */
  readonly unsolved: readonly { readonly part: string; readonly why: string }[];
};

/** A term with the runs that its plan has. */
export type TermPlan = { readonly term: Term; readonly runs: readonly Run[] };

export type PlannedPart =
  | ({ readonly kind: "term" } & TermPlan)
  | { readonly kind: "and" | "or"; readonly parts: readonly PlannedPart[] };

/** Every term of the mask with its own plan. Cost: a plan for each term. */
export function planTerms(part: MaskPart, call: Case, sources: readonly SourceFile[]): PlannedPart {
  let terms = 0;
  const plan = (each: MaskPart): PlannedPart => {
    if (each.kind !== "term") return { kind: each.kind, parts: each.parts.map(plan) };
    terms += 1;
    const { value, span } = each;
    const { traversal } = attendSteps(planMasks([{ value, span, label: "mask" }], call))[0]!.plan;
    return { kind: "term", runs: traversal.runs, term: termOf(terms, span, traversal, call, sources) };
  };
  return plan(part);
}

/** The terms in the order of the text. */
export function termsOf(part: PlannedPart): readonly TermPlan[] {
  return part.kind === "term" ? [part] : part.parts.flatMap(termsOf);
}

function termOf(
  number: number,
  span: Span,
  { runs, unsolved, may, must }: Traversal,
  { attention }: Case,
  sources: readonly SourceFile[],
): Term {
  const isSorted = (name: string) => attention.tensors.some((tensor) => tensor.name === name && tensor.sorted);
  return {
    number,
    ...place(span, sources),
    keys: runs.some(isEverything) ? [] : rangesOf(runs),
    provesEmpty: may !== undefined,
    provesFull: must !== undefined,
    unsolved: unsolved.map((part) => ({ part: formulaOf(part) ?? "a long formula", why: whyUnsolved(part, isSorted) })),
  };
}

function place(span: Span, sources: readonly SourceFile[]): { readonly text: string; readonly at: string } {
  const source = sources[span.file];
  if (!source) return { text: "mask", at: "" };
  const { line, column } = positionAt(source, span.start);
  const text = source.text.slice(span.start, span.end).replace(/\s+/g, " ");
  return { text, at: `${source.path}:${line}:${column}` };
}
