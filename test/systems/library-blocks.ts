// The sparsities of the standard library, each beside the same choice written by hand.

import { attendToBlocks, meanScore, onDiagonal, type Plan } from "./blocks.ts";
import { massOf, overRow, top } from "./choose.ts";
import { causal, type System, square } from "./dense.ts";

const PLAN = {
  ...{ size: [16, 16], mask: causal, score: meanScore },
  always: (pair) => onDiagonal(pair) || pair.j === 0,
} as const satisfies Partial<Plan>;

export const LIBRARY_TOP: System = {
  name: "top_blocks of the library",
  source: "MInference 1.0, block-sparse heads, arXiv 2407.02490; MoBA, arXiv 2502.13189",
  attn: `import { causal, top_blocks } from "std"
attention top(n: int in 0.. = 2) { mask causal sparsity top_blocks(16, n) }
`,
  calls: [
    { sizes: square(100), scalar: { n: 2 } },
    { sizes: square(90, { queries: 40, heads: 3 }), scalar: { n: 1 } },
  ],
  run: (inputs) => attendToBlocks(inputs, { ...PLAN, keep: overRow(top(inputs.scalar.n ?? 2)) }),
};

export const LIBRARY_COVERING: System = {
  name: "covering_blocks of the library",
  source: "SeerAttention, arXiv 2410.13276",
  attn: `import { causal, covering_blocks } from "std"
attention covering(coverage: float in 0..1 = 0.9) { mask causal sparsity covering_blocks(16, coverage) }
`,
  calls: [
    { sizes: square(100), scalar: { coverage: 0.7 } },
    { sizes: square(96, { heads: 6, kvHeads: 2, batch: 2 }), scalar: { coverage: 0.5 } },
  ],
  run: (inputs) => {
    const coverage = Math.fround(inputs.scalar.coverage ?? 0.9);
    return attendToBlocks(inputs, { ...PLAN, keep: overRow(massOf(coverage)) });
  },
};
