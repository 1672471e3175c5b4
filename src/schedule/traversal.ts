// How a query tile walks over the keys. The mask is solved for the key: the runs of keys that the tile can see give the
// jump from one key tile to the next. On the tile at hand the mask's bounds say whether it can hold somewhere, and whether
// it holds everywhere, so that a tile is skipped, or visited without its mask. All of it is a few integer operations a
// tile, and nothing is stored.
//
//   causal, window w      jump    from firstQuery - w + 1, to lastQuery
//                         must    lastQuery - firstKey < w  and  lastKey <= firstQuery

import type { Rate } from "../analysis/depends.ts";
import type { Environment } from "../analysis/interval.ts";
import { INT_MAX, INT_MIN } from "../analysis/range.ts";
import { type BoolBounds, TILE } from "../analysis/tile/bounds.ts";
import { type Summaries, tileBounds, withTile } from "../analysis/tile/evaluate.ts";
import { inPieces } from "../analysis/tile/pieces.ts";
import { isEverything, type Run } from "../analysis/tile/run-sets.ts";
import { keyRuns } from "../analysis/tile/runs.ts";
import { withUnions } from "../analysis/tile/unions.ts";
import type * as ir from "../ir/expr.ts";
import { bool, extent, int, local, op } from "../ir/make.ts";
import { substitute } from "../ir/walk.ts";
import { simplifier } from "../passes/index.ts";
import { hoist } from "./hoist.ts";
import type { Let } from "./loop.ts";
import type { Tile, Traversal } from "./plan.ts";

/** Where the walk stands: no key before this one is still to be seen. A multiple of the tile's keys. */
export const NEXT_KEY = local("int", "nextKey");

/** Locals that the loops of a kernel set, and how often. */
export const LOOP_LOCALS: ReadonlyMap<string, Rate> = new Map<string, Rate>([
  ["firstQuery", "row"],
  ["lastQuery", "row"],
  ["firstKey", "pair"],
  ["lastKey", "pair"],
  ["nextKey", "pair"],
]);

export type Chosen = {
  readonly head: readonly Let[];
  readonly queryTile: readonly Let[];
  readonly traversal: Traversal;
};

/** What a walk over the keys is made of; the same for tiles of every size. */
export type MaskFacts = Pick<Traversal, "runs" | "unsolved"> & { readonly may: ir.Expr; readonly must: ir.Expr };

/** The facts of this mask; undefined where there is none. Finding them is most of the time that a plan takes, so steps over
 *  one mask share them.
 *  @param promises what holds in every call */
export function maskFacts(mask: ir.Expr, promises: Environment, summaries: Summaries): MaskFacts | undefined {
  if (mask === bool(true)) return undefined;
  const bounds = tileBounds(mask, promises, summaries);
  const simplify = simplifier(withTile(promises));
  const factsOf = (of: ir.Expr) => inPieces(of, tileBounds(of, promises, summaries).bounds(of) as BoolBounds);
  const { may } = factsOf(mask);
  const { must } = factsOf(withUnions(mask));
  const { runs, unsolved } = keyRuns(mask, bounds);
  const simple = runs.map((run) => simplifyRun(run, (expr) => simplify(onAllKeys(expr))));
  return { runs: simple, unsolved, may: simplify(may), must: simplify(must) };
}

/** The walk over the keys.
 *  @param tile absent: whoever asks about a tile comes to all of them
 *  @param taken names that locals must not repeat */
export function chooseTraversal(
  facts: MaskFacts | undefined,
  tile: Tile | undefined,
  taken: ReadonlySet<string>,
): Chosen {
  if (!facts) return { head: [], queryTile: [], traversal: { runs: [], unsolved: [] } };
  const { runs, unsolved, may, must } = facts;
  const roots = {
    ...(!tile || runs.some(isEverything) ? {} : { next: jump(runs, tile) }),
    ...unless(bool(true), "may", may),
    ...unless(bool(false), "must", must),
  };
  const { head, row, regions } = hoist(roots, taken, { row: "tile", rates: LOOP_LOCALS });
  return { head, queryTile: row, traversal: { ...regions, runs, unsolved } };
}

/** Runs are found before a key tile is at hand: what was bounded on a tile of keys is bounded on all of them. */
function onAllKeys(expr: ir.Expr): ir.Expr {
  const ends = new Map([
    [TILE.key.low, int(0)],
    [TILE.key.high, op("sub", extent("keys"), int(1))],
  ]);
  return substitute(expr, (node) => ends.get(node));
}

function unless<Name extends string>(idle: ir.Expr, name: Name, value: ir.Expr): { readonly [name in Name]?: ir.Expr } {
  return value === idle ? {} : ({ [name]: value } as { readonly [name in Name]: ir.Expr });
}

function simplifyRun({ when, first, last }: Run, simplify: (expr: ir.Expr) => ir.Expr): Run {
  return {
    ...(when ? unless(bool(true), "when", simplify(when)) : {}),
    ...(first ? { first: simplify(first) } : {}),
    ...(last ? { last: simplify(last) } : {}),
  };
}

/** The first key of the next tile that holds a key of a run; at least `len(key)` where there is none. */
function jump(runs: readonly Run[], tile: Tile): ir.Expr {
  const candidates = runs.map(({ when, first, last }) => {
    const conditions = [...(when ? [when] : []), ...(last ? [op("ge", last, NEXT_KEY)] : [])];
    const from = first ? op("max", first, NEXT_KEY) : NEXT_KEY;
    const holds = conditions.reduce<ir.Expr | undefined>((all, each) => (all ? op("and", all, each) : each), undefined);
    // Rounding down to a tile must not lead back, so the end is beyond every length and not the length itself.
    return holds ? op("select", holds, from, int(INT_MAX)) : from;
  });
  const nearest = candidates.reduce((left, right) => op("min", left, right));
  return op("mul", op("floorDiv", nearest, int(tile.keys)), int(tile.keys));
}

/** Positions of the first and last of the rows first ‥ end − 1; all positions where they wrap around in between. */
export function corners(queryStart: number, first: number, end: number) {
  const [firstQuery, lastQuery] = [(queryStart + first) | 0, (queryStart + end - 1) | 0];
  return firstQuery <= lastQuery ? { firstQuery, lastQuery } : { firstQuery: INT_MIN, lastQuery: INT_MAX };
}

/** What becomes of a key tile. */
export type Visit = { readonly firstKey: number; readonly masked: boolean };

/** Values of the traversal's expressions at a query tile, given the loop's locals. */
export type TileValues = {
  next?(nextKey: number): number;
  may?(firstKey: number, lastKey: number): boolean;
  must?(firstKey: number, lastKey: number): boolean;
};

/** What the walk says of a key tile: `jumped` where no run holds a key of it and `empty` where its bounds prove that it
 *  has no visible pair, `full` where every pair is visible, `partial` where nothing is proved. */
export type Claim = "jumped" | "empty" | "full" | "partial";

/** A key tile that the walk comes to. */
export type Look = {
  readonly firstKey: number;
  readonly lastKey: number;
  readonly claim: Exclude<Claim, "jumped">;
};

/** Keys of a walk: the first, a multiple of the tile's keys, and the one behind the last. */
export type KeyRange = { readonly first: number; readonly end: number };

/** The key tiles that the walk of a query tile comes to, in order. Emitters print the same loop. What is jumped over costs
 *  nothing.
 *  @param group tiles that are asked about together first, and one by one only where that proves nothing */
export function* looks(hasMask: boolean, range: KeyRange, tile: Tile, values: TileValues, group = 1): Generator<Look> {
  const keys = range.end;
  const claimOf = (firstKey: number, lastKey: number): Look["claim"] => {
    if (values.may && !values.may(firstKey, lastKey)) return "empty";
    return !hasMask || values.must?.(firstKey, lastKey) ? "full" : "partial";
  };
  const wide = tile.keys * group;
  for (let firstKey = range.first; firstKey < keys; ) {
    firstKey = values.next?.(firstKey) ?? firstKey;
    if (firstKey >= keys) return;
    const end = firstKey + wide;
    const together = group > 1 && firstKey % wide === 0 && end <= keys ? claimOf(firstKey, end - 1) : "partial";
    const last = together === "partial" ? firstKey + tile.keys : end;
    for (; firstKey < Math.min(last, keys); firstKey += tile.keys) {
      const lastKey = Math.min(firstKey + tile.keys, keys) - 1;
      yield { firstKey, lastKey, claim: together === "partial" ? claimOf(firstKey, lastKey) : together };
    }
  }
}

/** What the walk says of every key tile of a query tile, in order. */
export function* claims(
  hasMask: boolean,
  keys: number,
  tile: Tile,
  values: TileValues,
): Generator<{ readonly firstKey: number; readonly claim: Claim }> {
  let at = 0;
  for (const { firstKey, claim } of looks(hasMask, { first: 0, end: keys }, tile, values)) {
    for (; at < firstKey; at += tile.keys) yield { firstKey: at, claim: "jumped" };
    yield { firstKey, claim };
    at += tile.keys;
  }
  for (; at < keys; at += tile.keys) yield { firstKey: at, claim: "jumped" };
}

/** The key tiles that a kernel visits for a query tile, in order.
 *  @param group see `looks` */
export function* visits(hasMask: boolean, keys: KeyRange, tile: Tile, values: TileValues, group = 1): Generator<Visit> {
  for (const { firstKey, claim } of looks(hasMask, keys, tile, values, group)) {
    if (claim !== "empty") yield { firstKey, masked: claim === "partial" };
  }
}
