// Where an honest target may choose other blocks than the reference: two scores that lie within their errors of each other at
// the edge of a choice, or a sum of masses within its error of the one that is asked for. Rows of such blocks are not judged.

import type { Budget, Candidate } from "../reference/keep.ts";
import { maskOf } from "../reference/mask.ts";
import type { Surroundings } from "../reference/point.ts";
import { startPoint } from "../reference/point.ts";
import type { Line, Selection } from "../reference/selection.ts";
import type { Sparsity } from "../spec/choice.ts";
import { orderDoubt } from "./order-doubt.ts";
import { type Bounded, type ErrorPoint, propagate } from "./propagate.ts";
import { type Accuracy, gamma, relativeError, unit } from "./rounding.ts";
import type { Scorer } from "./score-bound.ts";

/** Why the row's choice is not judged; undefined where it is certain. */
export type ChoiceDoubt = (batch: number, head: number, row: number) => string | undefined;

export function choiceDoubt(
  around: Surroundings,
  selections: readonly Selection[],
  scorer: Scorer,
  accuracy: Accuracy,
): ChoiceDoubt {
  const { sparsities = [] } = around.call.attention;
  const isVisible = maskOf(around.call).visible;
  /** What a score may read of a pair. */
  const pairs: Surroundings = {
    ...around,
    look: (point) => {
      scorer.pair(point as ErrorPoint);
      return isVisible(point.batch, point.head, point.row, point.key);
    },
  };
  const known = new Map<string, ReadonlySet<number>>();
  const isOrderInDoubt = orderDoubt(around, selections, scorer, accuracy);
  const doubts = sparsities.map((sparsity) => lineDoubt(sparsity, pairs, scorer, accuracy));
  return (batch, head, row) => {
    if (isOrderInDoubt(batch, head)) return "the order in which its tokens are stored hangs on a rounding";
    const name = `${batch} ${head}`;
    const find = () =>
      new Set(
        selections.flatMap((selection, place) => {
          const { rows, keys, lines } = selection(batch, head);
          const point = (i: number, j: number, other: number): ErrorPoint => {
            const members = { query: rows[i]!, key: keys[j]! };
            const error = { s: 0, p: 0, lse: 0, scale: 0 };
            return { ...startPoint(), batch, head: other, i, j, members, error };
          };
          const uncertain = lines.filter((line) => doubts[place]!(line, point));
          // One line of `over all` holds every row.
          return uncertain.flatMap(({ row: i }) => (i === undefined ? rows.flat() : rows[i]!));
        }),
      );
    const rowsInDoubt = known.get(name) ?? find();
    known.set(name, rowsInDoubt);
    return rowsInDoubt.has(row) ? "the choice of its blocks hangs on a rounding" : undefined;
  };
}

type PointAt = (i: number, j: number, head: number) => ErrorPoint;

/** A function that says whether a line of candidates may be chosen from otherwise. */
function lineDoubt(sparsity: Sparsity, around: Surroundings, scorer: Scorer, accuracy: Accuracy) {
  const scoreAt = sparsity.score ? propagate(sparsity.score, around, "real", accuracy) : () => ZERO;
  const errorOf = ({ i, j, score }: Candidate, heads: readonly number[], at: PointAt): number => {
    const errors = heads.map((head) => {
      const point = at(i, j, head);
      scorer.scale(point);
      return scoreAt(point).error;
    });
    // Of a mean, the mean of the errors, and of a maximum their maximum; then the rounding of the mean, which no infinity has.
    return Math.max(...errors) + (Number.isFinite(score) ? gamma(heads.length + 1) * Math.abs(score) : 0);
  };
  return ({ candidates, kept, budget, heads }: Line, at: PointAt): boolean => {
    const errors = new Map(candidates.map((each) => [each, errorOf(each, heads, at)]));
    const chosen = new Set(kept);
    const rejected = candidates.filter((each) => !chosen.has(each));
    return (
      kept.some((one) => rejected.some((other) => mayChangePlaces(one, other, errors))) ||
      mayCountOtherwise(candidates, budget, errors, accuracy)
    );
  };
}

const ZERO: Bounded = { value: 0, error: 0, doubtful: false };

type Errors = ReadonlyMap<Candidate, number>;

/** Equal scores without errors are in order by their blocks. */
function mayChangePlaces(one: Candidate, other: Candidate, errors: Errors): boolean {
  if (one.forced !== other.forced || one.holds !== other.holds) return false;
  const error = errors.get(one)! + errors.get(other)!;
  return error > 0 && Math.abs(one.score - other.score) <= error;
}

function mayCountOtherwise(
  candidates: readonly Candidate[],
  { rule, amount }: Budget,
  errors: Errors,
  accuracy: Accuracy,
): boolean {
  if (rule.kind === "above") {
    return candidates.some((each) => Math.abs(each.score - amount) <= errors.get(each)! + unit * Math.abs(amount));
  }
  if (rule.kind !== "mass" || amount >= 1) return false;
  const highest = candidates.reduce((most, { score }) => Math.max(most, score), -Infinity);
  const order = candidates.toSorted((a, b) => Number(b.forced) - Number(a.forced) || b.score - a.score);
  const terms = order.map(({ score }) => (score === -Infinity ? 0 : Math.exp(score - highest)));
  const total = terms.reduce((sum, term) => sum + term, 0);
  const worst = Math.max(0, ...errors.values());
  // Each term is off by the errors of two scores and of one exp, each sum by its roundings.
  const part = Math.expm1(2 * worst) + relativeError(accuracy, "exp", 1) + gamma(candidates.length + 2);
  let sum = 0;
  return [0, ...terms].some((term) => {
    sum += term;
    return Math.abs(sum - amount * total) <= 2 * part * total;
  });
}
