// Which key tiles a query tile visits, and where the mask may be left out. Bounds of the keys (`key-bounds.ts`) become
// ranges of tiles: over the rows of the tile, the union of what they see is where the loop goes, the intersection is
// where every pair is visible. Where nothing is known, every tile is visited and applies the mask.
//
//   q >= k                    full below the tile's first row, partial up to its last
//   q >= k and q - k < w      partial at the window's start, full between, partial on the diagonal

import { dependencies } from "../analysis/depends.ts";
import type { Environment } from "../analysis/interval.ts";
import type * as ir from "../ir/expr.ts";
import { bool, extent, int, local, op } from "../ir/make.ts";
import { printExpr } from "../ir/print.ts";
import { type KeyBound, type KeyBounds, keyBounds, NEAR } from "./key-bounds.ts";
import type { Let } from "./loop.ts";
import type { Tile, Visit } from "./plan.ts";

/** What is computed once per query tile, and the visits that read it: in ascending order of their key tiles, none of
 *  which is visited twice. */
export type Visits = { readonly queryTile: readonly Let[]; readonly visits: readonly Visit[] };

/** @param environment what parameters and extents may be */
export function chooseVisits(mask: ir.Expr, tile: Tile, environment: Environment): Visits {
  if (mask === bool(true)) return { queryTile: [], visits: [NOTHING_MASKED] };
  const found = keyBounds(mask, environment);
  if (found.bounds.length === 0) return { queryTile: [], visits: [MASKED_EVERYWHERE] };
  return boundedVisits(found, tile);
}

const NOTHING_MASKED: Visit = {
  fact: "full",
  blocks: { kind: "every" },
  applyMask: false,
  reason: "there is no mask: every key is visible",
};

const MASKED_EVERYWHERE: Visit = {
  fact: "partial",
  blocks: { kind: "every" },
  applyMask: true,
  reason: "nothing is proved about the mask, so every tile applies it",
};

const firstQuery = local("int", "firstQuery");
const lastQuery = local("int", "lastQuery");
const keyTiles = local("int", "keyTiles");

/** Tiles that some row sees are seenFirst ‥ seenEnd, tiles that every row sees whole are fullFirst ‥ fullEnd. Where
 *  the query tile is not near, the formulas may wrap: then all tiles may be seen, and none is full. */
function boundedVisits({ bounds, complete }: KeyBounds, tile: Tile): Visits {
  const queryTile: Let[] = [];
  const named = (name: string, value: ir.Expr) => {
    queryTile.push({ name, value });
    return local(value.type, name);
  };
  // Also where q cancels out of the bound, as in q - k <= q: for far positions the term itself wraps.
  const readsQuery = dependencies(...bounds.map(({ term }) => term)).axes.has("query");
  const near = readsQuery ? named("near", isNear(tile)) : undefined;
  const bound = (name: string, value: ir.Expr, otherwise: ir.Expr) =>
    named(name, near ? op("select", near, value, otherwise) : value);
  const lower = bounds.filter(({ side }) => side === "lower");
  const upper = bounds.filter(({ side }) => side === "upper");

  const seenFirst = lower.length > 0 ? bound("seenFirst", firstSeen(lower, tile), int(0)) : int(0);
  const seenEnd = upper.length > 0 ? bound("seenEnd", endSeen(upper, tile), keyTiles) : keyTiles;
  const outside = `the mask is false outside of ${because(bounds)}`;
  if (!complete) return { queryTile, visits: [visit("partial", seenFirst, seenEnd, outside)] };

  const fullFirst = lower.length > 0 ? bound("fullFirst", firstFull(lower, tile), keyTiles) : int(0);
  const shared = () => named("shared", op("add", highest(upper, "least"), int(1)));
  const fullEnd = upper.length > 0 ? bound("fullEnd", endFull(shared(), tile), int(0)) : keyTiles;
  const before = visit("partial", seenFirst, op("min", fullFirst, seenEnd), outside);
  const full = visit("full", fullFirst, fullEnd, `every pair satisfies ${because(bounds)}`);
  const after = visit("partial", op("max", fullFirst, fullEnd), seenEnd, outside);
  return { queryTile, visits: [...(lower.length > 0 ? [before] : []), full, ...(upper.length > 0 ? [after] : [])] };
}

const visit = (fact: Visit["fact"], first: ir.Expr, end: ir.Expr, reason: string): Visit => ({
  fact,
  blocks: { kind: "range", first, end },
  applyMask: fact === "partial",
  reason,
});

const because = (bounds: readonly KeyBound[]) => [...new Set(bounds.map(({ term }) => printExpr(term)))].join(" and ");

/** True if all rows of the tile stand at near positions. */
function isNear(tile: Tile): ir.Expr {
  const limit = NEAR - tile.queries;
  return op("and", op("le", int(-limit), firstQuery), op("le", firstQuery, int(limit)));
}

/** First tile with a key that some row of the tile sees. */
const firstSeen = (lower: readonly KeyBound[], tile: Tile) => op("floorDiv", lowest(lower, "least"), int(tile.keys));

/** First tile of which every row sees every key, as far as lower bounds tell. */
const firstFull = (lower: readonly KeyBound[], tile: Tile) =>
  op("floorDiv", op("add", lowest(lower, "most"), int(tile.keys - 1)), int(tile.keys));

/** Just behind the last tile with a key that some row sees. */
const endSeen = (upper: readonly KeyBound[], tile: Tile) =>
  op("min", op("add", op("floorDiv", highest(upper, "most"), int(tile.keys)), int(1)), keyTiles);

/** Just behind the last tile of which every row sees every key.
 *  @param shared the first key that some row does not see; keys that do not exist are no hindrance, because the ragged
 *  edge has a guard of its own */
const endFull = (shared: ir.Expr, tile: Tile) =>
  op("select", op("ge", shared, extent("keys")), keyTiles, op("floorDiv", shared, int(tile.keys)));

/** The largest of the lower bounds, and 0, for the row of the tile at which each is least or most. */
const lowest = (lower: readonly KeyBound[], extreme: "least" | "most") =>
  lower.reduce((least, bound) => op("max", least, atExtreme(bound, extreme)), int(0));

const highest = (upper: readonly KeyBound[], extreme: "least" | "most") =>
  upper.map((bound) => atExtreme(bound, extreme)).reduce((most, bound) => op("min", most, bound));

/** slope · q + offset at the row of the tile where it is smallest or largest. */
function atExtreme({ slope, offset }: KeyBound, extreme: "least" | "most"): ir.Expr {
  if (slope === 0) return offset;
  const row = slope > 0 === (extreme === "least") ? firstQuery : lastQuery;
  if (slope < 0) return op("sub", offset, row);
  return offset === int(0) ? row : op("add", row, offset);
}
