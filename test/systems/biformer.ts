// BiFormer's routing: regions of a picture choose the n regions that their mean queries suit, by one decision for all
// heads, and every pixel attends to all pixels of these.

import { attendToBlocks, type Pair } from "./blocks.ts";
import { overRow, top } from "./choose.ts";
import { dot, everything, meanOfRows, type System, square, sum } from "./dense.ts";
import { tileOrder } from "./grids.ts";

const TILE = [4, 3] as const;

/** The product of the regions' means over the channels of all heads at once. */
const routing = ({ peers, rows, keys }: Pair): number =>
  sum(peers.map(({ Q, K }) => dot(meanOfRows(rows.map((r) => Q[r]!)), meanOfRows(keys.map((k) => K[k]!)))));

// The published code pads a picture whose sides are no multiples and lets the padding take part; the calls here need none.
// `share heads` is the mean over the heads of products, the paper's is their sum: the ranking is the same. The paper's
// convolution of the values (LePE) is not attention and left out. The scale is that of its older code: all channels, not
// those of a head.
// Open questions of the language here:
// - Whether a rule takes expressions of constants for its `const` parameters (`routing(ty * tx, n)`). Read: yes.
// - Whether K is repeated for the heads of a group under `share heads`. Read: yes, heads are query heads.
// - Whether a ragged region must be said: blocks are cut from the order, so regions are blocks only where tiles are whole.
export const BIFORMER: System = {
  name: "BiFormer, two-level routing",
  source: "BiFormer: Vision Transformer with Bi-Level Routing Attention, arXiv 2303.08810",
  attn: `permutation tiles(const ty: int, const tx: int) {
  of       token
  order by k.y // ty, k.x // tx, k.y % ty, k.x % tx
}

sparsity routing(const region: int, n: int in 0..) {
  blocks region x region
  score  dot(mean[query] Q, mean[key] K)
  share  heads
  keep   top n
}

attention biformer(const ty: int = ${TILE[0]}, const tx: int = ${TILE[1]}, n: int in 0.. = 2) {
  grid     (y, x)
  scale    1 / sqrt(len(head) * len(dim))
  permute  tiles(ty, tx)
  sparsity routing(ty * tx, n)
}
`,
  calls: [
    { sizes: square(96, { axes: { y: 8, x: 12 }, heads: 4, kvHeads: 4 }) },
    { sizes: square(72, { axes: { y: 12, x: 6 }, heads: 6, kvHeads: 2, batch: 2 }), scalar: { n: 1 } },
    { sizes: square(12, { axes: { y: 4, x: 3 } }), scalar: { n: 3 } },
    { sizes: square(48, { axes: { y: 4, x: 12 } }), scalar: { n: 4 } },
  ],
  run: (inputs) => {
    const { heads, dim, axes } = inputs.sizes;
    const order = tileOrder([axes!.y!, axes!.x!], TILE);
    return attendToBlocks(inputs, {
      ...{ size: [TILE[0] * TILE[1], TILE[0] * TILE[1]], mask: everything, scale: 1 / Math.sqrt(heads * dim) },
      ...{ order: () => order, rowOrder: () => order, score: routing },
      keep: overRow(top(inputs.scalar.n ?? 2)),
    });
  },
};
