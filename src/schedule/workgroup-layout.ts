// How a tile is shared out among the threads of a workgroup, and how much of workgroup memory its parts take. Whether a plan fits is asked here before a plan is made, and answered with the same numbers.

import type { Target } from "../../targets/target.ts";
import type { Dims, Tile } from "./plan.ts";

/** Columns of query and key rows that are staged together. A wider chunk takes memory and saves few barriers. */
const CHUNK = 32;

export type TileLayout = {
  readonly threads: number;
  readonly bands: number;
  readonly strips: number;
  /** Keys of a tile that a thread owns, every so many-th as there are strips. */
  readonly ownKeys: number;
  /** Columns of query and key rows that are staged together, and the distance of two bands, and of two columns of keys,
   *  there: odd, so that threads which read or write one column meet different banks. */
  readonly chunk: number;
  readonly pitch: number;
  readonly keyPitch: number;
  /** Keys whose values are staged together. */
  readonly valueKeys: number;
  /** Columns of the result that a thread owns; the last may lie beyond the value dim. */
  readonly columns: number;
  /** Vectors of query rows or weights, floats of keys or values. */
  readonly rowVectors: number;
  readonly staged: number;
  readonly bytes: number;
};

/** @param own rows of a band and keys of a strip: what one thread owns */
export function tileLayout({ queries, keys }: Tile, own: Target["registerTile"], { dim, valueDim }: Dims): TileLayout {
  const [bands, strips] = [queries / own.rows, keys / own.columns];
  const threads = bands * strips;
  const chunk = Math.min(CHUNK, dim);
  const pitch = odd(chunk);
  const keyPitch = odd(keys);
  // Weights take the place of query rows.
  const rowVectors = bands * Math.max(pitch, keys);
  // Values take the place of keys, as many as there is room for; a power of two, so that they divide the tile.
  let valueKeys = keys;
  while (valueKeys > 1 && valueKeys * valueDim > chunk * keyPitch) valueKeys /= 2;
  // Threads whose last column lies beyond the row read on.
  const staged = Math.max(chunk * keyPitch, valueKeys * valueDim + strips);
  return {
    ...{ threads, bands, strips, ownKeys: own.columns, chunk, pitch, keyPitch, valueKeys },
    ...{ columns: Math.ceil(valueDim / strips), rowVectors, staged, bytes: 16 * (rowVectors + threads) + 4 * staged },
  };
}

/** The layout where products come in matrices: columns are staged in whole depths, at distances at which matrices may begin,
 *  and query rows and products lie in memory of their own. */
export function matrixLayout(
  tile: Tile,
  own: Target["registerTile"],
  { dim, valueDim }: Dims,
  { depth }: NonNullable<Target["matrix"]>,
): TileLayout {
  const layout = tileLayout(tile, own, { dim: Math.ceil(dim / depth) * depth, valueDim });
  const bytes = layout.bytes + 4 * tile.queries * (layout.chunk + tile.keys);
  return { ...layout, keyPitch: tile.keys, bytes };
}

const odd = (length: number) => length + 1 - (length % 2);
