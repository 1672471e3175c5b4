// Where a block is cut when nothing is proved of it as a whole. A mask loses what it knows where a term of one axis jumps
// inside the block: `q // 23` where a row of a grid ends, `k % half` at the half, `is_global[q]` from token to token. On
// either side of such a seam the term stands still or follows its axis. A period that is short beside the block is cut by
// remainders instead: every third query, then the next third. Cuts only decide what is looked at, so they may be guesses.

import type { Expr } from "../ir/expr.ts";
import { nodes } from "../ir/walk.ts";
import { rates } from "./depends.ts";
import { commonStep, type IntRange, intRange, onlyValue, type Range } from "./range.ts";

export type BlockAxis = "query" | "key";

/** Positions of queries and keys, evenly spaced. */
export type Block = Readonly<Record<BlockAxis, IntRange>>;

/** The range of a part of the mask on a block. */
export type RangeOn = (block: Block, expr: Expr) => Range;

/** A term of one axis that jumps anywhere, or one that jumps at the multiples of a period; the latter may be of both. */
type Seam =
  | { readonly kind: "change"; readonly expr: Expr; readonly axis: BlockAxis }
  | { readonly kind: "period"; readonly of: Expr; readonly by: Expr | number; readonly axes: readonly BlockAxis[] };

/** Cutting by more remainders than this makes too many parts. */
const MOST_REMAINDERS = 16;

/** Positions that are searched one by one for a change. A block whose positions wrap around has all of them. */
const MOST_SEARCHED = 1024;

/** Parts that together are the block, two at least; undefined where no seam runs through it. */
export function cut(mask: Expr, block: Block, rangeOn: RangeOn): readonly Block[] | undefined {
  for (const seam of seamsOf(mask)) {
    const parts = seam.kind === "period" ? cutAtPeriod(seam, block, rangeOn) : cutAtChange(seam, block, rangeOn);
    if (parts) return parts;
  }
  return undefined;
}

const known = new WeakMap<Expr, readonly Seam[]>();

/** Terms of the mask that may jump inside a block, inner ones first. */
function seamsOf(mask: Expr): readonly Seam[] {
  const seams = known.get(mask) ?? findSeams(mask);
  known.set(mask, seams);
  return seams;
}

const AXES = { constant: [], head: [], row: ["query"], key: ["key"], pair: ["query", "key"] } as const;

function findSeams(mask: Expr): readonly Seam[] {
  const rateAt = rates([mask]);
  const axesOf = (expr: Expr): readonly BlockAxis[] => AXES[rateAt.get(expr)!];
  return nodes(mask).flatMap((expr): readonly Seam[] => {
    const axes = axesOf(expr);
    const period = periodOf(expr);
    if (period) {
      const isShared = typeof period.by === "number" || axesOf(period.by).length === 0;
      return isShared && axes.length > 0 ? [{ kind: "period", ...period, axes }] : [];
    }
    const [axis, other] = axes;
    return axis && !other && jumps(expr) ? [{ kind: "change", expr, axis }] : [];
  });
}

/** Elements of tensors, and comparisons; what is made of them jumps where they do. */
const jumps = (expr: Expr) =>
  expr.kind === "load" || (expr.kind === "op" && expr.type === "bool" && expr.args[0]?.type !== "bool");

type Period = Pick<Extract<Seam, { kind: "period" }>, "of" | "by">;

/** x // n and x % n, also where they are written with bits. */
function periodOf(expr: Expr): Period | undefined {
  if (expr.kind !== "op" || expr.type !== "int") return undefined;
  const [of, by] = expr.args as [Expr, Expr];
  if (expr.op === "floorDiv" || expr.op === "floorMod") return { of, by };
  if (by?.kind !== "const") return undefined;
  if (expr.op === "shiftRight") return { of, by: 2 ** ((by.value as number) & 31) };
  return expr.op === "bitAnd" ? { of, by: (by.value as number) + 1 } : undefined;
}

/** At the first place where the term has another value than at the first position. */
function cutAtChange(
  { expr, axis }: Extract<Seam, { kind: "change" }>,
  block: Block,
  rangeOn: RangeOn,
): readonly Block[] | undefined {
  const places = countOf(block[axis]);
  if (places > MOST_SEARCHED || onlyValue(rangeOn(block, expr)) !== undefined) return undefined;
  const at = (place: number) => onlyValue(rangeOn(oneOf(block, axis, place), expr));
  const first = at(0);
  for (let place = 1; place < places; place++) if (at(place) !== first) return cutBefore(block, axis, place);
  return undefined;
}

function cutAtPeriod(
  { of, by, axes }: Extract<Seam, { kind: "period" }>,
  block: Block,
  rangeOn: RangeOn,
): readonly Block[] | undefined {
  const dividend = rangeOn(block, of) as IntRange;
  const period = typeof by === "number" ? by : (onlyValue(rangeOn(block, by)) as number | undefined);
  if (period === undefined || period < 2 || dividend.step % period === 0) return undefined;
  const periods = Math.floor(dividend.high / period) - Math.floor(dividend.low / period) + 1;
  if (periods === 1) return undefined;
  const [axis, other] = axes;
  if (!other && period >= periods) {
    const turn = (place: number) => Math.floor((rangeOn(oneOf(block, axis!, place), of) as IntRange).low / period);
    return cutBefore(block, axis!, firstChange(countOf(block[axis!]), turn));
  }
  if (period > MOST_REMAINDERS) return undefined;
  const uneven = axes.find((each) => block[each].step % period !== 0);
  return uneven && byRemainder(block, uneven, period);
}

/** A place where a value that seldom changes, and changes back never, has changed; the number of places if it does not. */
function firstChange(places: number, valueAt: (place: number) => number): number {
  const first = valueAt(0);
  let [same, changed] = [0, places];
  while (changed - same > 1) {
    const middle = Math.floor((same + changed) / 2);
    if (valueAt(middle) === first) same = middle;
    else changed = middle;
  }
  return changed;
}

const countOf = ({ low, high, step }: IntRange) => (step === 0 ? 1 : (high - low) / step + 1);

const oneOf = (block: Block, axis: BlockAxis, place: number): Block => {
  const position = block[axis].low + place * block[axis].step;
  return { ...block, [axis]: intRange(position, position) };
};

function cutBefore(block: Block, axis: BlockAxis, place: number): readonly Block[] | undefined {
  const { low, high, step } = block[axis];
  const border = low + place * step;
  if (border > high) return undefined;
  return [
    { ...block, [axis]: intRange(low, border - step, step) },
    { ...block, [axis]: intRange(border, high, step) },
  ];
}

/** Positions that leave the same remainder go together. */
function byRemainder(block: Block, axis: BlockAxis, period: number): readonly Block[] | undefined {
  const { low, high, step } = block[axis];
  const wide = (step * period) / commonStep(step, period);
  const parts: Block[] = [];
  for (let from = low; from < low + wide && from <= high; from += step) {
    parts.push({ ...block, [axis]: intRange(from, high, wide) });
  }
  return parts.length > 1 ? parts : undefined;
}
