// What is described and not compiled is said, with its place: nothing that has one is lowered.

import { expect, test } from "vitest";
import { findUncompiled } from "../../../src/schedule/uncompiled.ts";
import { TARGETS } from "../../../targets/index.ts";
import { attentionOf } from "../execute/calls.ts";

const found = (permutation: string, rest = "", tensor?: string) => {
  const [of, name] = tensor === undefined ? ["", ""] : [`(${tensor})`, `(${tensor.split(":")[0]})`];
  const attention = attentionOf(
    `permutation order${of} { ${permutation} }\nattention t${of} { permute order${name} ${rest} }`,
  );
  return TARGETS.map((target) =>
    findUncompiled(attention, target).map((each) => "construct" in each && each.construct),
  );
};
const everywhere = (...constructs: string[]) => TARGETS.map(() => constructs);

test.each([
  ...["of token order by k % 3, -k", "of query order by -q", "of key within 8 order by k * b % 5"],
  ...["of key order by k * kv % 5", "of key per head order by k * h % 5", "of query per head order by q * h % 5"],
])("orders by positions are compiled on every target: %s", (order) => {
  expect(found(order)).toEqual(everywhere());
});

test.each([
  ["turn: i32[batch, token]", "of token order by turn[k] descending"],
  ["weight: f32[head, query]", "of query per head order by weight[q]"],
])("orders by what a call captures are: %s", (tensor, order) => expect(found(order, "", tensor)).toEqual(everywhere()));

test.each([
  "mean[query: last 8] softmax[key: first 16] (scale * dot(Q, K)) descending",
  "sum[query] s, k",
  "max[query: first 3] (dot(Q, K) + 1.0)",
  "dot(mean[query: last 4] Q, K)",
  "dot(K, sum[query] Q) * 0.5",
  "mean[query: where q > 3] softmax[key: where k % 2 == 0] s",
])("orders by what rows make of keys are: %s", (value) => {
  expect(found(`of key per head order by ${value}`)).toEqual(everywhere());
  expect(found(`of token per head order by ${value}`)).toEqual(everywhere());
});

test.each([
  ...["dot(K, K)", "dot(max[query] Q, K)", "mean[query: where s > 0.5] s", "mean[query] softmax[query] s"],
  ...["mean[query] rank[key] s", "mean[query] (softmax[key] s * softmax[key: first 3] s)"],
])("others by scores are not: %s", (value) => {
  expect(found(`of key per head order by ${value}`)).toEqual(everywhere("permute order by"));
});

const scored = (score: string) => {
  const attention = attentionOf(`
    sparsity best(const n: int in 1..) { blocks 8 x 8 score ${score} keep top 2 }
    attention t(const n: int in 1.. = 4) { sparsity best(n) }`);
  return TARGETS.map((target) =>
    findUncompiled(attention, target).map((each) => "construct" in each && each.construct),
  );
};

test.each([
  "dot(mean[query] Q, mean[key] K) + 0.5 * dot(max[key] K, max[query] Q)",
  "max(dot(sum[query: first 3] Q, max[key: last n] K), dot(sum[query: last 0] Q, min[key] K))",
  "dot(sum[query] Q, (sum[key: last n - 1] K) / sqrt(count[key: last n - 1] true))",
  "dot(mean[query: where q > 3] Q, sum[key: where k % 2 == 0] K)",
])("scores of blocks by rows that are made of rows are: %s", (score) => {
  expect(scored(score)).toEqual(everywhere());
});

test.each([
  "max[query] max[key] s",
  "mean[query] (0.5 * mean[key] (s * s) + q)",
  "max[query: where q % 4 == 1] (max[key: where k % 4 == 1] s - max[row: where k % 4 == 1] s) + 1.0",
  "sum[query] exp(max[key] (scale * dot(Q, K)) - min[row] s) + scale * dot(mean[query] Q, mean[key] K)",
  "mean[query: where q > 3] max[key: last 5] s + max[query: first 3] mean[key: first n] s",
  "max[key] max[query] s + sum[key: where k > 2] sum[query: last n] s",
])("scores of blocks by their pairs are: %s", (score) => expect(scored(score)).toEqual(everywhere()));

test("scores by pairs whose clauses read lengths of rows are not", () => {
  const attention = attentionOf(`
    sparsity best { blocks 8 x 8 score max[query] max[key] s keep top 2 }
    attention t { score s / norm(Q) sparsity best }`);
  const constructs = TARGETS.map((target) => findUncompiled(attention, target).map((each) => each.construct));
  expect(constructs).toEqual(everywhere("sparsity score"));
});

test.each([
  ...["dot(max[query: where q > 3] Q, mean[key] K)", "dot(mean[group] mean[query] Q, mean[key] K)"],
  "dot(mean[query: where h > 0] Q, mean[key] K)",
  ...["dot(mean[query] Q, mean[query] Q)", "dot(mean[query: last i] Q, mean[key] K)"],
  // A maximum of nothing is no number to choose by.
  ...["dot(max[query: last 0] Q, mean[key] K)", "dot(max[query: last n - 1] Q, mean[key] K)"],
  ...["max[key] mean[query] s", "max[key] (2.0 * max[query] s)", "max[query] max[key: where s > 0.5] s"],
  ...[
    "max[query] mean[key: where k > 3] s",
    "max[query] (max[key] s + min[key] s)",
    "mean[query] max[key] softmax[key] s",
  ],
  ...["max[query] (max[key] s - mean[row] s)", "max[query] dot(Q, mean[key] K)"],
  [1, 2, 3, 4, 5].map((n) => `dot(sum[query: last ${n}] Q, sum[key] K)`).join(" + "),
])("others are not: %s", (score) => {
  expect(scored(score)).toEqual(everywhere("sparsity score"));
});

test.each([
  ...["mean[key] s", "max[key: first 3] softmax[key] s", "dot(Q, mean[key: last 4] K)"],
  "min[key: where k <= q] (s + 1.0)",
])("rows are sorted by what they are worth to keys: %s", (value) => {
  expect(found(`of query per head order by ${value}`)).toEqual(everywhere());
});

test.each(["dot(Q, Q)", "mean[key: where s > 0.5] s", "max[key] softmax[query] s"])("and not by this: %s", (value) => {
  expect(found(`of query per head order by ${value}`)).toEqual(everywhere("permute order by"));
});

const foundOf = (clauses: string) => {
  const attention = attentionOf(`attention t { mask q >= k ${clauses} }`);
  return TARGETS.map((target) =>
    findUncompiled(attention, target).map((each) => "construct" in each && each.construct),
  );
};

test.each([
  ...[
    "lse",
    "mean[query] lse",
    "lse - max[key] s",
    "max[query] (if p > 0.5 then q else -1)",
    "count[key] (not visible)",
  ],
  ...["all[query] (p < 0.5)", "sum[key] (if visible then q - k else 3)"],
])("outputs are compiled on every target: %s", (value) => {
  for (const normalize of ["", "normalize none", "normalize sum"])
    expect(foundOf(`${normalize} output told = ${value}`)).toEqual(everywhere());
});

test.each([
  ["sum[key] (if visible then 0 else k)", "sum[key] of what hidden pairs have too"],
  ["mean[key] exp(p)", "mean[key] of what hidden pairs have too"],
  ["max[key] dot(Q, K)", "dot"],
  ["max[key] mean[head] p", "mean[head] of pairs"],
  ["sum[key] (if p > 0.5 * max[key] p then 1 else 0)", "a reduction of pairs and of reductions"],
  ["sum[query] rank[key] sum[query] p", "rank[key]"],
])("others are not: %s", (value, why) => {
  expect(foundOf(`output told = ${value}`)).toEqual(everywhere(`output told: ${why}`));
});
test.each(["mask k % 2 == kv", "score s * len(kv)", "output mass = sum[query] p"])(
  "heads that have keys of their own may ask for the KV head, and for the map: %s",
  (clause) => {
    expect(found("of key per head order by k * h % 5", clause)).toEqual(everywhere());
  },
);
