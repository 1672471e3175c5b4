// Blocks of tokens that are stored in another order, where each row must see the block that its own token lies in: PBS-Attn and
// Video-BLADE keep the blocks of the diagonal, which no block's number tells once tokens have moved.

import { attendToBlocks, meanScore, onDiagonal, type Plan } from "./blocks.ts";
import { overRow, top, topWithForced } from "./choose.ts";
import { type Call, causal, dot, type Head, type System, sortedBy, square } from "./dense.ts";

const BLOCK = 8;
const SOURCE = "Sparser Block-Sparse Attention via Token Permutation, arXiv 2510.21270, with an order of positions";

/** Residue after residue, from the last to the first. */
const keyOrder = ({ K }: Head) => sortedBy(K.length, (k) => [-(k % 3), k]);
const rowOrder = (head: Head) =>
  keyOrder(head)
    .map((k) => k - head.row0)
    .filter((row) => row >= 0);

const CALLS: readonly Call[] = [
  { sizes: square(70), scalar: { n: 5 } },
  { sizes: square(64, { heads: 6, kvHeads: 2, batch: 2 }), scalar: { n: 4 } },
  // Rows of a block whose tokens lie in blocks far apart; shorter than a block; no block but the forced ones.
  { sizes: square(90, { queries: 20, heads: 3 }), scalar: { n: 6 } },
  { sizes: square(5, { heads: 3 }), scalar: { n: 1 } },
  { sizes: square(50), scalar: { n: 0 } },
];

const PLAN = {
  size: [BLOCK, BLOCK],
  mask: causal,
  score: meanScore,
  always: onDiagonal,
} as const satisfies Partial<Plan>;

const program = (of: "token" | "key") => `import { causal } from "std"

permutation residues { of ${of}  order by k % 3 descending, k }

sparsity best(const block: int, n: int in 0..) {
  blocks block x block
  score  dot(mean[query] Q, mean[key] K) * scale
  keep   top n
  always within diagonal
}

attention ordered_blocks(const block: int = ${BLOCK}, n: int in 0.. = 2) {
  mask     causal
  permute  residues
  sparsity best(block, n)
}
`;

export const ORDERED_TOKENS: System = {
  name: "block top-k of ordered tokens, the diagonal counted",
  source: SOURCE,
  attn: program("token"),
  calls: CALLS,
  run: (inputs) =>
    attendToBlocks(inputs, { ...PLAN, order: keyOrder, rowOrder, keep: overRow(topWithForced(inputs.scalar.n ?? 2)) }),
};

export const ORDERED_KEYS: System = {
  name: "block top-k of ordered keys, the diagonal counted",
  source: SOURCE,
  attn: program("key"),
  calls: CALLS,
  run: (inputs) =>
    attendToBlocks(inputs, { ...PLAN, order: keyOrder, keep: overRow(topWithForced(inputs.scalar.n ?? 2)) }),
};

/** Each head in an order of its own. */
const ownOrder = ({ h, K }: Head) => sortedBy(K.length, (k) => [-((k * (h + 2)) % 7), k]);

export const ORDERED_GROUPS: System = {
  name: "block top-k of keys in an order of their head, one choice for the heads of a group",
  source: SOURCE,
  attn: `import { causal } from "std"

permutation own { of key  per head  order by k * (h + 2) % 7 descending }

sparsity best(const block: int, n: int in 0..) {
  blocks block x block
  score  dot(mean[query] Q, mean[key] K) * scale
  share  group
  keep   top n
}

attention ordered_groups(const block: int = ${BLOCK}, n: int in 0.. = 2) {
  mask     causal
  permute  own
  sparsity best(block, n)
}
`,
  calls: CALLS,
  run: (inputs) =>
    attendToBlocks(inputs, {
      ...{ size: [BLOCK, BLOCK], mask: causal, score: meanScore, order: ownOrder, share: "group" },
      keep: overRow(top(inputs.scalar.n ?? 2)),
    }),
};

/** Rows by the best score that they have for any key, whatever the mask. */
const bestFirst = ({ Q, K, scale }: Head) =>
  sortedBy(Q.length, (r) => [-Math.max(...K.map((y) => scale * dot(Q[r]!, y))), r]);

export const ORDERED_ROWS: System = {
  name: "block top-k of rows in the order of their best scores",
  source: "no paper: rows that find one key worth much lie side by side",
  attn: `import { causal } from "std"

permutation best_first { of query  per head  order by max[key] s descending }

sparsity best(const block: int, n: int in 0..) {
  blocks block x block
  score  dot(mean[query] Q, mean[key] K) * scale
  keep   top n
  always diagonal
}

attention ordered_rows(const block: int = ${BLOCK}, n: int in 0.. = 2) {
  mask     causal
  permute  best_first
  sparsity best(block, n)
}
`,
  calls: CALLS,
  run: (inputs) => attendToBlocks(inputs, { ...PLAN, rowOrder: bestFirst, keep: overRow(top(inputs.scalar.n ?? 2)) }),
};
