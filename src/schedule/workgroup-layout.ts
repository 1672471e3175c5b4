// How a tile is shared out among the threads of a workgroup, and where its parts lie in workgroup memory. Sizes count
// vectors of four f32. Whether a plan fits is asked here before a plan is made, and answered with the same numbers.

import type { Dims, Tile } from "./plan.ts";

/** Rows of a band and keys of a strip: what one thread owns. */
export const OWN = 4;

/** Columns of query and key rows that are staged together. A wider chunk takes memory and saves few barriers. */
const CHUNK = 32;

export type TileLayout = {
  readonly threads: number;
  readonly bands: number;
  readonly strips: number;
  /** Columns of query and key rows that are staged together, and the distance of two bands there: odd, so that threads
   *  which read one column of different bands meet different banks. */
  readonly chunk: number;
  readonly pitch: number;
  /** Where the keys begin in what is staged. */
  readonly keys: number;
  /** Keys whose values are staged together, and their vectors. */
  readonly valueKeys: number;
  readonly valueVectors: number;
  /** Columns of the result that a thread owns; the last may lie beyond the value dim. */
  readonly columns: number;
  readonly staged: number;
  readonly weights: number;
  readonly bytes: number;
};

export function tileLayout({ queries, keys }: Tile, { dim, valueDim }: Dims): TileLayout {
  const [bands, strips] = [queries / OWN, keys / OWN];
  const chunk = Math.min(CHUNK, dim);
  const pitch = chunk + 1 - (chunk % 2);
  const columns = Math.ceil(valueDim / strips);
  const rows = (bands + strips) * pitch;
  // Values take the place of rows, as many as there is room for; a power of two, so that they divide the tile.
  let valueKeys = keys;
  while (valueKeys > OWN && (valueKeys / OWN) * valueDim > rows) valueKeys /= 2;
  const values = (valueKeys / OWN) * valueDim + strips;
  const staged = Math.max(rows, values);
  const weights = keys * bands;
  return {
    ...{ threads: bands * strips, bands, strips, chunk, pitch, keys: bands * pitch, columns, valueKeys },
    ...{ valueVectors: valueKeys / OWN, staged, weights, bytes: 16 * (staged + weights + bands * strips) },
  };
}
