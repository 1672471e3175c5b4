// Video-BLADE's adaptive block sparsity, as far as it is deterministic: tokens of a video in an order that keeps
// neighbors together, blocks chosen by energy, the block that crosses left out, the count clamped.

import { attendToBlocks, meanScore, type Pair } from "./blocks.ts";
import { massOf, overRow } from "./choose.ts";
import { dot, everything, type Inputs, type System, sortedBy, square } from "./dense.ts";
import { serpentine, tileOrder } from "./grids.ts";

const BLOCK = 16;
const SOURCE = "Video-BLADE, adaptive block-sparse attention, arXiv 2508.10774";
const f32 = Math.fround;

// The published code samples 32 tokens of a block at random and repeats the last token to fill a block, where the program
// takes the mean of the tokens that there are; its curve is a generalised Hilbert curve. Its bounds are shares of the
// number of blocks.
// Open questions of the language here:
// - Whether `at least` and `at most` take an expression. Read: any int expression of the parameters and lengths.
// - `per` of a permutation that reads positions only does not matter.
// - A tile of a ragged grid is smaller, so blocks and tiles part there. Read: blocks are cut from the order, whatever it is.
export const BLADE_MEAN: System = {
  name: "Video-BLADE, mean scores over tiles",
  source: SOURCE,
  attn: `permutation tiles(const tt: int, const ty: int, const tx: int) {
  of       token
  order by k.t // tt, k.y // ty, k.x // tx, k.t % tt, k.y % ty, k.x % tx
}

sparsity by_energy(const block: int, energy: float in 0..1, least: float in 0..1, most: float in 0..1) {
  blocks block x block
  score  dot(mean[query] Q, mean[key] K) * scale
  keep   mass energy of softmax before crossing
         at least max(1, floor((len(key) + block - 1) // block * least))
         at most  max(1, floor((len(key) + block - 1) // block * most))
}

attention video_blade(
  const block: int = ${BLOCK}, energy: float in 0..1 = 0.95, least: float in 0..1 = 0.3, most: float in 0..1 = 0.7
) {
  grid     (t, y, x)
  permute  tiles(2, 4, 2)
  sparsity by_energy(block, energy, least, most)
}
`,
  calls: [
    { sizes: square(96, { axes: { t: 4, y: 4, x: 6 }, heads: 3 }) },
    { sizes: square(105, { axes: { t: 3, y: 5, x: 7 } }), scalar: { energy: 0.6 } },
    { sizes: square(128, { axes: { t: 2, y: 8, x: 8 } }), scalar: { energy: 0.5, least: 0.05, most: 0.4 } },
    // Fewer tokens than a block, and an upper bound below the lower one.
    { sizes: square(12, { axes: { t: 1, y: 3, x: 4 } }) },
    { sizes: square(96, { axes: { t: 4, y: 4, x: 6 } }), scalar: { least: 0.7, most: 0.2 } },
  ],
  run: (inputs) => {
    const { t, y, x } = inputs.sizes.axes as { t: number; y: number; x: number };
    const order = tileOrder([t, y, x], [2, 4, 2]);
    const blocks = Math.ceil(inputs.sizes.keys / BLOCK);
    const bound = (share: number) => Math.max(1, Math.floor(f32(blocks * f32(share))));
    const { energy = 0.95, least = 0.3, most = 0.7 } = inputs.scalar;
    return attendToBlocks(inputs, {
      ...{ size: [BLOCK, BLOCK], mask: everything, order: () => order, rowOrder: () => order, score: meanScore },
      keep: overRow(massOf(f32(energy), { beforeCrossing: true, atLeast: bound(least), atMost: bound(most) })),
    });
  },
};

/** The largest scaled product of a pair of the block. */
const largestScore = ({ head, rows, keys }: Pair): number =>
  Math.max(...rows.flatMap((r) => keys.map((k) => head.scale * dot(head.Q[r]!, head.K[k]!))));

// The published score of a block is the maximum over its rows of the maximum over its columns of exp(s - maximum of the
// row); rows of blocks are then normalised to sum 1. A block that holds the best key of one row ties with all others that do, so
// this program, whose choices must hang on no rounding, leaves the maximum of the row out; the example of the paper has it.
// Open questions of the language here:
// - `place: i32[token]` read as `place[k]` where `of token` orders the rows too: read at the position of the token.
export const BLADE_MAX: System = {
  name: "Video-BLADE, largest scores along a curve",
  source: SOURCE,
  attn: `permutation along(place: i32[token]) {
  of       token
  order by place[k]
}

sparsity by_energy(const block: int, energy: float in 0..1, least: int in 0.., most: int in 0..) {
  blocks block x block
  score  max[query] max[key] s
  keep   mass energy of softmax before crossing at least least at most most
}

attention video_blade_max(
  place: i32[token], const block: int = ${BLOCK}, energy: float in 0..1 = 0.9, least: int in 0.. = 1, most: int in 0.. = 4
) {
  permute  along(place)
  sparsity by_energy(block, energy, least, most)
}
`,
  calls: [
    { sizes: square(105, { heads: 3 }), tensor: { place: { shape: [105], data: serpentine([3, 5, 7]) } } },
    {
      ...{ sizes: square(96, { heads: 6, kvHeads: 2 }), scalar: { energy: 0.7, least: 2, most: 5 } },
      tensor: { place: { shape: [96], data: serpentine([4, 4, 6]) } },
    },
    { sizes: square(10), tensor: { place: { shape: [10], data: serpentine([2, 5]) } } },
  ],
  run: (inputs: Inputs) => {
    const order = sortedBy(inputs.sizes.keys, (k) => [inputs.tensor.place!.data[k]!]);
    const { energy = 0.9, least = 1, most = 4 } = inputs.scalar;
    return attendToBlocks(inputs, {
      ...{ size: [BLOCK, BLOCK], mask: everything, order: () => order, rowOrder: () => order, score: largestScore },
      keep: overRow(massOf(f32(energy), { beforeCrossing: true, atLeast: least, atMost: most })),
    });
  },
};
