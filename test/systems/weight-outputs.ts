// Outputs of attentions whose weights are their scores, or shares of a sum of scores: what keys receive, what rows give.

import { causal, dot, type Head, headsOf, type Inputs, type Result, range, type System, square, sum } from "./dense.ts";
import { columns } from "./maps.ts";

const CALLS = [{ sizes: square(50) }, { sizes: square(41, { queries: 5, heads: 6, kvHeads: 2, batch: 2 }) }];

/** Rows of weights, 0 where a pair is not visible. */
const weights = (head: Head, of: (score: number) => number): number[][] =>
  head.Q.map((x, r) => head.K.map((y, k) => (causal(head, r, k) ? of(head.scale * dot(x, y)) : 0)));

function result(maps: readonly number[][][], heads: readonly Head[], outputs: Result["outputs"]): Result {
  const weigh = (row: readonly number[], { V }: Head) =>
    range(V[0]!.length).map((e) => sum(row.map((w, k) => w * V[k]![e]!)));
  return {
    out: Float64Array.from(maps.flatMap((map, at) => map.flatMap((row) => weigh(row, heads[at]!)))),
    outputs: outputs!,
  };
}

const flat = (values: readonly number[]) => Float64Array.from(values);

export const SIGMOID: System = {
  name: "what keys receive of sigmoids",
  source: "Theory, Analysis, and Best Practices for Sigmoid Self-Attention, arXiv 2409.04431",
  attn: `import { causal } from "std"

attention sigmoid_attention {
  mask   causal
  score  sigmoid(s - 1.0)
  normalize none
  output mass = sum[query] p
  output largest = max[key] p
  output sure = count[key] (p > 0.5)
}
`,
  calls: CALLS,
  run(inputs: Inputs) {
    const heads = headsOf(inputs);
    const maps = heads.map((head) => weights(head, (score) => 1 / (1 + Math.exp(1 - score))));
    return result(maps, heads, {
      mass: flat(maps.flatMap(columns)),
      largest: flat(maps.flatMap((map) => map.map((row) => Math.max(...row)))),
      sure: flat(maps.flatMap((map) => map.map((row) => row.filter((p) => p > 0.5).length))),
    });
  },
};

export const SHARES: System = {
  name: "shares of a sum of squares",
  source: "PolaFormer and other linear attentions with positive feature maps, arXiv 2501.15061: rows of shares",
  attn: `import { causal } from "std"

attention shares {
  mask   causal
  score  s * s
  normalize sum
  output mass = sum[query: last 4] p
  output square = sum[key] (p * p)
}
`,
  calls: CALLS,
  run(inputs: Inputs) {
    const heads = headsOf(inputs);
    const maps = heads.map((head) =>
      weights(head, (score) => score * score).map((row) => row.map((score) => score / sum(row))),
    );
    return result(maps, heads, {
      mass: flat(maps.flatMap((map) => columns(map.slice(-4)))),
      square: flat(maps.flatMap((map) => map.map((row) => sum(row.map((p) => p * p))))),
    });
  },
};
