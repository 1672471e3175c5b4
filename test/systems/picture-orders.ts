// Orders of the pixels of a picture: tiles and Morton's curve, under a window that is square on the picture.

import { type Sight, type System, sortedBy, square } from "./dense.ts";
import { coordinates, morton, tileOrder } from "./grids.ts";
import { reordered } from "./reordered.ts";

/** A square window around every pixel, clipped at the border. */
const around =
  (x: number, radius: number): Sight =>
  (head, r, k) => {
    const [q, c] = [coordinates(head.row0 + r, [1 << 20, x]), coordinates(k, [1 << 20, x])];
    return Math.abs(q[0]! - c[0]!) <= radius && Math.abs(q[1]! - c[1]!) <= radius;
  };
const GRIDS = [
  { sizes: square(96, { axes: { y: 8, x: 12 } }) },
  { sizes: square(63, { axes: { y: 7, x: 9 }, heads: 6, kvHeads: 2 }), scalar: { radius: 1 } },
  { sizes: square(6, { axes: { y: 3, x: 2 }, heads: 3 }) },
];

// Open: tiles at the border are smaller where the sides are no multiples, so the later tiles do not start at a multiple of
// the tile's size. Nothing says so, but no other reading of a sort is possible.
export const TILES: System = {
  name: "tiles of a picture",
  source: "NATTEN's tiles, arXiv 2504.16922; Sliding Tile Attention, arXiv 2502.04507: the order alone",
  attn: `permutation tiles(const ty: int, const tx: int) {
  of       token
  order by k.y // ty, k.x // tx, k.y % ty, k.x % tx
}

attention tiled(const ty: int = 4, const tx: int = 4, radius: int in 0.. = 2) {
  grid    (y, x)
  mask    abs(q.y - k.y) <= radius and abs(q.x - k.x) <= radius
  permute tiles(ty, tx)
}
`,
  calls: GRIDS,
  run: (inputs) => {
    const { y, x } = inputs.sizes.axes as { y: number; x: number };
    return reordered(inputs, around(x, inputs.scalar.radius ?? 2), tileOrder([y, x], [4, 4]));
  },
};

// Open questions of the language here:
// - Whether a permutation may call a `fn`. Read: yes, as any expression may.
// - Whether `k.y` may be an argument of one. Read: yes, it is an int.
export const MORTON: System = {
  name: "Morton's order of a picture",
  source: "G. M. Morton, 1966, the order alone",
  attn: `fn spread(n: int) = (n & 1) | (n & 2) << 1 | (n & 4) << 2 | (n & 8) << 3 | (n & 16) << 4 | (n & 32) << 5
fn morton(y: int, x: int) = spread(x) | spread(y) << 1

permutation z_curve { of token  order by morton(k.y, k.x) }

attention along_the_curve(radius: int in 0.. = 2) {
  grid    (y, x)
  mask    abs(q.y - k.y) <= radius and abs(q.x - k.x) <= radius
  permute z_curve
}
`,
  calls: GRIDS,
  run: (inputs) => {
    const { y, x } = inputs.sizes.axes as { y: number; x: number };
    const order = sortedBy(y * x, (token) => {
      const [row, column] = coordinates(token, [y, x]);
      return [morton(row!, column!)];
    });
    return reordered(inputs, around(x, inputs.scalar.radius ?? 2), order);
  },
};
