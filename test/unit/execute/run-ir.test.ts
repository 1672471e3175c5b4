import { describe, expect, test } from "vitest";
import { irRunner, optimizedRunner } from "../../../src/execute/run-ir.ts";
import { attend } from "../../../src/reference/attention.ts";
import type { Result } from "../../../src/spec/case.ts";
import { attentionOf } from "../../check.ts";
import { type CallOptions, callOf } from "./calls.ts";

/** f64 against f64: only the order of sums may differ. */
function expectClose(got: Result, wanted: Result): void {
  for (const name of ["out", "lse"] as const) {
    for (const [index, value] of wanted[name]!.entries()) {
      const ours = got[name]![index]!;
      const isClose = ours === value || Math.abs(ours - value) <= 1e-10 * Math.max(1, Math.abs(value));
      if (!isClose) throw new Error(`${name}[${index}] is ${ours}, not ${value}`);
    }
  }
}

async function expectReference(text: string, options?: CallOptions): Promise<void> {
  const call = callOf(attentionOf(text), options);
  const wanted = attend(call);
  for (const runner of [irRunner, optimizedRunner]) expectClose(await runner.run(call), wanted);
}

const features: Readonly<Record<string, string>> = {
  "no mask": "attention t { }",
  causal: "attention t { mask q >= k }",
  "several masks": "attention t(w: int = 4) { mask q >= k mask q - k < w or k < 2 mask k % 3 != 1 }",
  grid: "attention t { grid (y, x: 3) mask abs(q.y - k.y) <= 1 and q.x != k.x }",
  "grid from an origin": "attention t { grid (z, y: 2, x: 2) from 1 mask q.z >= k.z or q.y == k.x }",
  "composed scores": "attention t(cap: float = 1.5) { score s * 2 score cap * tanh(s / cap) score s + 0.1 * (k - q) }",
  "scale of the head": "attention t(c: f32[head]) { scale abs(c) score s + scale }",
  "norms of the rows": "attention t { score s / (1 + norm(Q) * norm(K)) }",
  "cosine of the rows": "attention t { scale 1.0 score cosine(Q, K) * 7.0 }",
  "norm of the value": "attention t { weight p / (1 + norm(V)) }",
  "implicit axes": "attention t(a: f32[batch, head], c: f32[kv]) { score s * a + c }",
  "bias of rows and keys": "attention t(bias: f32[head, query, key]) { score s + bias[q, k] }",
  "rows out of range": "attention t(bias: f32[query]) { score s + bias[q + 100] - bias[0 - q] }",
  "keys out of range": "attention t(doc: i32[batch, token]) { mask doc[k + 3] >= doc[q - 50] }",
  "fresh axis": "attention t(table: f32[kv, n]) { score s + table[clamp(q - k + n // 2, 0, n - 1)] }",
  "bool tensor": "attention t(tree: bool[n, n]) { mask tree[q, k] or q == k }",
  "const parameter": "attention t(const size: int = 3) { mask k // size <= q // size }",
  sink: "attention t(z: f32[head]) { mask q > k normalize softmax(sink = z) }",
  "softmax plus one": "attention t { mask q > k normalize softmax_plus_one }",
  sum: "attention t { mask q > k score exp(s) normalize sum }",
  none: "attention t { mask q >= k score sigmoid(s) normalize none }",
  "uniform where empty": "attention t { mask k > q + 5 empty uniform weight p * 3 }",
  "scores of −inf": "attention t { score if k % 2 == 0 then s else 0.0 - exp(10000.0) }",
  dropout: "attention t(seed: int = 7) { weight if random(seed, b, h, q, k) < 0.5 then 0 else p / 0.5 }",
  "weights in order": "attention t { weight p * p weight p + (if q == k then 1 else 0) weight p * lse + s }",
  "alignment at the start": "attention t { align start mask q >= k }",
  "alignment by an expression": "attention t(a: int = 2) { align len(key) - len(query) - a mask q >= k }",
  lengths:
    "attention t { score s + len(key) - len(query) + len(group) * 0.1 + len(dim) + len(value_dim) + len(batch) }",
};

describe("the expressions run like the reference", () => {
  test.each(Object.entries(features))("%s", async (_, text) => {
    await expectReference(text);
    await expectReference(text, { shape: { queries: 3, keys: 11 }, keyLengths: [4, 11] });
    await expectReference(text, { shape: { heads: 2, kvHeads: 2, queries: 5, keys: 7 }, queryStart: [1, 40] });
  });

  test.each(["queries", "keys"] as const)("no %s", async (axis) => {
    await expectReference("attention t { mask q >= k }", { shape: { [axis]: 0 } });
    await expectReference("attention t { empty uniform }", { shape: { [axis]: 0 } });
  });

  test("a batch without keys", async () => {
    await expectReference("attention t(z: float = 0.5) { normalize softmax(sink = z) }", { keyLengths: [0, 3] });
  });

  test("a row that sees nothing is an error where the attention says so", async () => {
    const call = callOf(attentionOf("attention t { mask k > q empty error }"));
    await expect(irRunner.run(call)).rejects.toThrow("no key is visible");
  });
});
