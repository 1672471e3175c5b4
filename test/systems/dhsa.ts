// DHSA's chunk scores on chunks of a fixed length: sums divided by the root of the length, so that long and short chunks
// compare, no 1/sqrt(dim), and one choice for all heads.

import { attendToBlocks, type Pair } from "./blocks.ts";
import { overRow, top } from "./choose.ts";
import { type Call, causal, dot, meanOfRows, type System, scaled, square, sumOfRows } from "./dense.ts";

const ROWS = 16;
const CHUNK = 8;
const SOURCE = "DHSA, arXiv 2510.24606";

const CALLS: readonly Call[] = [
  { sizes: square(100), scalar: { n: 3 } },
  { sizes: square(96, { heads: 6, kvHeads: 2, batch: 2 }), scalar: { n: 2 } },
  // The last chunk holds one key, the last block of queries one row.
  { sizes: square(97, { heads: 3 }), scalar: { n: 4 } },
  { sizes: square(60, { queries: 20 }), scalar: { n: 2 } },
  { sizes: square(6, { heads: 3 }), scalar: { n: 1 } },
];

const root = (xs: readonly (readonly number[])[]): number[] => scaled(sumOfRows(xs), 1 / Math.sqrt(xs.length));
const pick = <T>(list: readonly T[], at: readonly number[]): T[] => at.map((i) => list[i]!);

/** The product of the vectors that stand for a block and a chunk, each first averaged over the heads. */
const ofMeans = ({ peers, rows, keys }: Pair): number =>
  dot(meanOfRows(peers.map(({ Q }) => root(pick(Q, rows)))), meanOfRows(peers.map(({ K }) => root(pick(K, keys)))));

const program = (name: string, score: string) => `import { causal } from "std"

sparsity chunks(const size: int, const chunk: int, n: int in 0..) {
  blocks size x chunk
  score  ${score}
  keep   top n
}

attention ${name}(const size: int = ${ROWS}, const chunk: int = ${CHUNK}, n: int in 0.. = 3) {
  mask     causal
  sparsity chunks(size, chunk, n)
}
`;

// The published code works on a budget of tokens, forces the last ones, and cuts inside a chunk where the budget ends; here
// the budget is a number of chunks. Its chunks come from a predictor, ours have one length. It divides the mean of a ragged
// block of queries by the full size, which scales a row of scores and changes no choice of the n best.
// Open questions of the language here:
// - Whether a block score may reduce over `head` and `kv` itself, so that the vectors are averaged before the product.
//   Read: yes, `mean[head]` of Q and `mean[kv]` of K; the choice is then the same for all heads without `share`.
// - Under causality a chunk stays a candidate if any of its tokens is visible to the last row of the block. Read off the
//   rule that only blocks which the mask empties drop out; the paper has the same.
export const DHSA: System = {
  name: "DHSA, chunk vectors averaged over the heads",
  source: SOURCE,
  attn: program(
    "dhsa",
    "dot(mean[head] (sum[query] Q / sqrt(count[query] true)), mean[kv] (sum[key] K / sqrt(count[key] true)))",
  ),
  calls: CALLS,
  run: (inputs) =>
    attendToBlocks(inputs, {
      ...{ size: [ROWS, CHUNK], mask: causal, score: ofMeans },
      keep: overRow(top(inputs.scalar.n ?? 3)),
    }),
};

// The mean of the heads' products in place of the product of their means: not the paper's, but what `share heads` says.
// Open: `count[query] true` in a block counts the rows of the block, not those that see something. Read so.
export const DHSA_SHARED: System = {
  name: "DHSA, scores averaged over the heads",
  source: `${SOURCE}, its score with the mean taken after the product`,
  attn: program(
    "dhsa_shared",
    "dot(sum[query] Q / sqrt(count[query] true), sum[key] K / sqrt(count[key] true))\n  share  heads",
  ),
  calls: CALLS,
  run: (inputs) =>
    attendToBlocks(inputs, {
      ...{ size: [ROWS, CHUNK], mask: causal, share: "heads" },
      score: ({ head, rows, keys }) => dot(root(pick(head.Q, rows)), root(pick(head.K, keys))),
      keep: overRow(top(inputs.scalar.n ?? 3)),
    }),
};
