// One attention for every way of ordering tokens, as text: what kernels that sort are held to. An order alone changes no result,
// so blocks are chosen by their place in it: what a row sees then says where it and each key are stored.

const PLACES = "sparsity before { blocks 3 x 3 keep where j <= i }";

const seeing = (permutation: string) => `
permutation order(d: int in 1..) { ${permutation} }
${PLACES}
attention t(d: int in 1.. = 7) { permute order(d) sparsity before output lse }`;

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
