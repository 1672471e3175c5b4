// One query row on its way through the key tiles: what it has summed up, and how each pass of a plan goes on from
// there. `online` keeps sums relative to the highest score so far and rescales them when a higher one comes;
// `statistics` keeps the same numbers without values; `replay` reads them back and knows final p at once.

import type { Point } from "../ir/evaluate.ts";
import type { AttendPlan } from "../schedule/plan.ts";
import type { PlanBuffers } from "./plan-buffers.ts";

/** A key that the row sees, with its final score (finite) and its value row. */
export type Seen = { readonly key: number; readonly score: number; readonly value: ArrayLike<number> };

export type Row = {
  /** Coordinates and locals of the row; the key moves. */
  readonly point: Point;
  /** Its place in [batch, heads, queries]. */
  readonly at: number;
  /** The query row, the scale folded in where the plan says so. */
  query: ArrayLike<number>;
  /** Highest score so far, the sink included. */
  highest: number;
  /** Σ exp(score − highest), the sink included. */
  sum: number;
  /** Σ score. */
  total: number;
  /** Keys seen so far. */
  seen: number;
  /** Weighted values, relative to `highest` where the plan runs online and normalises by softmax. */
  readonly values: Float64Array;
};

export type RowPass = {
  /** Before the first tile; the sink is −inf where there is none. */
  open(row: Row, sink: number): void;
  /** One tile's visible keys, and the highest of their scores. */
  see(row: Row, seen: readonly Seen[], highest: number): void;
  /** After the last tile, for a row that saw at least one key; or for any row if the pass only keeps statistics. */
  close(row: Row): void;
};

/** @param weigh the weight of a key of the row from p; in `online`, p times a constant of the row */
export function rowPass(plan: AttendPlan, buffers: PlanBuffers, weigh: Weigh): RowPass {
  return PASSES[plan.pass](plan, buffers, weigh);
}

type Weigh = (row: Row, key: Seen, p: number) => number;

/** A row before its first tile. */
export function startRow(point: Point, at: number, valueDim: number): Row {
  const values = new Float64Array(valueDim);
  return { point, at, query: [], highest: Number.NEGATIVE_INFINITY, sum: 0, total: 0, seen: 0, values };
}

/** Natural log of the row's denominator; −inf where nothing was summed. */
export const lseOf = ({ highest, sum }: Pick<Row, "highest" | "sum">): number =>
  sum === 0 ? Number.NEGATIVE_INFINITY : highest + Math.log(sum);

type MakePass = (plan: AttendPlan, buffers: PlanBuffers, weigh: Weigh) => RowPass;

const PASSES: Readonly<Record<AttendPlan["pass"], MakePass>> = {
  online: (plan, buffers, weigh) => ({
    open: addSink,
    see(row, seen, highest) {
      const shrink = addScores(row, seen, highest);
      if (plan.normalize === "softmax") for (let d = 0; d < row.values.length; d++) row.values[d]! *= shrink;
      const relative = { softmax: (s: number) => Math.exp(s - row.highest), sum: same, none: same }[plan.normalize];
      for (const key of seen) addValue(row, key, weigh(row, key, relative(key.score)));
    },
    close(row) {
      if (plan.split) {
        const part = [...row.values, row.highest, row.sum, Math.min(row.seen, 1)];
        buffers.scratch[plan.split.parts]!.set(part, row.at * part.length);
        return;
      }
      const divisor = { softmax: row.sum, sum: row.total, none: 1 }[plan.normalize];
      for (let d = 0; d < row.values.length; d++) row.values[d] = divisor === 0 ? 0 : row.values[d]! / divisor;
    },
  }),
  statistics: (plan, buffers) => ({
    open: addSink,
    see: addScores,
    close(row) {
      const { softmax, sum, none } = statisticsOf(row);
      buffers.scratch[plan.statistics!]!.set({ softmax, sum, none }[plan.normalize], row.at * 2);
    },
  }),
  replay: (plan, buffers, weigh) => ({
    open(row) {
      const [first, second] = buffers.scratch[plan.statistics!]!.subarray(row.at * 2, row.at * 2 + 2);
      if (plan.normalize === "softmax") Object.assign(row, { highest: first, sum: second });
      else row.total = first!;
      row.point.quantities.lse = plan.normalize === "softmax" ? lseOf(row) : second!;
    },
    see(row, seen) {
      row.seen += seen.length;
      for (const key of seen) addValue(row, key, weigh(row, key, FINAL[plan.normalize](key.score, row)));
    },
    close() {},
  }),
  // What pairs come to is folded as they are weighed.
  reduce: (_, buffers, weigh) => ({
    open(row) {
      row.point.quantities.lse = buffers.lse[row.at]!;
    },
    see(row, seen) {
      for (const key of seen) weigh(row, key, Math.exp(key.score - row.point.quantities.lse!));
    },
    close() {},
  }),
};

const same = (score: number) => score;

const FINAL = {
  softmax: (score: number, { highest, sum }: Row) => Math.exp(score - highest) / sum,
  sum: (score: number, { total }: Row) => (total === 0 ? 0 : score / total),
  none: same,
} as const;

/** What `statistics` leaves to `replay`, by the way of normalising; see AttendPlan. */
const statisticsOf = (row: Row) => ({
  softmax: [row.highest, row.sum],
  sum: [row.total, lseOf(row)],
  none: [0, lseOf(row)],
});

/** The sink is one more term of the sum and has no value. */
function addSink(row: Row, sink: number): void {
  if (sink === Number.NEGATIVE_INFINITY) return;
  row.highest = sink;
  row.sum = 1;
}

/** Adds a tile's scores; returns the factor by which sums relative to the old highest score shrink. */
function addScores(row: Row, seen: readonly Seen[], highestOfTile: number): number {
  if (seen.length === 0) return 1;
  const highest = Math.max(row.highest, highestOfTile);
  const shrink = row.sum === 0 ? 0 : Math.exp(row.highest - highest);
  row.sum = seen.reduce((sum, { score }) => sum + Math.exp(score - highest), row.sum * shrink);
  row.total = seen.reduce((total, { score }) => total + score, row.total);
  row.highest = highest;
  row.seen += seen.length;
  return shrink;
}

function addValue(row: Row, { value }: Seen, weight: number): void {
  for (let d = 0; d < row.values.length; d++) row.values[d]! += weight * value[d]!;
}
