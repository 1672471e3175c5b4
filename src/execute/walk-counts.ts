// What the walk of a call adds up to: tiles visited full, visited partial and skipped, without a list of them. A jump
// over a million keys is one step here, so a walk costs what it visits. Where all query tiles together would visit too
// many, evenly spaced ones stand for them, and the result says so.

import { type Bindings, evaluator, startPoint } from "../ir/evaluate.ts";
import type { AttendPlan, Program } from "../schedule/plan.ts";
import { attendSteps } from "../schedule/steps.ts";
import { looks } from "../schedule/traversal.ts";
import type { Case } from "../spec/case.ts";
import { bindProgram } from "./bind-program.ts";
import { keysAlive, kvHeadOf } from "./environment.ts";
import { walkValues } from "./plan-values.ts";
import { withOrder } from "./stored-call.ts";
import { type QueryTile, tileValues } from "./walk.ts";

/** Which heads differ; the others see what head 0 or batch 0 sees. */
export type Distinct = { readonly batch: boolean; readonly head: boolean };

/** Tiles, pairs and rows of K of all heads, for one pass over the map; estimates where not every query tile was walked. */
export type WalkCounts = {
  readonly tiles: { readonly full: number; readonly partial: number; readonly skipped: number };
  readonly pairs: { readonly full: number; readonly partial: number; readonly skipped: number };
  /** Rows of K that query tiles read, and that they would read of a dense map. */
  readonly keyRows: { readonly read: number; readonly all: number };
  /** The share of pairs of partial tiles that are visible, estimated from so many of them. */
  readonly visibleOfPartial: { readonly share: number; readonly pairs: number };
  /** Query tiles that were walked, of how many that differ. */
  readonly walked: number;
  readonly queryTiles: number;
};

/** Key tiles that are looked at, at about a microsecond each. */
const MOST_LOOKS = 2 ** 17;
/** Query tiles that tell how long a walk is, and the fewest that stand for all. */
const PILOT = 16;
/** Pairs that are tried of a partial tile, and partial tiles of which some are tried at most. */
const TRIED = 2;
const MOST_TRIED = 2 ** 14;

/** Walks over the call. Cost: `mostLooks` at most, unless query tiles between those of the pilot are far more expensive;
 *  then four times as much. */
export function countWalk(program: Program, given: Case, distinct: Distinct, mostLooks = MOST_LOOKS): WalkCounts {
  const call = withOrder(program.ir, given);
  const walker = walkerOf(program, call, distinct);
  const pilot = walker.walk(Math.min(PILOT, walker.queryTiles), Infinity)!;
  const each = Math.max(1, pilot.looks / Math.max(1, pilot.walked));
  const affordable = Math.min(walker.queryTiles, Math.max(PILOT, Math.floor(mostLooks / each)));
  const total = (affordable > pilot.walked && walker.walk(affordable, 4 * mostLooks)) || pilot;
  return scaled(total, walker.queryTiles, attendSteps(program)[0]!.plan, call);
}

type Sums = {
  walked: number;
  looks: number;
  full: number;
  partial: number;
  fullPairs: number;
  partialPairs: number;
  keyRows: number;
  readonly tried: Tried;
};

const nothing = (): Sums => ({
  walked: 0,
  looks: 0,
  full: 0,
  partial: 0,
  fullPairs: 0,
  partialPairs: 0,
  keyRows: 0,
  tried: thinning(),
});

type Walker = {
  /** Query tiles that differ. */
  readonly queryTiles: number;
  /** Walks over so many of them, evenly spaced; undefined where that takes too many looks. */
  walk(count: number, mostLooks: number): Sums | undefined;
};

function walkerOf(program: Program, call: Case, distinct: Distinct): Walker {
  const { plan } = attendSteps(program)[0]!;
  const bindings = bindProgram(program, call);
  const walking = { values: walkValues(plan, bindings), bindings, call };
  const { shape } = call;
  const perHead = Math.ceil(shape.queries / plan.tile.queries);
  const heads = distinct.head ? shape.heads : Math.min(1, shape.heads);
  const batches = distinct.batch ? shape.batch : Math.min(1, shape.batch);
  const isVisible = pairs(program, bindings, call);

  const tileAt = (index: number): QueryTile => {
    const first = (index % perHead) * plan.tile.queries;
    const end = Math.min(first + plan.tile.queries, shape.queries);
    const head = Math.floor(index / perHead) % heads;
    return { batch: Math.floor(index / (perHead * heads)), head, first, end };
  };

  function add(sums: Sums, tile: QueryTile): void {
    const alive = keysAlive(call, tile.batch);
    const rows = tile.end - tile.first;
    sums.walked += 1;
    sums.looks += 1;
    if (!plan.mask) {
      sums.keyRows += alive;
      sums.full += Math.ceil(alive / plan.tile.keys);
      sums.fullPairs += rows * alive;
      return;
    }
    for (const { firstKey, lastKey, claim } of looks(
      true,
      { first: 0, end: alive },
      plan.tile,
      tileValues(walking, tile),
    )) {
      sums.looks += 1;
      if (claim === "empty") continue;
      const columns = lastKey - firstKey + 1;
      sums.keyRows += columns;
      sums[claim] += 1;
      sums[`${claim}Pairs`] += rows * columns;
      if (claim === "full") continue;
      sums.tried.add((down, across) =>
        isVisible(tile, Math.floor(down * rows), firstKey + Math.floor(across * columns)),
      );
    }
  }

  const queryTiles = perHead * heads * batches;
  return {
    queryTiles,
    walk(count, mostLooks) {
      const sums = nothing();
      for (let index = 0; index < count; index++) {
        add(sums, tileAt(Math.floor(((index + 0.5) * queryTiles) / count)));
        if (sums.looks > mostLooks) return undefined;
      }
      return sums;
    },
  };
}

type Tried = {
  /** Tries pairs of one more partial tile, given their places as shares of its sides, or passes it over. */
  add(isVisible: (down: number, across: number) => boolean): void;
  result(): WalkCounts["visibleOfPartial"];
};

/** Tries every tile, then every second, every fourth, so that however many there are each has the same weight. */
function thinning(): Tried {
  let [step, tiles, trials] = [1, 0, 0];
  let found: number[] = [];
  return {
    add(isVisible) {
      tiles += 1;
      if ((tiles - 1) % step > 0) return;
      let visible = 0;
      for (let trial = 0; trial < TRIED; trial++, trials++) if (isVisible(...spread(trials))) visible += 1;
      found.push(visible);
      if (found.length < MOST_TRIED) return;
      found = found.filter((_, index) => index % 2 === 0);
      step *= 2;
    },
    result() {
      const pairs = TRIED * found.length;
      const visible = found.reduce((sum, each) => sum + each, 0);
      return { share: pairs === 0 ? 0 : visible / pairs, pairs };
    },
  };
}

/** Points that fill the square evenly from the first on: the additive sequence of the plastic number 1.3247…, whose
 *  inverse and inverse square are the steps (Roberts 2018). */
function spread(index: number): readonly [number, number] {
  return [(0.5 + index * 0.7548776662466927) % 1, (0.5 + index * 0.5698402909980532) % 1];
}

type IsVisible = (tile: QueryTile, row: number, key: number) => boolean;

/** The mask itself, at one pair. */
function pairs({ ir }: Program, bindings: Bindings, { shape }: Case): IsVisible {
  const point = startPoint();
  const mask = evaluator(ir.mask, "decide", bindings);
  return ({ batch, head, first }, row, key) => {
    const query = (bindings.extent("queryStart", batch) + first + row) | 0;
    return mask(Object.assign(point, { batch, head, kv: kvHeadOf(head, shape), query, key })) as boolean;
  };
}

/** All heads from those that differ, and all query tiles from those that were walked. */
function scaled(sums: Sums, queryTiles: number, { tile }: AttendPlan, { shape }: Case): WalkCounts {
  const { batch, heads, queries, keys } = shape;
  const rows = batch * heads * Math.ceil(queries / tile.queries);
  const times = (value: number) => Math.round((value * rows) / Math.max(1, sums.walked));
  const [full, partial] = [times(sums.full), times(sums.partial)];
  const [fullPairs, partialPairs] = [times(sums.fullPairs), times(sums.partialPairs)];
  return {
    tiles: { full, partial, skipped: rows * Math.ceil(keys / tile.keys) - full - partial },
    pairs: {
      full: fullPairs,
      partial: partialPairs,
      skipped: Math.max(0, batch * heads * queries * keys - fullPairs - partialPairs),
    },
    keyRows: { read: times(sums.keyRows), all: rows * keys },
    visibleOfPartial: sums.tried.result(),
    walked: sums.walked,
    queryTiles,
  };
}
