// One attention for every feature of a plan, as text: what the runners of plans and kernels are held to.

export const features: Readonly<Record<string, string>> = {
  "no mask": "attention t { output lse }",
  causal: "attention t { mask q >= k output lse }",
  "run-time window": "attention t(w: int = 4) { mask q >= k mask q - k < w output lse }",
  "parameters per head": "attention t(m: f32[head]) { mask q >= k score s + m * (k - q) output lse }",
  "documents per batch": "attention t(doc: i32[batch, token]) { mask doc[q] == doc[k] output lse }",
  "bias of rows and keys": "attention t(bias: f32[head, query, key]) { score s + bias[q, k] output lse }",
  "table per KV head": "attention t(t: f32[kv, n]) { score s + t[clamp(q - k, 0, n - 1)] output lse }",
  "decay with distance": "attention t(tau: float = 3.0) { score s * exp(-(q - k) / tau) output lse }",
  "buckets of distance":
    "fn bucket(d: int) = if d < 4 then d else min(11, 4 + floor(log(d / 4.0) / log(8.0) * 4.0)) " +
    "attention t(t: f32[head, n]) { mask q - k < 60 score s + t[bucket(abs(q - k))] output lse }",
  "distances with rows and keys":
    "attention t(t: f32[head, n], at: i32[batch, token]) " +
    "{ mask (q - k) % 3 < 2 or at[q] == at[k] score s + t[(2 * q + h) % 5 - 2 * k % 5] + sqrt(abs(q - k)) * at[k] " +
    "weight p * tanh((q + h - k) / 4.0) output lse }",
  "a tensor of distances": "attention t(far: f32[batch, key]) { score s + far[abs(q - k)] output lse }",
  "chance by distance": "attention t { mask random(3, q - k) < 0.7 output lse }",
  "a const parameter": "attention t(const size: int = 3) { mask k // size <= q // size output lse }",
  softcap: "attention t(cap: float = 1.5) { score cap * tanh(s / cap) output lse }",
  cosine: "attention t { scale 1.0 score cosine(Q, K) * 7.0 output lse }",
  "scale of the row": "attention t { scale 1.0 / (2 + abs(q)) output lse }",
  "scale of the pair": "attention t { scale 1.0 / (1 + abs(q - k)) score s * 2.0 output lse }",
  sink: "attention t(z: f32[head]) { mask q > k normalize softmax(sink = z) output lse }",
  "softmax plus one": "attention t { normalize softmax_plus_one output lse }",
  sum: "attention t { mask q >= k score exp(s) normalize sum output lse }",
  none: "attention t { mask q >= k normalize none output lse }",
  "relu without normalising": "attention t { normalize none weight relu(p) output lse }",
  "relu of sums": "attention t { score exp(s) normalize sum weight relu(p - 0.1) output lse }",
  dropout: "attention t(seed: int = 3) { weight if random(seed, b, h, q, k) < 0.3 then 0.0 else p / 0.7 output lse }",
  "identity blend":
    "attention t(u: float = 0.25) { mask q >= k weight if q == k then (1 - u) * p + u else (1 - u) * p output lse }",
  "square of p with a sink": "attention t(z: f32[head]) { normalize softmax(sink = z) weight p * p output lse }",
  "weight of lse": "attention t { mask q >= k weight p * lse output lse }",
  "weight of lse without normalising": "attention t { normalize none weight p * exp(-lse) output lse }",
  "a value's own norm": "attention t { weight p / (1.0 + norm(V)) output lse }",
  "weight of the plain product": "attention t { score s + 1.0 weight p * dot(Q, K) output lse }",
  grid: "attention t { grid (y: 3, x: 3) mask abs(q.y - k.y) <= 1 and abs(q.x - k.x) <= 1 output lse }",
  "rows that see nothing": "attention t { mask q % 3 > 0 and q >= k output lse }",
  "rows that see nothing, averaged":
    "attention t { empty uniform mask q % 3 > 0 and q >= k weight p * 2.0 output lse }",
  "nothing is ever visible":
    "attention t(z: f32[head]) { empty uniform mask false normalize softmax(sink = z) output lse }",
  "scores of −inf": "attention t { score if k % 3 == q % 2 then log(0.0) else s output lse }",
  "scores of ±10000": "attention t { scale 10000.0 output lse }",
};
