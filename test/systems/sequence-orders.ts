// Orders of the tokens of a sequence. Each must leave the output as dense attention has it; what there is to compare
// besides is the order.

import { causal, everything, range, type Sight, type System, sortedBy, square } from "./dense.ts";
import { reordered } from "./reordered.ts";

// Open questions of the language here:
// - Nothing says that an order may be a negative number; `order by k descending` says the same. Both are used below.
export const REVERSAL: System = {
  name: "keys from the last to the first",
  source: "no paper: the order in which a causal walk can stop soonest",
  attn: `import { causal } from "std"

permutation reversed { of key  order by k descending }

attention backwards {
  mask    causal
  permute reversed
}
`,
  calls: [
    { sizes: square(100) },
    { sizes: square(70, { queries: 3, heads: 6, kvHeads: 2, batch: 2 }) },
    { sizes: square(1) },
    { sizes: square(5, { heads: 3 }) },
  ],
  run: (inputs) => reordered(inputs, causal, range(inputs.sizes.keys).reverse()),
};

// Open: `of query` with fewer rows than keys: rows are sorted among themselves, and `q` (or `k`, read as the position of
// the token that is sorted?) stands for their position. Read: `q`.
export const REVERSED_QUERIES: System = {
  name: "queries from the last to the first",
  source: "no paper: longest rows of a causal mask first",
  attn: `import { causal } from "std"

permutation reversed { of query  order by -q }

attention longest_first {
  mask    causal
  permute reversed
}
`,
  calls: [{ sizes: square(100) }, { sizes: square(70, { queries: 21, heads: 6, kvHeads: 2 }) }],
  run: (inputs) => reordered(inputs, causal),
};

// Open questions of the language here:
// - `of token` with fewer rows than keys: rows and keys are each sorted by the same expression of their own positions, `k`
//   standing for the position of either. The last call asks for that.
export const RESIDUES: System = {
  name: "residue classes for a dilated window",
  source: "NATTEN's token permutation, arXiv 2209.15001 and 2504.16922, in one dimension and causal",
  attn: `permutation residues(d: int in 1..) { of token  order by k % d, k // d }

attention dilated(window: int in 1.. = 5, d: int in 1.. = 4) {
  mask    0 <= q - k < window * d and (q - k) % d == 0
  permute residues(d)
}
`,
  calls: [
    { sizes: square(100) },
    { sizes: square(50, { heads: 6, kvHeads: 2 }), scalar: { window: 3, d: 7 } },
    { sizes: square(20), scalar: { d: 1 } },
    { sizes: square(6, { heads: 3 }), scalar: { d: 9 } },
    { sizes: square(64, { queries: 10 }), scalar: { d: 3 } },
  ],
  run: (inputs) => {
    const { window = 5, d = 4 } = inputs.scalar;
    const sees: Sight = (head, r, k) => {
      const back = head.row0 + r - k;
      return back >= 0 && back < window * d && back % d === 0;
    };
    return reordered(
      inputs,
      sees,
      range(Math.min(d, inputs.sizes.keys)).flatMap((g) => range(inputs.sizes.keys).filter((k) => k % d === g)),
    );
  },
};

// Open: an order without a mask; all pairs are visible and only rounding can differ.
export const STABLE: System = {
  name: "an order with ties",
  source: "no paper: `order by` is stable",
  attn: `permutation thirds { of key  order by k * k % 3, k // 8 % 2 }

attention tied {
  permute thirds
}
`,
  calls: [{ sizes: square(50) }, { sizes: square(37, { queries: 4, heads: 3 }) }],
  run: (inputs) =>
    reordered(
      inputs,
      everything,
      sortedBy(inputs.sizes.keys, (k) => [(k * k) % 3, Math.floor(k / 8) % 2]),
    ),
};
