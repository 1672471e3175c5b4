// Orders of the tokens of a grid: the tiles of a region, Morton's order and a curve that turns at every border.

import { range, sortedBy } from "./dense.ts";

/** Coordinates of a token on a row-major grid, the outermost axis first. */
export function coordinates(token: number, extents: readonly number[]): number[] {
  let rest = token;
  return [...extents]
    .reverse()
    .map((extent) => {
      const at = rest % extent;
      rest = Math.floor(rest / extent);
      return at;
    })
    .reverse();
}

const tokensOf = (extents: readonly number[]) => extents.reduce((a, b) => a * b, 1);

/** Tile after tile, each row-major; a tile at the border holds what there is. */
export function tileOrder(extents: readonly number[], tile: readonly number[]): number[] {
  return sortedBy(tokensOf(extents), (token) => {
    const at = coordinates(token, extents);
    return [...at.map((x, a) => Math.floor(x / tile[a]!)), ...at.map((x, a) => x % tile[a]!)];
  });
}

/** The number whose bits are those of y and x in turn, x lowest. */
export function morton(y: number, x: number): number {
  const bits = (n: number) => [...n.toString(2)].reverse().map(Number);
  const [ys, xs] = [bits(y), bits(x)];
  return range(Math.max(ys.length, xs.length)).reduce(
    (z, i) => z + (xs[i] ?? 0) * 4 ** i + 2 * (ys[i] ?? 0) * 4 ** i,
    0,
  );
}

/** The place of every token on a curve that goes to and fro, so that neighbors on it are neighbors on the grid. */
export function serpentine(extents: readonly number[]): number[] {
  return range(tokensOf(extents)).map((token) => {
    let back = false;
    return coordinates(token, extents).reduce((place, x, a) => {
      const at = back ? extents[a]! - 1 - x : x;
      const before = place * extents[a]! + at;
      back = before % 2 === 1;
      return before;
    }, 0);
  });
}
