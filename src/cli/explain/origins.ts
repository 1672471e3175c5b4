// Which terms of a mask make which range of the walk, and which keep the walk from having ranges at all. The optimizer may
// turn the terms round, so a range is recognised by the ends that its terms have when they stand alone.

import { isEverything, type Run } from "../../analysis/tile/run-sets.ts";
import type { Expr } from "../../ir/expr.ts";
import { nodes } from "../../ir/walk.ts";
import type { PlannedPart } from "./term-plans.ts";

/** What a range may come from: numbers of terms, and the ends and conditions that they give. */
type Origin = { readonly terms: ReadonlySet<number>; readonly ends: ReadonlySet<Expr> };

const NOWHERE: Origin = { terms: new Set(), ends: new Set() };

/** For every run of the walk the numbers of its terms, in order; undefined where the runs are not recognised. */
export function originsOf(mask: PlannedPart, runs: readonly Run[]): readonly (readonly number[])[] | undefined {
  const origins = combine(mask);
  if (origins.length !== runs.length) return undefined;
  const found = new Map<Run, Origin>();
  // Who has the longest ends has the least choice: `lastQuery` stands in `lastQuery - 3` too.
  const length = ({ ends }: Origin) => nodes(...ends).length;
  for (const origin of origins.toSorted((a, b) => length(b) - length(a))) {
    const run = runs.find((each) => !found.has(each) && holds(each, origin));
    if (!run) return undefined;
    found.set(run, origin);
  }
  return runs.map((run) => [...found.get(run)!.terms].sort((a, b) => a - b));
}

/** Every end stands somewhere in the run. */
function holds(run: Run, { ends }: Origin): boolean {
  const parts = new Set(nodes(...endsOf(run)));
  return [...ends].every((end) => parts.has(end));
}

const endsOf = ({ when, first, last }: Run) => [when, first, last].filter((end) => end !== undefined);

/** As `run-sets.ts` puts runs together, but for its limit. */
function combine(part: PlannedPart): readonly Origin[] {
  if (part.kind === "term") {
    const { runs, term } = part;
    if (runs.length === 0 || runs.some(isEverything)) return [NOWHERE];
    return runs.map((run) => ({ terms: new Set([term.number]), ends: new Set(endsOf(run)) }));
  }
  const lists = part.parts.map(combine);
  if (part.kind === "and") return lists.reduce(cross, [NOWHERE]);
  const all = lists.flat();
  return all.some(({ terms }) => terms.size === 0) ? [NOWHERE] : all;
}

function cross(left: readonly Origin[], right: readonly Origin[]): readonly Origin[] {
  if (left.length * right.length > MOST) return [];
  return left.flatMap((a) =>
    right.map((b) => ({ terms: new Set([...a.terms, ...b.terms]), ends: new Set([...a.ends, ...b.ends]) })),
  );
}

/** More than any walk has runs. */
const MOST = 64;

/** Numbers of the terms without which the walk would have ranges: all alternatives of an `or` must have some, and one
 *  part of an `and`. Empty where the walk has them. */
export function blockersOf(part: PlannedPart): readonly number[] {
  if (part.kind === "term") return part.term.keys.length === 0 ? [part.term.number] : [];
  const blockers = part.parts.map(blockersOf);
  if (part.kind === "and" && blockers.some((each) => each.length === 0)) return [];
  return blockers.flat();
}

/** How the terms are joined: `1 and (2 or 3)`. */
export function structureOf(part: PlannedPart): string {
  if (part.kind === "term") return String(part.term.number);
  return part.parts
    .map((each) => (each.kind === "term" ? structureOf(each) : `(${structureOf(each)})`))
    .join(` ${part.kind} `);
}
