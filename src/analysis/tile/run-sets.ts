// Sets of keys as a few runs, in any order and perhaps overlapping. Intersection and union may give more keys than there
// are, never fewer.

import type { Expr } from "../../ir/expr.ts";
import { op } from "../../ir/make.ts";

/** Key positions from `first` to `last`, both included, open where absent; none unless `when` holds. */
export type Run = { readonly when?: Expr; readonly first?: Expr; readonly last?: Expr };

/** More runs than this are put together: a kernel looks at every run at each step. */
const MOST_RUNS = 4;

export const EVERYTHING: readonly Run[] = [{}];

export function intersect(left: readonly Run[], right: readonly Run[]): readonly Run[] {
  return shorten(left.flatMap((a) => right.map((b) => common(a, b))));
}

export function unite(left: readonly Run[], right: readonly Run[]): readonly Run[] {
  const all = [...left, ...right];
  return all.some(isEverything) ? EVERYTHING : shorten(all);
}

export const isEverything = ({ when, first, last }: Run) => !when && !first && !last;

function common(a: Run, b: Run): Run {
  return {
    ...joined("when", a, b, (x, y) => op("and", x, y)),
    ...joined("first", a, b, (x, y) => op("max", x, y)),
    ...joined("last", a, b, (x, y) => op("min", x, y)),
  };
}

function joined(name: keyof Run, a: Run, b: Run, both: (x: Expr, y: Expr) => Expr): Run {
  const [x, y] = [a[name], b[name]];
  const value = x && y && x !== y ? both(x, y) : (x ?? y);
  return value ? { [name]: value } : {};
}

/** Puts the last runs together until few enough are left: from the first of their firsts to the last of their lasts. */
function shorten(runs: readonly Run[]): readonly Run[] {
  if (runs.length <= MOST_RUNS) return runs;
  const rest = runs.slice(MOST_RUNS - 1);
  return [...runs.slice(0, MOST_RUNS - 1), rest.reduce(hull)];
}

/** An end of a run that does not hold widens the hull all the same, which is only slower. */
function hull(a: Run, b: Run): Run {
  return {
    ...(a.when && b.when ? { when: op("or", a.when, b.when) } : {}),
    ...(a.first && b.first ? { first: op("min", a.first, b.first) } : {}),
    ...(a.last && b.last ? { last: op("max", a.last, b.last) } : {}),
  };
}
