// PBS-Attn: keys are sorted by importance inside segments, and blocks of the sorted order are chosen by mass. Written out
// from the paper's steps with loops of its own; nothing of the other block-sparse systems is used, so that the two can be
// compared.

import {
  attend,
  dot,
  type Head,
  headsOf,
  type Inputs,
  range,
  type System,
  scaled,
  softmax,
  square,
  sum,
} from "./dense.ts";

const BLOCK = 8;
const SEGMENT = 16;

const segmentsOf = (length: number): number => Math.floor(length / SEGMENT);

/** How much the last block of queries reads every key of a complete segment. Neither causal nor aware of other keys. */
function importanceOf({ Q, K, scale }: Head): number[] {
  const sorted = K.slice(0, segmentsOf(K.length) * SEGMENT);
  const last = Q.slice(-BLOCK).map((x) => softmax(sorted.map((y) => scale * dot(x, y))));
  return sorted.map((_, k) => sum(last.map((p) => p[k]!)) / last.length);
}

/** Step 1: the original position of every slot; the keys after the last complete segment stay. */
function orderOf(head: Head): number[] {
  const importance = importanceOf(head);
  const segments = range(segmentsOf(head.K.length)).map((segment) =>
    range(SEGMENT)
      .map((k) => segment * SEGMENT + k)
      .sort((a, b) => importance[b]! - importance[a]! || a - b),
  );
  return [...segments.flat(), ...range(head.K.length).slice(importance.length)];
}

/** The least gap between the importances of two keys of a segment, as a share of the larger one: what decides the order. */
function orderMargin(head: Head): number {
  const importance = importanceOf(head);
  const sorted = range(segmentsOf(head.K.length)).map((segment) =>
    importance.slice(segment * SEGMENT, (segment + 1) * SEGMENT).sort((a, b) => a - b),
  );
  return Math.min(...sorted.flatMap((xs) => xs.slice(1).map((x, at) => (x - xs[at]!) / x)));
}

/** The mean of a block padded with zeros: the divisor is the size of a block. */
const padded = (xs: readonly (readonly number[])[]): number[] =>
  scaled(
    xs[0]!.map((_, d) => sum(xs.map((x) => x[d]!))),
    1 / BLOCK,
  );

/** Steps 2 and 3 for query block i: the chosen blocks of slots, and how narrowly. */
function choose(head: Head, order: readonly number[], i: number, coverage: number) {
  const segmentOf = (block: number) => Math.floor((block * BLOCK) / SEGMENT);
  const keysOf = (j: number) => order.slice(j * BLOCK, (j + 1) * BLOCK).map((k) => head.K[k]!);
  const query = padded(head.Q.slice(i * BLOCK, (i + 1) * BLOCK));
  const earlier = range(i).filter((j) => segmentOf(j) !== segmentOf(i));
  const mass = softmax(earlier.map((j) => head.scale * dot(query, padded(keysOf(j)))));
  // Candidates are the first blocks, so a candidate's number is its place in `earlier`.
  const ranking = [...earlier].sort((a, b) => mass[b]! - mass[a]! || a - b);
  const sums = ranking.map((_, rank) => sum(ranking.slice(0, rank + 1).map((j) => mass[j]!)));
  const taken = ranking.slice(0, sums.findIndex((reached) => reached >= coverage) + 1);
  const next = taken.length === 0 ? undefined : ranking[taken.length];
  const first = Math.floor(order.indexOf(0) / BLOCK);
  return {
    chosen: range(Math.ceil(order.length / BLOCK)).map(
      (j) => taken.includes(j) || j === first || segmentOf(j) === segmentOf(i),
    ),
    margin: Math.min(
      next === undefined ? Infinity : mass[taken.at(-1)!]! - mass[next]!,
      ...sums.slice(0, -1).map((reached) => Math.abs(reached - coverage)),
    ),
  };
}

function run(inputs: Inputs) {
  const heads = headsOf(inputs);
  const coverage = Math.fround(inputs.scalar.coverage ?? 0.9);
  const order = heads.map(orderOf);
  const rowBlocks = range(Math.ceil(inputs.sizes.queries / BLOCK));
  const choices = heads.map((head) => rowBlocks.map((i) => choose(head, order[head.index]!, i, coverage)));
  // A block of the own segment may hold later tokens only. The paper visits it for nothing; we say that it is empty.
  const sees = (i: number, keys: readonly number[]) => keys.some((k) => k < (i + 1) * BLOCK && k < inputs.sizes.keys);
  const selected = choices.map((rows, at) =>
    rows.map(({ chosen }, i) => chosen.map((yes, j) => yes && sees(i, order[at]!.slice(j * BLOCK, (j + 1) * BLOCK)))),
  );
  const slotOf = order.map((slots) => range(slots.length).map((k) => slots.indexOf(k)));
  const blockOf = (slot: number) => Math.floor(slot / BLOCK);
  return {
    out: attend(heads, ({ index }, r, k) => k <= r && selected[index]![blockOf(r)]![blockOf(slotOf[index]![k]!)]!),
    ...{ selected, order },
    margin: Math.min(...heads.map(orderMargin), ...choices.flat().map(({ margin }) => margin)),
  };
}

// What differs from the published code: it leaves the order as it is where the whole call is one segment (L = S), which
// the program would sort, to the same output; no call here has that length. Its ties are undefined, ours keep the order.
// Its softmax of the pooled scores is f32.
// Open questions of the language here:
// - The `always` clause joins an expression and a region: read as a list with commas, any of which forces a block.
// - What `softmax[key: first N]` leaves at the keys outside of its range. It does not matter here, because these stay.
// - That `last block` in a range takes a parameter named like a word of `blocks`, and an expression without parentheses.
// - `within segment complete`: whether `complete` also bars a segment that is complete but the only one. Read: no.
// - `i * block // segment` is the segment of a block; the program says it, as there is no word for it.
export const PBS: System = {
  name: "PBS-Attn",
  source: "Sparser Block-Sparse Attention via Token Permutation, arXiv 2510.21270",
  attn: `import { causal } from "std"

permutation by_importance(const segment: int, const block: int) {
  of       key
  per      head
  within   segment complete
  order by mean[query: last block] softmax[key: first len(key) // segment * segment] (scale * dot(Q, K)) descending
}

sparsity earlier_segments(const segment: int, const block: int, coverage: float in 0..1) {
  blocks block x block
  score  dot(sum[query] Q / block, sum[key] K / block) * scale
  among  j <= i and i * block // segment != j * block // segment
  keep   mass coverage of softmax else none
  always i * block // segment == j * block // segment, contains 0
}

attention pbs(const segment: int = ${SEGMENT}, const block: int = ${BLOCK}, coverage: float in 0..1 = 0.9) {
  mask     causal
  permute  by_importance(segment, block)
  sparsity earlier_segments(segment, block, coverage)
}
`,
  calls: [
    { sizes: square(100), scalar: { coverage: 0.7 } },
    { sizes: square(88, { heads: 6, kvHeads: 2 }), scalar: { coverage: 0.5 } },
    { sizes: square(53, { heads: 3, batch: 2 }) },
    // Two complete segments and two tokens; shorter than a segment; shorter than a block.
    { sizes: square(34), scalar: { coverage: 0.3 } },
    { sizes: square(13) },
    { sizes: square(5, { heads: 3 }) },
  ],
  run,
};
