// Blocks that are scored by their pairs, row by row: by the mean of what its queries find best, or by sums and by some of the
// rows and keys alone.

import { attendToBlocks, onDiagonal, type Pair } from "./blocks.ts";
import { overRow, top } from "./choose.ts";
import { causal, dot, everything, type System, sum } from "./dense.ts";
import { CALLS } from "./pooled-blocks.ts";

const BLOCK = 16;

/** Scaled products of the pairs of a block, row by row. */
const productsOf = ({ head, rows, keys }: Pair): readonly (readonly number[])[] =>
  rows.map((r) => keys.map((k) => head.scale * dot(head.Q[r]!, head.K[k]!)));

const mean = (values: readonly number[]) => (values.length === 0 ? 0 : sum(values) / values.length);

export const BEST_KEYS: System = {
  name: "the mean of the best key of each query",
  source: "late interaction as ColBERT sums it, arXiv 2004.12832, between blocks",
  attn: `import { causal } from "std"

sparsity by_best(const block: int, n: int in 0..) {
  blocks block x block
  score  mean[query] max[key] s
  keep   top n
  always diagonal
}

attention best_keys(const block: int = ${BLOCK}, n: int in 0.. = 2) {
  mask     causal
  sparsity by_best(block, n)
}
`,
  calls: CALLS,
  run: (inputs) => {
    const score = (pair: Pair) => {
      const { head, rows, keys } = pair;
      // A row of the block on the diagonal sees some of its keys.
      const best = productsOf(pair).map((row, r) =>
        Math.max(...row.filter((_, at) => causal(head, rows[r]!, keys[at]!))),
      );
      return mean(best);
    };
    const keep = overRow(top(inputs.scalar.n ?? 2));
    return attendToBlocks(inputs, { size: [BLOCK, BLOCK], mask: causal, score, keep, always: onDiagonal });
  },
};

export const BEHIND_THE_BEST: System = {
  name: "how far the best key of a block stays behind the best of some keys of all",
  source: "Video-BLADE, adaptive block-sparse attention, arXiv 2508.10774, by the mean of the rows",
  attn: `sparsity by_distance(const block: int, n: int in 0..) {
  blocks block x block
  score  mean[query] (max[key] s - max[row: where k % 3 == 0] s)
  keep   top n
}

attention behind_the_best(const block: int = ${BLOCK}, n: int in 0.. = 2) {
  sparsity by_distance(block, n)
}
`,
  calls: CALLS,
  run: (inputs) => {
    const score = (pair: Pair) => {
      const { head, rows } = pair;
      const highest = rows.map((r) =>
        Math.max(...head.K.flatMap((key, k) => (k % 3 === 0 ? [head.scale * dot(head.Q[r]!, key)] : []))),
      );
      return mean(productsOf(pair).map((row, at) => Math.max(...row) - highest[at]!));
    };
    const keep = overRow(top(inputs.scalar.n ?? 2));
    return attendToBlocks(inputs, { size: [BLOCK, BLOCK], mask: everything, score, keep });
  },
};

export const SOME_PAIRS: System = {
  name: "sums of products of every third query and the mean key, or of every second key",
  source: "made up: rows and keys that take part by their positions",
  attn: `sparsity by_some(const rows: int, const page: int, n: int in 0..) {
  blocks rows x page
  score  max[query: where q % 3 != 1] sum[key: where k % 2 == 0] (0.25 * s * s) + min[query] mean[key] (scale * dot(Q, K))
  keep   top n
}

attention some_pairs(const rows: int = 8, const page: int = ${BLOCK}, n: int in 0.. = 2) {
  sparsity by_some(rows, page, n)
}
`,
  calls: CALLS,
  run: (inputs) => {
    const score = (pair: Pair) => {
      const { head, rows, keys } = pair;
      const all = productsOf(pair);
      const some = all.filter((_, r) => (head.row0 + rows[r]!) % 3 !== 1);
      const squares = some.map((row) => sum(row.map((s, at) => (keys[at]! % 2 === 0 ? 0.25 * s * s : 0))));
      return Math.max(...squares) + Math.min(...all.map(mean));
    };
    const keep = overRow(top(inputs.scalar.n ?? 2));
    return attendToBlocks(inputs, { size: [8, BLOCK], mask: everything, score, keep });
  },
};

export const PARTS_OF_BLOCKS: System = {
  name: "the first keys and the last rows of blocks, and rows that a condition picks",
  source: "made up: every part of a block that a fold of pairs may be of",
  attn: `sparsity by_parts(const rows: int, const page: int, part: int in 0.., n: int in 0..) {
  blocks rows x page
  score  mean[query: last part] (mean[key: first 5] s - max[row: last 9] s) + 0.5 * mean[query: where q % 3 == 0] sum[key: last part] s + 0.1 * max[query] max[key] s
  keep   top n
}

attention parts_of_blocks(const rows: int = ${BLOCK}, const page: int = 8, part: int in 0.. = 3, n: int in 0.. = 2) {
  sparsity by_parts(rows, page, part, n)
}
`,
  calls: [...CALLS, ...CALLS.map((call) => ({ ...call, scalar: { ...call.scalar, part: 0 } }))],
  run: (inputs) => {
    const part = inputs.scalar.part ?? 3;
    const lastOf = <T>(all: readonly T[]) => all.slice(Math.max(0, all.length - part));
    const score = (pair: Pair) => {
      const { head, rows } = pair;
      const all = productsOf(pair);
      const highest = rows.map((r) => Math.max(...head.K.slice(-9).map((key) => head.scale * dot(head.Q[r]!, key))));
      const behind = all.map((row, r) => mean(row.slice(0, 5)) - highest[r]!);
      const thirds = all.filter((_, r) => (head.row0 + rows[r]!) % 3 === 0);
      return mean(lastOf(behind)) + 0.5 * mean(thirds.map((row) => sum(lastOf(row)))) + 0.1 * Math.max(...all.flat());
    };
    const keep = overRow(top(inputs.scalar.n ?? 2));
    return attendToBlocks(inputs, { size: [BLOCK, 8], mask: everything, score, keep });
  },
};

export const KEYS_FIRST: System = {
  name: "folds along the keys of folds along the rows",
  source: "made up: the order of the two folds makes no difference where both do the same",
  attn: `sparsity keys_first(const block: int, n: int in 0..) {
  blocks block x block
  score  max[key] max[query: last 8] s - 0.5 * mean[key: first 6] mean[query] s + 0.1 * sum[key: where k % 2 == 1] sum[query: where q % 3 != 1] s
  keep   top n
}

attention by_keys_first(const block: int = ${BLOCK}, n: int in 0.. = 2) {
  sparsity keys_first(block, n)
}
`,
  calls: CALLS,
  run: (inputs) => {
    const score = (pair: Pair) => {
      const { head, rows, keys } = pair;
      const all = productsOf(pair);
      const best = Math.max(...all.slice(-8).flat());
      const means = mean(keys.slice(0, 6).map((_, k) => mean(all.map((row) => row[k]!))));
      const some = all.filter((_, r) => (head.row0 + rows[r]!) % 3 !== 1);
      const odd = sum(some.map((row) => sum(row.filter((_, k) => keys[k]! % 2 === 1))));
      return best - 0.5 * means + 0.1 * odd;
    };
    const keep = overRow(top(inputs.scalar.n ?? 2));
    return attendToBlocks(inputs, { size: [BLOCK, BLOCK], mask: everything, score, keep });
  },
};
