// One attention for every rule by which blocks are chosen, as text: what kernels that choose are held to.

const MEANS = "score dot(mean[query] Q, mean[key] K) * scale";

export const selections: Readonly<Record<string, string>> = {
  "the best": `
sparsity best(n: int in 0..) { blocks 8 x 8 ${MEANS} keep top n always i == j }
attention t(n: int in 0.. = 2) { mask k <= q sparsity best(n) output lse }`,
  "more in later rows": `
sparsity best { blocks 5 x 3 score dot(sum[query] Q, mean[key] K) keep top i % 4 + j }
attention t { sparsity best output lse }`,
  "a share, rounded down": `
sparsity share(r: float in 0..1) { blocks 8 x 4 ${MEANS} keep ratio r }
attention t(r: float in 0..1 = 0.4) { mask k <= q sparsity share(r) }`,
  "a share, rounded up, of all heads": `
sparsity share(r: float in 0..1) { blocks 8 x 4 ${MEANS} share max heads keep ratio r ceil }
attention t(r: float in 0..1 = 0.3) { mask k <= q sparsity share(r) }`,
  "a share, rounded to the nearest": `
sparsity share { blocks 8 x 4 ${MEANS} keep ratio (h + 1) / 8.0 round at most 5 }
attention t { mask abs(q - k) < 20 sparsity share }`,
  "a mass": `
sparsity mass(part: float in 0..2) { blocks 8 x 8 ${MEANS} keep mass part of softmax always first 1 }
attention t(part: float in 0..2 = 0.6) { mask k <= q sparsity mass(part) }`,
  "the mass before the crossing, or nothing": `
sparsity mass(part: float in 0..2) { blocks 4 x 4 ${MEANS} share group keep mass part of softmax before crossing else none at least 1 at most 3 }
attention t(part: float in 0..2 = 0.7) { mask k <= q sparsity mass(part) }`,
  "what is worth enough": `
sparsity enough(least: float) { blocks 8 x 8 ${MEANS} share max group keep above least at least 1 always within last 1 }
attention t(least: float = 0.05) { sparsity enough(least) empty uniform output lse }`,
  "what meets a condition": `
sparsity pattern { blocks 4 x 8 keep where (i + 2 * j + h) % 3 == 0 }
attention t { mask k <= q sparsity pattern output lse }`,
  "what meets a condition, and the best of the rest": `
sparsity pattern { blocks 8 x 4 ${MEANS} keep where (i + j) % 4 == 1 at least 2 at most 3 }
attention t { mask k <= q sparsity pattern }`,
  "some are no candidates, some are forced": `
sparsity some(n: int in 0..) { blocks 8 x 8 ${MEANS} among (i + j) % 2 == 0 keep top n always within diagonal, contains 5 }
attention t(n: int in 0.. = 3) { mask k <= q sparsity some(n) }`,
  "hidden blocks have no mass": `
sparsity mass { blocks 4 x 4 score (if j % (h + 2) == 1 or i % 4 == 3 then log(0.0) else dot(mean[query] Q, mean[key] K) * scale) share heads keep mass 0.8 of softmax at least 4 }
attention t { mask k <= q sparsity mass }`,
  "ties go to the lower block": `
sparsity even { blocks 4 x 4 score j % 3 / 2.0 keep top 3 }
attention t { sparsity even }`,
  "what pairs come to beside the best of their row": `
sparsity near(n: int in 0..) { blocks 8 x 4 score mean[query] (max[key: where k % 3 != 1] s - 0.5 * max[row: where k % 2 == h % 2] s) share max group keep top n }
attention t(n: int in 0.. = 2) { score s + 0.01 * (k - q) sparsity near(n) output lse }`,
  "pairs that see each other, and sums of all": `
sparsity seen(n: int in 0..) { blocks 8 x 8 score max[query: where q % 2 == 0] max[key] s + sum[query] (0.25 * mean[key] (scale * dot(Q, K))) keep top n always diagonal }
attention t(n: int in 0.. = 1) { mask k <= q sparsity seen(n) }`,
  "a mask of documents": `
sparsity best(n: int in 0..) { blocks 8 x 8 ${MEANS} keep top n }
attention t(doc: i32[batch, token], n: int in 0.. = 1) { mask doc[q] == doc[k] sparsity best(n) }`,
  "a mask that leaves most blocks open": `
sparsity best(n: int in 0..) { blocks 4 x 4 ${MEANS} keep top n }
attention t(n: int in 0.. = 2) { mask (q * 7 + k * 3) % 19 == 5 sparsity best(n) output lse }`,
  "a block of every row and key": `
sparsity pairs(n: int in 0..) { blocks 1 x 1 score dot(sum[query] Q, sum[key] K) * scale keep top n }
attention t(n: int in 0.. = 4) { mask k <= q sparsity pairs(n) output lse }`,
  "two choices": `
sparsity best(n: int in 0..) { blocks 8 x 8 ${MEANS} keep top n }
sparsity pattern { blocks 4 x 4 keep where (i + j) % 3 > 0 }
attention t(n: int in 0.. = 2) { mask k <= q sparsity best(n) sparsity pattern output lse }`,
  "weights that need two passes": `
sparsity best(n: int in 0..) { blocks 8 x 8 ${MEANS} keep top n }
attention t(n: int in 0.. = 2) { mask k <= q sparsity best(n) weight relu(p - 0.05) }`,
  "choices of a group united": `
sparsity best(n: int in 0..) { blocks 8 x 8 ${MEANS} share any group keep top n always i == j }
attention t(n: int in 0.. = 1) { mask k <= q sparsity best(n) }`,
  "choices of all heads intersected": `
sparsity mass(part: float in 0..1) { blocks 8 x 4 ${MEANS} share all heads keep mass part of softmax at least 3 }
attention t(part: float in 0..1 = 0.7) { mask k <= q sparsity mass(part) output lse }`,
  "the best of a head": `
sparsity best(n: int in 0..) { blocks 8 x 8 ${MEANS} keep top n over all always within i == j }
attention t(n: int in 0.. = 8) { mask k <= q sparsity best(n) empty uniform output lse }`,
  "a mass of a head, shared": `
sparsity mass(part: float in 0..1) { blocks 4 x 8 ${MEANS} share max group keep mass part of softmax before crossing over all always first 1 }
attention t(part: float in 0..1 = 0.5) { mask k <= q sparsity mass(part) }`,
  "a share of a head, united": `
sparsity share(r: float in 0..1) { blocks 8 x 8 ${MEANS} share any heads keep ratio r ceil at most 9 over all }
attention t(r: float in 0..1 = 0.2) { mask abs(q - k) < 30 sparsity share(r) }`,
  "largest elements beside means": `
sparsity best(n: int in 0..) {
  blocks 8 x 8 score dot(mean[query] Q, mean[key] K) + 0.5 * dot(max[query] Q, max[key] K) keep top n
}
attention t(n: int in 0.. = 2) { mask k <= q sparsity best(n) output lse }`,
  "the larger of two products of some rows": `
sparsity best(const rows: int in 1.., n: int in 0..) {
  blocks 8 x 5
  score  max(dot((sum[key: first 4] K) / sqrt(count[key: first 4] true), mean[query: last rows] Q), dot(max[query: last rows] Q, min[key: first 2] K))
  share  max group
  keep   top n
}
attention t(const rows: int in 1.. = 3, n: int in 0.. = 2) { sparsity best(rows, n) output lse }`,
  "rows that there are not": `
sparsity best {
  blocks 4 x 8
  score  dot(mean[query: last 0] Q, mean[key] K) + dot(sum[key: first -2] K, max[query: last 99] Q) - (i + j) % 3
  keep   top 2
}
attention t { mask k <= q sparsity best }`,
  "four products of three pools": `
sparsity best {
  blocks 4 x 4
  score  dot(sum[query] Q, sum[key] K) + dot(min[query] Q, sum[key] K) * (i - 1) - dot(min[query] Q, max[key] K) + dot(sum[query] Q, max[key] K)
  keep   mass 0.7 of softmax at most 4
}
attention t { mask k <= q sparsity best }`,
};
