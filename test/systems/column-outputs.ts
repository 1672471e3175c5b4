// Statistics of the columns of attention maps: the mass that a key receives, from all queries or from the last ones.

import { type System, sum } from "./dense.ts";
import { average, columns, MAP_CALLS, perBatch, perGroup, perHead, type Weights, withOutputs } from "./maps.ts";

// Open: nothing says in which order the axes of an output lie, nor that those left over are `batch` and what the reduction
// leaves. Read: batch, then head or kv, then query, then key.
export const COLUMN_MASS: System = {
  name: "mass of every column",
  source: "H2O's heavy hitters, arXiv 2306.14048; Self-Attention Guidance, arXiv 2210.00939: the mean over heads",
  attn: `import { causal } from "std"

attention columns {
  mask   causal
  output mass = sum[query] p
  output received = mean[head] sum[query] p
}
`,
  calls: MAP_CALLS,
  run: withOutputs({ mass: perHead(columns), received: perBatch((heads) => average(heads.map(columns))) }),
};

const lastRows = (p: Weights): number[] => columns(p.slice(-8)).map((x) => x / Math.min(8, p.length));

// Open questions of the language here:
// - `mean[query: last 8]` of fewer rows than 8: divided by the rows that there are ("clipped to what exists").
// - Where a mean over the group stands, before or after the pool, does not matter to a mean of means.
export const VOTES: System = {
  name: "votes of the last queries",
  source: "SnapKV, arXiv 2404.14469, its votes pooled and averaged over the group",
  attn: `import { causal } from "std"

attention votes {
  mask   causal
  output recent = mean[query: last 8] p
  output shared = mean[group] mean[query: last 8] p
  output pooled = mean[group] avg_pool[key, 5] mean[query: last 8] p
}
`,
  calls: MAP_CALLS,
  run: withOutputs({
    recent: perHead(lastRows),
    shared: perGroup(lastRows),
    // Zeros stand beyond both ends and count in the divisor.
    pooled: perGroup(lastRows, (list) => list.map((_, k) => sum(list.slice(Math.max(0, k - 2), k + 3)) / 5)),
  }),
};

/** Each head stores keys in an order of its own, and tells of each where the call has it. */
export const VOTES_OF_ORDERED: System = {
  name: "votes of the last queries on keys in an order of their head",
  source: "SnapKV beside the order of PBS-Attn, arXiv 2404.14469 and 2510.21270",
  attn: `import { causal } from "std"

permutation liked { of key  per head  within 24  order by mean[query: last 3] s descending }

attention votes {
  mask    causal
  permute liked
  output  recent = mean[query: last 8] p
  output  shared = mean[group] mean[query: last 8] p
}
`,
  calls: MAP_CALLS,
  run: withOutputs({ recent: perHead(lastRows), shared: perGroup(lastRows) }),
};
