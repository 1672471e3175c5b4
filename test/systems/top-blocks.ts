// Block top-k: every block of queries reads the n key blocks whose mean key suits its mean query best, the first block and
// its own. The scheme of MInference's block-sparse heads and of MoBA, with the sinks and the diagonal kept.

import { attendToBlocks, meanScore, onDiagonal, type Plan } from "./blocks.ts";
import { overRow, top, topWithForced } from "./choose.ts";
import { type Call, causal, type System, square } from "./dense.ts";

const BLOCK = 16;
const SOURCE = "MInference 1.0, block-sparse heads, arXiv 2407.02490; MoBA, arXiv 2502.13189";

const PLAN = { size: [BLOCK, BLOCK], mask: causal, score: meanScore } as const satisfies Partial<Plan>;
const ownOrFirst: Plan["always"] = ({ i, j }) => i === j || j === 0;

const CALLS: readonly Call[] = [
  { sizes: square(100), scalar: { n: 2 } },
  { sizes: square(96, { heads: 6, kvHeads: 2, batch: 2 }), scalar: { n: 3 } },
  // Shorter than a block, no block but the forced ones, and more blocks than there are.
  { sizes: square(11, { heads: 3 }), scalar: { n: 2 } },
  { sizes: square(70), scalar: { n: 0 } },
  { sizes: square(50), scalar: { n: 9 } },
];

// Open questions of the language here:
// - The blocks of `always` may be among the n best as well; they then use up places of n and `always` adds nothing. Read
//   so, because `always` blocks "are added afterwards and cost nothing".
// - `i == j` compares numbers of blocks, not positions: with fewer queries than keys it is not the diagonal. The last call
//   asks for exactly that reading.
export const BLOCK_TOP_K: System = {
  name: "block top-k",
  source: SOURCE,
  attn: `import { causal } from "std"

sparsity top_blocks(const block: int, n: int in 0..) {
  blocks block x block
  score  dot(mean[query] Q, mean[key] K) * scale
  keep   top n
  always i == j or j == 0
}

attention block_top_k(const block: int = ${BLOCK}, n: int in 0.. = 2) {
  mask     causal
  sparsity top_blocks(block, n)
}
`,
  calls: [...CALLS, { sizes: square(90, { queries: 40, heads: 3 }), scalar: { n: 1 } }],
  run: (inputs) => attendToBlocks(inputs, { ...PLAN, keep: overRow(top(inputs.scalar.n ?? 2)), always: ownOrFirst }),
};

/** The same, with the blocks that it chose as an output. */
export const BLOCK_TOP_K_TOLD: System = {
  name: "block top-k that tells what it chose",
  source: SOURCE,
  attn: BLOCK_TOP_K.attn.replace(/\}\n$/, "  output chosen = selection\n}\n"),
  calls: BLOCK_TOP_K.calls,
  run(inputs) {
    const result = BLOCK_TOP_K.run(inputs);
    return { ...result, outputs: { chosen: Float64Array.from(result.selected!.flat(2), Number) } };
  },
};

// Open: whether the mean of the scores or the score of the mean query is meant by "mean over its heads" does not matter
// where the score is linear in Q, as here.
export const BLOCK_TOP_K_GROUP: System = {
  name: "block top-k, one choice for the heads of a group",
  source: SOURCE,
  attn: `import { causal } from "std"

sparsity top_blocks(const block: int, n: int in 0..) {
  blocks block x block
  score  dot(mean[query] Q, mean[key] K) * scale
  share  group
  keep   top n
  always i == j or j == 0
}

attention block_top_k_group(const block: int = ${BLOCK}, n: int in 0.. = 2) {
  mask     causal
  sparsity top_blocks(block, n)
}
`,
  calls: CALLS,
  run: (inputs) =>
    attendToBlocks(inputs, {
      ...PLAN,
      keep: overRow(top(inputs.scalar.n ?? 2)),
      always: ownOrFirst,
      share: "group",
    }),
};

// Open questions of the language here:
// - How regions are joined: read as a list with commas, any of which forces a block.
// - `diagonal` under alignment: with 90 keys and 40 rows the first row block stands at positions 50 to 65 and so has two
//   diagonal blocks. Both are forced, "key blocks that hold a position of the query block".
// - `always within` where more blocks are forced than n: all of them stay, and nothing is added.
export const BLOCK_TOP_K_WITHIN: System = {
  name: "block top-k, the forced blocks counted",
  source: SOURCE,
  attn: `import { causal } from "std"

sparsity top_blocks(const block: int, n: int in 0..) {
  blocks block x block
  score  dot(mean[query] Q, mean[key] K) * scale
  keep   top n
  always within first 1, diagonal
}

attention block_top_k_within(const block: int = ${BLOCK}, n: int in 0.. = 3) {
  mask     causal
  sparsity top_blocks(block, n)
}
`,
  calls: [
    ...CALLS,
    { sizes: square(90, { queries: 40, heads: 3 }), scalar: { n: 4 } },
    { sizes: square(90, { queries: 1, heads: 6, kvHeads: 2 }), scalar: { n: 3 } },
  ],
  run: (inputs) =>
    attendToBlocks(inputs, {
      ...PLAN,
      keep: overRow(topWithForced(inputs.scalar.n ?? 3)),
      always: (pair) => pair.j === 0 || onDiagonal(pair),
    }),
};
