// What is described and not compiled is said, with its place: nothing that has one is lowered.

import { expect, test } from "vitest";
import { findUncompiled } from "../../../src/schedule/uncompiled.ts";
import { TARGETS } from "../../../targets/index.ts";
import { attentionOf } from "../execute/calls.ts";

const found = (permutation: string, rest = "") => {
  const attention = attentionOf(`permutation order { ${permutation} }\nattention t { permute order ${rest} }`);
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
  "mean[query: last 8] softmax[key: first 16] (scale * dot(Q, K)) descending",
  "sum[query] s, k",
  "max[query: first 3] (dot(Q, K) + 1.0)",
  "dot(mean[query: last 4] Q, K)",
  "dot(K, sum[query] Q) * 0.5",
])("orders by what rows make of keys are: %s", (value) => {
  expect(found(`of key per head order by ${value}`)).toEqual(everywhere());
  expect(found(`of token per head order by ${value}`)).toEqual(everywhere());
});

test.each([
  ...["dot(K, K)", "dot(max[query] Q, K)", "mean[query: where q > 3] s", "mean[query] softmax[query] s"],
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
])("scores of blocks by rows that are made of rows are: %s", (score) => {
  expect(scored(score)).toEqual(everywhere());
});

test.each([
  ...[
    "max[query] max[key] s",
    "dot(mean[query: where q > 3] Q, mean[key] K)",
    "dot(mean[group] mean[query] Q, mean[key] K)",
  ],
  ...["dot(mean[query] Q, mean[query] Q)", "dot(mean[query: last i] Q, mean[key] K)"],
  // A maximum of nothing is no number to choose by.
  ...["dot(max[query: last 0] Q, mean[key] K)", "dot(max[query: last n - 1] Q, mean[key] K)"],
  [1, 2, 3, 4, 5].map((n) => `dot(sum[query: last ${n}] Q, sum[key] K)`).join(" + "),
])("others are not: %s", (score) => {
  expect(scored(score)).toEqual(everywhere("sparsity score"));
});

test("rows are not sorted by scores", () => {
  expect(found("of query per head order by mean[key] s")).toEqual(everywhere("permute order by"));
});

test("where every head has keys of its own, nothing may ask for the KV head", () => {
  const own = "of key per head order by k * h % 5";
  expect(found(own, "mask k % 2 == kv")).toEqual(everywhere("permute per head beside kv"));
  expect(found(own, "score s * len(kv)")).toEqual(everywhere("permute per head beside kv"));
  const [wasm] = found(own, "output mass = sum[query] p");
  expect(wasm).toContain("permute per head beside outputs");
  expect(found("of query per head order by q * h % 5", "mask k % 2 == kv")).toEqual(everywhere());
});
