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

test.each([
  ...["mean[key] s", "max[key: first 3] softmax[key] s", "dot(Q, mean[key: last 4] K)"],
  "min[key: where k <= q] (s + 1.0)",
])("rows are sorted by what they are worth to keys: %s", (value) => {
  expect(found(`of query per head order by ${value}`)).toEqual(everywhere());
});

test.each(["dot(Q, Q)", "mean[key: where s > 0.5] s", "max[key] softmax[query] s"])("and not by this: %s", (value) => {
  expect(found(`of query per head order by ${value}`)).toEqual(everywhere("permute order by"));
});

test.each(["mask k % 2 == kv", "score s * len(kv)", "output mass = sum[query] p"])(
  "heads that have keys of their own may ask for the KV head, and for the map: %s",
  (clause) => {
    expect(found("of key per head order by k * h % 5", clause)).toEqual(everywhere());
  },
);
