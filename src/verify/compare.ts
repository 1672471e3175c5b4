// Lays a result beside the reference, element by element, each against its own bound: never a mean, always the worst.

import type { Result, Shape } from "../spec/case.ts";
import type { Bound, Undecided } from "./bound.ts";
import { halfRounding, overflowsHalf } from "./rounding.ts";

/** An element of an output that the attention names, by its row-major index. */
export type NamedElement = { readonly output: string; readonly index: number };

/** One element of a result. `column` counts value elements, or is `lse`. */
export type Element = {
  readonly batch: number;
  readonly head: number;
  readonly row: number;
  readonly column: number | "lse" | NamedElement;
  readonly got: number;
  readonly wanted: number;
  readonly bound: number;
  /** |got − wanted| / bound: at most 1 where they agree; infinite for NaN and where no error is allowed. */
  readonly ratio: number;
};

export type Verdict = {
  readonly agrees: boolean;
  /** The element nearest to its bound or furthest over it; absent where there is nothing to compare. */
  readonly worst?: Element;
  /** Rows that are not judged. NaN is wrong in them too. */
  readonly undecided: readonly Undecided[];
};

/** Compares a result with the reference. `lse` is compared where the result has one. */
export function compare(result: Result, reference: Result, bound: Bound, shape: Shape): Verdict {
  const { heads, queries, valueDim } = shape;
  const skipped = new Set(bound.undecided.map(({ batch, head, row }) => (batch * heads + head) * queries + row));
  let worst: Element | undefined;

  function visit(at: number, column: number | "lse", got: number, wanted: number, allowed: number): void {
    // A row that is not judged may hold any number, but it has to hold one.
    const ratio = skipped.has(at) && !Number.isNaN(got) ? 0 : ratioOf(got, wanted, allowed);
    if (worst && ratio <= worst.ratio) return;
    const batch = Math.floor(at / queries / heads);
    const head = Math.floor(at / queries) % heads;
    worst = { batch, head, row: at % queries, column, got, wanted, bound: allowed, ratio };
  }

  const rows = reference.lse!.length;
  if (result.out.length !== reference.out.length) {
    throw new Error(`a level returned ${result.out.length} elements instead of ${reference.out.length}`);
  }
  for (let at = 0; at < rows; at++) {
    for (let column = 0; column < valueDim; column++) {
      const index = at * valueDim + column;
      const got = result.out[index]!;
      const wanted = reference.out[index]!;
      const allowed = bound.out[index]!;
      const size = Math.abs(wanted) + allowed;
      const rounding = result.rounded ? halfRounding(size, result.rounded) : 0;
      const overflows = result.rounded && got === Math.sign(wanted) * Infinity && overflowsHalf(size, result.rounded);
      visit(at, column, got, overflows ? got : wanted, allowed + rounding);
    }
    if (result.lse) visit(at, "lse", result.lse[at]!, reference.lse![at]!, bound.lse[at]!);
  }
  for (const [name, { data }] of Object.entries(result.named ?? {})) {
    data.forEach((got, index) => {
      const wanted = reference.named![name]!.data[index]!;
      const allowed = bound.named![name]![index]!;
      const ratio = allowed === Number.POSITIVE_INFINITY && !Number.isNaN(got) ? 0 : ratioOf(got, wanted, allowed);
      if (worst && ratio <= worst.ratio) return;
      const column = { output: name, index };
      worst = { batch: 0, head: 0, row: 0, column, got, wanted, bound: allowed, ratio };
    });
  }
  const verdict = { agrees: worst === undefined || worst.ratio <= 1, undecided: bound.undecided };
  return worst ? { ...verdict, worst } : verdict;
}

function ratioOf(got: number, wanted: number, bound: number): number {
  if (got === wanted) return 0;
  const error = Math.abs(got - wanted);
  return Number.isFinite(error) && bound > 0 ? error / bound : Infinity;
}
