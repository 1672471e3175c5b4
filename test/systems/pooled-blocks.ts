// Blocks that are scored by other rows than their mean: by the largest and the least of every element, by the last rows of
// queries, by several such products at once.

import { attendToBlocks, onDiagonal, type Pair } from "./blocks.ts";
import { overRow, top } from "./choose.ts";
import {
  type Call,
  causal,
  dot,
  everything,
  meanOfRows,
  range,
  type System,
  scaled,
  square,
  sumOfRows,
} from "./dense.ts";

const BLOCK = 16;

type Rows = readonly (readonly number[])[];

const folded = (rows: Rows, fold: (...elements: number[]) => number): number[] =>
  range(rows[0]!.length).map((d) => fold(...rows.map((row) => row[d]!)));
const largest = (rows: Rows) => folded(rows, Math.max);
const least = (rows: Rows) => folded(rows, Math.min);

const queriesOf = ({ head, rows }: Pair): Rows => rows.map((r) => head.Q[r]!);
const keysOf = ({ head, keys }: Pair): Rows => keys.map((k) => head.K[k]!);

export const CALLS: readonly Call[] = [
  { sizes: square(100), scalar: { n: 2 } },
  { sizes: square(96, { heads: 6, kvHeads: 2, batch: 2 }), scalar: { n: 3 } },
  // The last block of keys holds one, and there are fewer tokens than a block.
  { sizes: square(81, { queries: 37, heads: 3 }), scalar: { n: 1 } },
  { sizes: square(7, { heads: 3 }), scalar: { n: 1 } },
];

// The published gate maps the pooled rows by learned matrices, which stand before the attention here: a weight for each pool is
// what is left of them.
export const GATE: System = {
  name: "SeerAttention, pools of its gate",
  source: "SeerAttention, arXiv 2410.13276",
  attn: `import { causal } from "std"

sparsity by_pools(const block: int, n: int in 0.., largest: float, least: float) {
  blocks block x block
  score  scale * (dot(mean[query] Q, mean[key] K) + largest * dot(mean[query] Q, max[key] K) + least * dot(mean[query] Q, min[key] K))
  keep   top n
  always diagonal
}

attention gate(const block: int = ${BLOCK}, n: int in 0.. = 2, largest: float = 0.5, least: float = 0.25) {
  mask     causal
  sparsity by_pools(block, n, largest, least)
}
`,
  calls: [...CALLS, { sizes: square(64), scalar: { n: 1, largest: -1.5, least: 2 } }],
  run: (inputs) => {
    const weight = {
      largest: Math.fround(inputs.scalar.largest ?? 0.5),
      least: Math.fround(inputs.scalar.least ?? 0.25),
    };
    const score = (pair: Pair) => {
      const [query, keys] = [meanOfRows(queriesOf(pair)), keysOf(pair)];
      const products = dot(query, meanOfRows(keys)) + weight.largest * dot(query, largest(keys));
      return pair.head.scale * (products + weight.least * dot(query, least(keys)));
    };
    const keep = overRow(top(inputs.scalar.n ?? 2));
    return attendToBlocks(inputs, { size: [BLOCK, BLOCK], mask: causal, score, keep, always: onDiagonal });
  },
};

// A bound of what any query of the block can find in the block of keys would be taken element by element; the larger of two
// products is the part of it that rows made of rows can say.
export const LARGEST: System = {
  name: "largest and least elements, chosen by a group",
  source: "Quest, arXiv 2406.10774, its elementwise bounds of a page of keys",
  attn: `sparsity by_bounds(const rows: int, const page: int, n: int in 0..) {
  blocks rows x page
  score  max(dot(max[query] Q, max[key] K), dot(max[query] Q, min[key] K))
  share  mean group
  keep   top n
}

attention bounds(const rows: int = 8, const page: int = ${BLOCK}, n: int in 0.. = 2) {
  sparsity by_bounds(rows, page, n)
}
`,
  calls: CALLS,
  run: (inputs) => {
    const score = (pair: Pair) => {
      const [query, keys] = [largest(queriesOf(pair)), keysOf(pair)];
      return Math.max(dot(query, largest(keys)), dot(query, least(keys)));
    };
    const keep = overRow(top(inputs.scalar.n ?? 2));
    return attendToBlocks(inputs, { size: [8, BLOCK], mask: everything, score, keep, share: "group" });
  },
};

// MInference estimates by the last queries of the prompt; here by the last of each block, which see all that the block sees.
export const LAST_ROWS: System = {
  name: "the last queries of a block, and sums of the first keys over the root of their count",
  source: "MInference 1.0, arXiv 2407.02490, its last queries; DHSA, arXiv 2510.24606, its norm",
  attn: `import { causal } from "std"

sparsity by_last(const block: int, const rows: int, n: int in 0..) {
  blocks block x block
  score  dot(mean[query: last rows] Q, (sum[key: first 7] K) / sqrt(count[key: first 7] true)) * scale
  keep   top n
}

attention last_rows(const block: int = ${BLOCK}, const rows: int = 5, n: int in 0.. = 2) {
  mask     causal
  sparsity by_last(block, rows, n)
}
`,
  calls: CALLS,
  run: (inputs) => {
    const score = (pair: Pair) => {
      const keys = keysOf(pair).slice(0, 7);
      const query = meanOfRows(queriesOf(pair).slice(-5));
      return pair.head.scale * dot(query, scaled(sumOfRows(keys), 1 / Math.sqrt(keys.length)));
    };
    return attendToBlocks(inputs, {
      ...{ size: [BLOCK, BLOCK], mask: causal, score, keep: overRow(top(inputs.scalar.n ?? 2)) },
    });
  },
};

// As MRA and its kin pool every so many tokens; which ones is a condition here.
export const SOME_ROWS: System = {
  name: "means and sums of rows that conditions pick",
  source: "made up: rows and keys of pools that take part by their positions",
  attn: `import { causal } from "std"

sparsity by_some_rows(const block: int, every: int in 1.., n: int in 0..) {
  blocks block x block
  score  dot(mean[query: where q % every == 1] Q, mean[key: where k % 3 != 0] K) * scale + 0.2 * dot(sum[query: where q % 5 < 2] Q, mean[key] K)
  keep   top n
  always diagonal
}

attention some_rows(const block: int = ${BLOCK}, every: int in 1.. = 4, n: int in 0.. = 2) {
  mask     causal
  sparsity by_some_rows(block, every, n)
}
`,
  // Of every so many rows, more than a block has, most blocks have none: their mean is 0.
  calls: [...CALLS, { sizes: square(100), scalar: { n: 2, every: 30 } }],
  run: (inputs) => {
    const every = inputs.scalar.every ?? 4;
    const none = () => range(inputs.sizes.dim).map(() => 0);
    const score = (pair: Pair) => {
      const { head, rows, keys } = pair;
      const position = (r: number) => head.row0 + r;
      const some = rows.filter((r) => position(r) % every === 1).map((r) => head.Q[r]!);
      const third = keys.filter((k) => k % 3 !== 0).map((k) => head.K[k]!);
      const fifth = rows.filter((r) => position(r) % 5 < 2).map((r) => head.Q[r]!);
      const sparse = some.length > 0 && third.length > 0 ? dot(meanOfRows(some), meanOfRows(third)) : 0;
      const summed = fifth.length > 0 ? sumOfRows(fifth) : none();
      return head.scale * sparse + 0.2 * dot(summed, meanOfRows(keysOf(pair)));
    };
    const keep = overRow(top(inputs.scalar.n ?? 2));
    return attendToBlocks(inputs, { size: [BLOCK, BLOCK], mask: causal, score, keep, always: onDiagonal });
  },
};
