// Statistics of the rows of attention maps, and of whole maps: entropies, largest weights, the share that goes far back.

import { causal, dot, type Head, headsOf, type System, square, sum } from "./dense.ts";
import { MAP_CALLS, perHead, type Weights, withOutputs } from "./maps.ts";

const log = (x: number): number => (x > 0 ? Math.log(x) : 0);
const entropy = (row: readonly number[]): number => -sum(row.map((p) => p * log(p)));

// Open questions of the language here:
// - `log(0)` is not defined, and 0 * -inf is NaN; the program asks first. A language that wants `p * log(p)` to be 0 at 0
//   has to say so.
// - By rule 10.6 `sum[key] p * log(p)` is `(sum[key] p) * log(p)`, which leaves `key` over; so the operand needs parentheses.
// - Whether `if` may be the operand of a reduction without parentheses is not asked; they stand.
export const ROWS: System = {
  name: "entropy and largest weight of every row",
  source: "Confidence through attention; Active-dormant attention heads, arXiv 2410.13835: the entropy of a row",
  attn: `import { causal } from "std"

attention rows {
  mask   causal
  output entropy = -sum[key] (if p > 0.0 then p * log(p) else 0.0)
  output largest = max[key] p
  output square = sum[key] (p * p)
}
`,
  calls: MAP_CALLS,
  run: withOutputs({
    entropy: perHead((p) => p.map(entropy)),
    largest: perHead((p) => p.map((row) => Math.max(...row))),
    square: perHead((p) => p.map((row) => sum(row.map((x) => x * x)))),
  }),
};

/** The logarithm of each row's denominator, from its scores. */
const logs = (head: Head): number[] =>
  head.Q.map((x, r) => {
    const scores = head.K.flatMap((y, k) => (causal(head, r, k) ? [head.scale * dot(x, y)] : []));
    return Math.log(sum(scores.map(Math.exp)));
  });

export const LOGS: System = {
  name: "logarithms of rows, and how far they lie above the best score",
  source:
    "Temperatures and sinks that are found from lse; the positions that rows still look at, as caches ask for them",
  attn: `import { causal } from "std"

attention logs {
  mask   causal
  output total = lse
  output margin = lse - max[key] s
  output mean_total = mean[query] lse
  output latest = max[query] (if p > 0.05 then q else -1)
  output nearest = min[key] (if p > 0.05 then q - k else len(key))
}
`,
  calls: MAP_CALLS,
  run(inputs) {
    const { sizes } = inputs;
    const start = sizes.keys - sizes.queries;
    const own = headsOf(inputs).map(logs);
    const least = (list: readonly number[], otherwise: number) => Math.min(otherwise, ...list);
    return withOutputs({
      total: () => own.flat(),
      margin: perHead((p) => p.map((row) => -Math.log(Math.max(...row)))),
      mean_total: () => own.map((list) => sum(list) / list.length),
      latest: perHead((p) =>
        p[0]!.map((_, k) => {
          const seen = p.flatMap((row, at) => (k <= start + at ? [row[k]! > 0.05 ? start + at : -1] : []));
          return Math.max(...seen);
        }),
      ),
      nearest: perHead((p) =>
        p.map((row, at) =>
          least(
            row.flatMap((x, k) => (x > 0.05 ? [start + at - k] : [])),
            row.length,
          ),
        ),
      ),
    })(inputs);
  },
};

/** Weights of the pairs that lie at least a quarter of the length apart, rounded up; 0 at the others. */
const far = (p: Weights): number[] => {
  const length = p.length;
  const least = length - 3 * Math.floor(length / 4);
  return p.flatMap((row, q) => row.map((x, k) => (q - k >= least ? x : 0)));
};
/** Divisor n - 1, zeros included, from the deviations. */
const variance = (xs: readonly number[]): number => {
  const mean = sum(xs) / xs.length;
  return sum(xs.map((x) => (x - mean) ** 2)) / (xs.length - 1);
};

// The variance is written by sums of squares, because the mean would need a first pass; the numbers are the same.
// Open questions of the language here:
// - Whether two reductions in one output may be joined by arithmetic. Read: yes, they are numbers of the same axes.
// - `len(key) ** 2` wraps at 46341 keys, as an int does; a program for such lengths divides twice.
export const LONGATTN: System = {
  name: "LongAttn's proportion and uniformity",
  source: "LongAttn: Selecting Long-context Training Data via Token-level Attention, arXiv 2502.16860",
  attn: `import { causal } from "std"

attention longattn {
  mask   causal
  output proportion = sum[query] sum[key] (if q - k >= len(key) - 3 * (len(key) // 4) then p else 0.0) / len(key)
  output uniformity =
    (sum[query] sum[key] (if q - k >= len(key) - 3 * (len(key) // 4) then p * p else 0.0)
      - (sum[query] sum[key] (if q - k >= len(key) - 3 * (len(key) // 4) then p else 0.0) / len(key)) ** 2)
    / (len(key) ** 2 - 1)
}
`,
  calls: [{ sizes: square(50) }, { sizes: square(41, { heads: 6, kvHeads: 2, batch: 2 }) }, { sizes: square(7) }],
  run: withOutputs({
    proportion: perHead((p) => [sum(far(p)) / p.length]),
    uniformity: perHead((p) => [variance(far(p))]),
  }),
};

// Open questions of the language here:
// - Whether `q` and `k` may stand outside of the reduction that leaves their axis, as in the divisor of `influence`. Read:
//   yes, `k` is the axis left.
// - 0 / 0 for the last key, which no later row sees: 0, by rule 10.7.
export const REASONING: System = {
  name: "distance looked back and influence on later tokens",
  source: "Attention Illuminates LLM Reasoning: WAAD and FAI",
  attn: `import { causal } from "std"

attention reasoning(width: int in 0.. = 10) {
  mask   causal
  output distance = sum[key] (p * min(q - k, width))
  output influence = sum[query] (if q > k then p else 0.0) / (len(key) - 1 - k)
}
`,
  calls: [
    { sizes: square(50) },
    { sizes: square(33, { heads: 6, kvHeads: 2 }), scalar: { width: 4 } },
    { sizes: square(1) },
  ],
  run: withOutputs({
    distance: (call) =>
      perHead((p) => p.map((row, q) => sum(row.map((x, k) => x * Math.min(q - k, call.inputs.scalar.width ?? 10)))))(
        call,
      ),
    influence: perHead((p) =>
      p.map((_, k) => {
        const later = p.slice(k + 1).map((row) => row[k]!);
        return later.length === 0 ? 0 : sum(later) / later.length;
      }),
    ),
  }),
};
