// Named outputs where calls are awkward: ragged lengths with NaN behind them, rows that see nothing, groups of three heads, odd
// dims and lengths, chosen blocks, and tokens that are stored in another order.

import type { Case } from "../../src/spec/case.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import { attentionOf } from "../check.ts";

type Sizes = { readonly queries: number; readonly keys: number; readonly dim: number; readonly alive?: number };

const STATISTICS = `
  output mass    = sum[query] p
  output entropy = -sum[key] (if p > 0.0 then p * log(p) else 0.0)
  output votes   = mean[group] avg_pool[key, 5] mean[query: last 8] p
  output most    = max[query] p
  output lowest  = min[key] s
  output large   = count[key] (p > 0.125)
  output sharp   = any[query] (p > 0.5)
  output readers = count[query] visible
  output spread  = sum[key] (if visible then abs(q - k) else 0)
  output unseen  = sum[query: where q % 2 == 0] (if visible then 1 else 3)
  output full    = all[key] (p < 0.9)
  output total   = lse
  output gap     = if any[key] visible then lse - max[key] s else 0.0
  output last    = max[query] (if p > 0.1 then q else -1)
  output nearest = min[key: where k % 3 == 0] (if p > 0.0 then abs(q - k) else 99)
`;
export const CAUSAL = `attention t { mask q >= k ${STATISTICS} }`;
const WINDOW = `attention t { mask 0 <= q - k < 5 and k % 3 != 1 empty uniform ${STATISTICS} }`;
const SINK = `attention t(c: f32[head]) { mask q != k normalize softmax(sink = c) score s * 2.0 + 0.01 * (k - q) ${STATISTICS} }`;
const CHOSEN = `sparsity best { blocks 16 x 16 score dot(mean[query] Q, mean[key] K) keep top 2 always first 1 }
  permutation backwards { of token order by k % 7 descending, k }
  attention t { mask q >= k sparsity best permute backwards output blocks = selection ${STATISTICS} }`;
const UNITED = `sparsity best { blocks 8 x 4 score dot(mean[query] Q, mean[key] K) share any group keep top 1 always last 1 }
  attention t { mask q >= k - 3 sparsity best output blocks = selection }`;

const SIGMOID = `attention t { mask q >= k and k % 5 != 3 score sigmoid(s - 1.0) normalize none ${STATISTICS} }`;
const SHARES = `permutation backwards { of token order by k % 3, k descending }
  attention t { mask 0 <= q - k < 9 score s * s normalize sum permute backwards ${STATISTICS} }`;

const LIKED = `permutation liked { of key per kv order by k * (kv + 2) % 5 descending }
  attention t { mask q >= k permute liked ${STATISTICS} }`;

const OWN = `permutation own { of token per head within 24 order by mean[query: last 3] s descending }
  attention t { mask q >= k - kv permute own ${STATISTICS} }`;

export const AWKWARD: readonly (readonly [name: string, text: string, sizes: Sizes])[] = [
  ["causal, ragged", CAUSAL, { queries: 70, keys: 70, dim: 72, alive: 50 }],
  ["causal, more keys than queries", CAUSAL, { queries: 17, keys: 1000, dim: 8 }],
  ["causal, one row", CAUSAL, { queries: 1, keys: 1, dim: 96 }],
  ["causal, one row and 17 keys", CAUSAL, { queries: 1, keys: 17, dim: 96 }],
  ["a window with rows that see nothing", WINDOW, { queries: 90, keys: 90, dim: 96, alive: 80 }],
  ["a window far behind the keys", WINDOW, { queries: 20, keys: 12, dim: 8, alive: 3 }],
  ["a sink and scores", SINK, { queries: 65, keys: 130, dim: 8 }],
  ["scores that are weights", SIGMOID, { queries: 33, keys: 50, dim: 8, alive: 20 }],
  ["shares of a sum, in another order", SHARES, { queries: 50, keys: 50, dim: 8, alive: 40 }],
  ["keys that each KV head has sorted for itself", LIKED, { queries: 40, keys: 70, dim: 8, alive: 50 }],
  ["choices of heads that share keys, by themselves", UNITED, { queries: 19, keys: 70, dim: 8, alive: 50 }],
  ["tokens that each head has sorted for itself", OWN, { queries: 40, keys: 70, dim: 8, alive: 50 }],
  ["chosen blocks of tokens in another order", CHOSEN, { queries: 150, keys: 150, dim: 8 }],
];

/** Two batches, six query heads over two KV heads; what lies behind the keys that are alive is NaN. */
export function awkwardCall(text: string, { queries, keys, dim, alive }: Sizes, element: "f32" | "f16" = "f32"): Case {
  const [batch, heads, kvHeads] = [2, 6, 2];
  let state = 7;
  const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 23 - 1;
  };
  const keyLengths = alive === undefined ? undefined : [keys, alive];
  const rows = (of: number, length: number, lengths?: readonly number[]) =>
    makeTensor(
      element,
      [batch, of, length, dim],
      Array.from({ length: batch * of * length * dim }, (_, index) => {
        const row = Math.floor(index / dim) % length;
        return lengths && row >= lengths[Math.floor(index / dim / length / of)]! ? Number.NaN : draw();
      }),
    );
  const attention = attentionOf(text);
  return {
    attention,
    shape: { batch, heads, kvHeads, queries, keys, dim, valueDim: dim, axes: {} },
    params: {},
    tensors: Object.fromEntries(
      attention.tensors.map(({ name }) => [name, makeTensor("f32", [heads], [0, -1, 1, 0.5, 2, -3])]),
    ),
    query: rows(heads, queries),
    key: rows(kvHeads, keys, keyLengths),
    value: rows(kvHeads, keys, keyLengths),
    ...(keyLengths && { keyLengths }),
  };
}
