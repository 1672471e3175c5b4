// DHSA's chunk scores: sums divided by the root of the length, so that long and short chunks compare, no 1/sqrt(dim), and one
// choice for all heads; on chunks of one length, and on chunks that begin where a tensor says.

import { attendToBlocks, onDiagonal, type Pair } from "./blocks.ts";
import { overRow, top } from "./choose.ts";
import {
  type Call,
  causal,
  dot,
  type Head,
  type Inputs,
  meanOfRows,
  type System,
  scaled,
  square,
  sumOfRows,
} from "./dense.ts";

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
// the budget is a number of chunks. Its chunks come from a predictor, ours are given. It divides the mean of a ragged
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

const BEGINS: readonly (readonly number[])[] = [
  // A chunk of one token, an empty one, and chunks that are longer than a tile.
  [0, 1, 9, 30, 30, 47, 130, 190],
  // The second batch has one chunk; bounds behind the end are those of empty ones.
  [0, 5, 41, 97, 0, 200, 200, 200],
  [0, 16, 17, 20],
  [0],
  [0, 2, 3, 3, 5],
];

const BOUNDED_CALLS: readonly Call[] = [
  { sizes: square(200), scalar: { n: 3 } },
  { sizes: square(97, { heads: 6, kvHeads: 2, batch: 2 }), scalar: { n: 2 } },
  { sizes: square(60, { queries: 17, heads: 4, kvHeads: 2 }), scalar: { n: 2 } },
  { sizes: square(100, { queries: 1 }), scalar: { n: 1 } },
  { sizes: square(6, { heads: 3 }), scalar: { n: 2 } },
].map((call, at) => {
  const data = BEGINS[at]!;
  const { batch } = call.sizes;
  return { ...call, tensor: { bounds: { shape: [batch, data.length / batch], data } } };
});

const begins = ({ tensor, sizes }: Inputs, { b }: Head) => {
  const { shape, data } = tensor.bounds!;
  return data.slice(b * shape[1]!, (b + 1) * shape[1]!).map((begin) => Math.min(begin, sizes.keys));
};

const chunkProgram = (name: string, blocks: string, more: string) => `import { causal } from "std"

sparsity chunks(const size: int, bounds: i32[batch, c] sorted, n: int in 0..) {
  blocks ${blocks}
  score  dot(sum[query] Q / sqrt(count[query] true), sum[key] K / sqrt(count[key] true))
  share  heads
  keep   top n
  ${more}
}

attention ${name}(bounds: i32[batch, c] sorted, const size: int = ${ROWS}, n: int in 0.. = 3) {
  mask     causal
  sparsity chunks(size, bounds, n)
}
`;

const rooted = ({ head, rows, keys }: Pair): number =>
  rows.length === 0 || keys.length === 0 ? 0 : dot(root(pick(head.Q, rows)), root(pick(head.K, keys)));

// An empty chunk has no pair that the mask shows, so it is no candidate.
export const DHSA_CHUNKS: System = {
  name: "DHSA, chunks of any length",
  source: SOURCE,
  attn: chunkProgram("dhsa_chunks", "size x by bounds", ""),
  calls: BOUNDED_CALLS,
  run: (inputs) =>
    attendToBlocks(inputs, {
      ...{ size: [ROWS, (head) => begins(inputs, head)], mask: causal, share: "heads", score: rooted },
      keep: overRow(top(inputs.scalar.n ?? 3)),
    }),
};

// Open: with fewer queries than keys the chunks of rows begin with rows of the call, as blocks of rows do. Read so.
export const DHSA_CHUNKED_ROWS: System = {
  name: "DHSA, chunks of rows and keys, the own ones always",
  source: `${SOURCE}, with the chunks of keys for rows too`,
  attn: chunkProgram("dhsa_rows", "by bounds", "always diagonal"),
  calls: BOUNDED_CALLS,
  run: (inputs) => {
    const own = (head: Head) => begins(inputs, head);
    return attendToBlocks(inputs, {
      ...{ size: [own, own], mask: causal, share: "heads", score: rooted, always: onDiagonal },
      keep: overRow(top(inputs.scalar.n ?? 3)),
    });
  },
};
