// Attention over chosen blocks of a possibly reordered store: blocks are cut from the stored order, a block that the mask
// empties is never a candidate, and a pair is seen if the mask allows it and its block was chosen.

import type { GridRule, Score } from "./choose.ts";
import {
  attend,
  dot,
  type Head,
  headsOf,
  type Inputs,
  meanOfRows,
  type Result,
  range,
  type Sight,
  sum,
} from "./dense.ts";

/** Block i of the stored rows and block j of the stored keys. */
export type Pair = {
  readonly i: number;
  readonly j: number;
  /** Rows of the call, not positions. */
  readonly rows: readonly number[];
  /** Original positions. */
  readonly keys: readonly number[];
  readonly head: Head;
  /** All heads of the same batch. */
  readonly peers: readonly Head[];
};

export type Plan = {
  /** Query rows and keys of a block, or with which token each chunk begins. */
  readonly size: readonly [Side, Side];
  readonly mask: Sight;
  readonly scale?: number;
  readonly order?: (head: Head) => readonly number[];
  readonly rowOrder?: (head: Head) => readonly number[];
  readonly score: (pair: Pair) => number;
  readonly among?: (pair: Pair) => boolean;
  readonly keep: GridRule;
  /** Blocks that are taken besides, whatever they score. */
  readonly always?: (pair: Pair) => boolean;
  /** Heads that share a choice, by the mean of their scores. */
  readonly share?: "group" | "heads";
};

type Side = number | ((head: Head) => readonly number[]);

type Grid<T> = readonly (readonly T[])[];

export const cut = <T>(list: readonly T[], size: number): T[][] =>
  range(Math.ceil(list.length / size)).map((i) => list.slice(i * size, (i + 1) * size));

/** Every token belongs to the last chunk that has begun with it, and those before the first begins to the first. */
const chunks = <T>(list: readonly T[], begins: readonly number[]): T[][] =>
  begins.map((begin, c) => list.slice(c === 0 ? 0 : begin, Math.max(begin, begins[c + 1] ?? list.length)));

/** The scaled product of the mean query and the mean key, each over the rows that there are. */
export const meanScore = ({ head, rows, keys }: Pair): number =>
  head.scale * dot(meanOfRows(rows.map((r) => head.Q[r]!)), meanOfRows(keys.map((k) => head.K[k]!)));

/** Whether a query of the block stands at the position of a key of the block. */
export const onDiagonal = ({ head, rows, keys }: Pair): boolean => rows.some((r) => keys.includes(head.row0 + r));

export function attendToBlocks(inputs: Inputs, plan: Plan): Result {
  const heads = headsOf(inputs, plan.scale);
  const group = inputs.sizes.heads / inputs.sizes.kvHeads;
  const grids = heads.map((head) => pairsOf(head, heads, plan));
  const open = grids.map((grid) =>
    each(grid, ({ head, rows, keys }) => meets(rows, keys, (r, k) => plan.mask(head, r, k))),
  );
  const scores = grids.map((grid, at) =>
    each(
      grid,
      (pair, i, j): Score => (open[at]![i]![j] && (plan.among?.(pair) ?? true) ? plan.score(pair) : undefined),
    ),
  );
  const forced = grids.map((grid, at) =>
    each(grid, (pair, i, j) => open[at]![i]![j]! && (plan.always?.(pair) ?? false)),
  );
  const choices = heads.map((head) => {
    const peers = heads.filter((other) => agree(head, other, group, plan.share));
    const shared = each(
      scores[head.index]!,
      (own, i, j): Score =>
        // A peer that stores keys in another order may see nothing in the block; its score counts all the same.
        own === undefined ? undefined : sum(peers.map(({ index }) => plan.score(grids[index]![i]![j]!))) / peers.length,
    );
    return plan.keep(shared, forced[head.index]!);
  });
  const selected = choices.map(({ chosen }, at) => each(chosen, (yes, i, j) => yes || forced[at]![i]![j]!));
  const sights = heads.map((head, at) => sightOf(head, grids[at]!, selected[at]!));
  return {
    out: attend(heads, (head, r, k) => plan.mask(head, r, k) && sights[head.index]!(r, k)),
    selected,
    inhabited: grids.map((grid) => grid.map(([first]) => first!.rows.length > 0)),
    ...(plan.order && { order: heads.map((head) => plan.order!(head)) }),
    margin: Math.min(...choices.map(({ margin }) => margin)),
  };
}

const each = <A, B>(grid: Grid<A>, f: (x: A, i: number, j: number) => B): B[][] =>
  grid.map((row, i) => row.map((x, j) => f(x, i, j)));

const meets = (rows: readonly number[], keys: readonly number[], visible: (r: number, k: number) => boolean): boolean =>
  rows.some((r) => keys.some((k) => visible(r, k)));

function agree(one: Head, other: Head, group: number, share: Plan["share"]): boolean {
  if (one.b !== other.b) return false;
  if (share === "heads") return true;
  return share === "group" ? Math.floor(one.h / group) === Math.floor(other.h / group) : one.h === other.h;
}

function pairsOf(head: Head, heads: readonly Head[], plan: Plan): Pair[][] {
  const blocks = (stored: readonly number[], side: Side) =>
    typeof side === "number" ? cut(stored, side) : chunks(stored, side(head));
  const rowBlocks = blocks(plan.rowOrder?.(head) ?? range(head.Q.length), plan.size[0]);
  const keyBlocks = blocks(plan.order?.(head) ?? range(head.K.length), plan.size[1]);
  const peers = heads.filter(({ b }) => b === head.b);
  return rowBlocks.map((rows, i) => keyBlocks.map((keys, j) => ({ i, j, rows, keys, head, peers })));
}

/** Whether the block of row r and key k was chosen. */
function sightOf(head: Head, grid: Grid<Pair>, selected: Grid<boolean>): (r: number, k: number) => boolean {
  const rowBlock = range(head.Q.length).map((r) => grid.findIndex(([first]) => first!.rows.includes(r)));
  const keyBlock = range(head.K.length).map((k) => grid[0]!.findIndex(({ keys }) => keys.includes(k)));
  return (r, k) => selected[rowBlock[r]!]![keyBlock[k]!]!;
}
