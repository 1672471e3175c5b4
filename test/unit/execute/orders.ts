// One attention for every way of ordering tokens, as text: what kernels that sort are held to. An order alone changes no result,
// so blocks are chosen by their place in it: what a row sees then says where it and each key are stored.

const PLACES = "sparsity before { blocks 3 x 3 keep where j <= i }";

const seeing = (permutation: string) => `
permutation order(d: int in 1..) { ${permutation} }
${PLACES}
attention t(d: int in 1.. = 7) { permute order(d) sparsity before output lse }`;

const captured = (name: string, tensor: string, permutation: string) => ({
  [name]: `
permutation order(${tensor}) { ${permutation} }
${PLACES}
attention t(${tensor}) { permute order(${tensor.split(":")[0]}) sparsity before output lse }`,
});

/** Rows and keys are stored apart, so that no arithmetic of block numbers tells where a token lies. */
const diagonal = (order: string) => `
permutation order { ${order} }
sparsity first { blocks 5 x 3 keep where j == i always diagonal }
sparsity best { blocks 4 x 6 score dot(mean[query] Q, mean[key] K) keep top 4 always within diagonal, first 1 }
attention t { permute order sparsity first sparsity best output lse }`;

export const orders: Readonly<Record<string, string>> = {
  "tokens from the last to the first": seeing("of token order by -k"),
  "keys alone": seeing("of key order by k % 5, k // 5"),
  "rows alone": seeing("of query order by -q // 3, q % 2"),
  "ties keep their order": seeing("of token order by k * k % 3"),
  "what falls and what rises": seeing("of token order by k % 4 descending, k // 9, k % 3 descending"),
  "the least and the greatest of numbers": seeing("of token order by (k * 7 - 3 << 29) descending, k % 2"),
  "short segments": seeing("of token within 16 order by -k"),
  "segments of more than a run": seeing("of key within 260 order by k % 7 descending"),
  "the last segment stays": seeing("of token within 24 complete order by k * 5 % 11"),
  "the last segment of rows stays": seeing("of query within 24 complete order by q * 5 % 11"),
  "a length and a parameter": seeing("of token order by (k + len(key)) % d, k // d"),
  "batches are sorted each by itself": seeing("of token order by k * (b + 2) % 5"),
  "heads are sorted each by itself": seeing("of token per head order by k * (h + 2) % 5"),
  "keys of heads that share them": seeing("of key per head order by k * (h + 2) % 5 descending"),
  "rows of heads": seeing("of query per head order by q * (h + 2) % 5"),
  "KV heads are sorted each by itself": seeing("of token order by k * (kv + 2) % 5"),
  "what the last rows read": seeing(`of key per head within 16 complete
    order by mean[query: last 4] softmax[key: first len(key) // 16 * 16] (scale * dot(Q, K)) descending`),
  "what some rows read, whose tokens follow": seeing(`of token per head within 20
    order by sum[query: first 3] softmax[key: last 30] (scale * dot(Q, K)), k`),
  "the best score of a row": seeing("of key per head within 32 order by max[query] s descending"),
  "the least of what depends on positions": seeing(`of key per head within 32
    order by k // 64, min[query: last 9] (dot(Q, K) + (q % 3 - k % 5))`),
  "a product of a mean": seeing("of key per head within 24 order by dot(mean[query: last d] Q, K) descending"),
  "what is read, times a score": seeing(`of key per head within 24
    order by mean[query: last 2] (s * softmax[key] (2.0 * s)), -k`),
  "scores that differ in whole numbers": seeing("of key per head order by floor(8.0 * mean[query: first 5] s), k % 3"),
  "what the rows of a condition read": seeing(`of key per head within 24
    order by mean[query: where q % 3 == 1 and q >= k] softmax[key: where k % 2 == 0] s descending, k % 3`),
  "the best score of the rows of a condition": seeing(`of token per head within 24
    order by max[query: where q % 5 == d % 5] s descending, -k`),
  "rows by their best score": seeing("of query per head within 16 order by max[key] s descending"),
  "rows by what they read": seeing(`of query per head
    order by sum[key: first 3] softmax[key: where k % 4 != 1] s descending, q % 3`),
  "rows by a product of a mean": seeing("of query per head within 24 order by dot(Q, mean[key: last d] K) descending"),
  "rows by keys of a condition": seeing(`of query per head within 32
    order by mean[key: where k % 3 == 0 and k <= q] (dot(Q, K) + (k % 3 - q % 2))`),
  ...captured("tokens by what a caller says of them", "turn: i32[batch, token]", "of token order by turn[k] // 2, -k"),
  ...captured("keys by numbers of their KV head", "weight: f32[kv, key]", "of key order by weight[k] descending"),
  ...captured(
    "rows by numbers of their head",
    "weight: f32[head, token]",
    "of query per head order by floor(4.0 * weight[q])",
  ),
  ...captured("keys by a table, backwards", "table: i32[n]", "of key per head order by table[k % 7 + h] descending"),
  "where the first token lies": `
permutation order { of key per head order by k * (h + 2) % 7 descending }
sparsity sink { blocks 3 x 4 keep where j == i always contains 0, contains 5 }
attention t { permute order sparsity sink output lse }`,
  "where a token lies, the same for all heads": `
permutation order { of token order by k * 3 % 7 }
sparsity sink { blocks 3 x 4 keep where j == i always contains 2 * len(key) // 3 - 1 }
attention t { permute order sparsity sink output lse }`,
  ...Object.fromEntries(
    [
      "of key order by k * 5 % 11",
      "of query order by -q // 3, q % 2",
      "of token per head order by k * (h + 2) % 7",
    ].map((order) => [`the blocks where tokens lie, ${order}`, diagonal(order)]),
  ),
  "sums of the keys of every head": `
permutation order { of key per head within 8 order by mean[query: last 2] softmax[key] s descending }
sparsity best { blocks 5 x 4 score dot(mean[query] Q, mean[key] K) share mean heads keep top 3 }
attention t { mask k <= q permute order sparsity best output lse }`,
  "heads that sort for themselves and choose as a group": `
permutation order { of key per head order by k * (h + 2) % 7 descending }
sparsity best { blocks 5 x 4 score dot(mean[query] Q, mean[key] K) share group keep top 3 }
sparsity both { blocks 4 x 3 score dot(sum[query] Q, sum[key] K) share any group keep ratio 0.4 }
attention t { permute order sparsity best sparsity both output lse }`,
  "the KV head of a head that sorts for itself": `
permutation order { of token per head order by k * (h + 2) % 7 }
attention t(slope: f32[kv], bias: f32[batch, kv, n], sinks: i32[kv]) {
  mask k >= sinks % 4 and (k - kv) % (len(kv) + 1) != len(group) permute order score slope * s + bias[k % 5] output lse }`,
  "a window, whose rows are moved": `
permutation residues { of token order by k % 4, k // 4 }
attention t { mask 0 <= q - k < 20 and (q - k) % 4 == 0 permute residues output lse }`,
  "a picture in tiles": `
permutation tiles { of token order by k.y // 3, k.x // 4, k.y % 3, k.x % 4 }
attention t { grid (y, x: 9) mask abs(q.y - k.y) <= 1 and abs(q.x - k.x) <= 2 permute tiles output lse }`,
  "rows of a picture": `
permutation columns { of query order by q.x, q.y }
attention t { grid (y, x: 9) mask abs(q.x - k.x) <= 1 permute columns }`,
  "weights that need two passes": `
permutation odd { of token order by k % 2, k }
attention t { mask k <= q permute odd weight relu(p - 0.05) }`,
  "rows that see nothing": `
permutation odd { of token order by k % 2, k }
attention t { mask k < q - 2 permute odd empty uniform output lse }`,
  "norms of rows and tensors by position": `
permutation odd { of token order by k % 2, k }
attention t(bias: f32[head, key], doc: i32[batch, token]) { mask doc[q] == doc[k] score s - dot(K, K) / 8.0 + bias[k] permute odd }`,
};
