// What rows and keys see of each other, as outputs: how many keys a row sees, how many rows see a key, how dense the map is, and
// how far a row looks back.

import { type System, sum } from "./dense.ts";
import { columns, MAP_CALLS, perHead, type Weights, withOutputs } from "./maps.ts";

/** Causal maps hold a positive weight wherever a pair is visible. */
const seen = (p: Weights): number[][] => p.map((row) => row.map((x) => Number(x > 0)));
const rows = (p: Weights): number[] => seen(p).map(sum);
const readers = (p: Weights): number[] => columns(seen(p));

export const SIGHT: System = {
  name: "what rows and keys see",
  source:
    "Densities of rows and columns, as block-sparse methods report them, for instance MInference, arXiv 2407.02490",
  attn: `import { causal } from "std"

attention sight {
  mask   causal
  output seen = count[key] visible
  output readers = sum[query] (if visible then 1 else 0)
  output density = count[key] visible / len(key)
  output reached = any[query] (visible and q - k >= 4)
  output unseen = count[query] (not visible)
  output complete = all[key: first 3] visible
  output distance = sum[key] (if visible then q - k else 0)
}
`,
  calls: MAP_CALLS,
  run: withOutputs({
    seen: perHead(rows),
    readers: perHead(readers),
    density: perHead((p) => rows(p).map((count) => count / p[0]!.length)),
    reached: perHead((p) => {
      const start = p[0]!.length - p.length;
      return p[0]!.map((_, k) => Number(p.some((_, row) => start + row - k >= 4)));
    }),
    unseen: perHead((p) => readers(p).map((count) => p.length - count)),
    complete: perHead((p) => seen(p).map((row) => Number(row.slice(0, 3).every((x) => x === 1)))),
    distance: perHead((p) => seen(p).map((row, at) => sum(row.map((x, k) => x * (p[0]!.length - p.length + at - k))))),
  }),
};
