import { describe, expect, test } from "vitest";
import { lowerAttention } from "../../../src/ir/lower.ts";
import { printAttention } from "../../../src/ir/print.ts";
import { validate } from "../../../src/ir/validate.ts";
import type { Value } from "../../../src/ops/op.ts";
import { attentionOf } from "../../check.ts";

function lowered(text: string, consts: Record<string, Value> = {}) {
  const attention = lowerAttention(attentionOf(text), { consts });
  expect(validate(attention)).toEqual([]);
  return attention;
}

/** The dump without its first line. */
function dump(text: string, consts?: Record<string, Value>): string {
  return printAttention(lowered(text, consts)).split("\n").slice(1, -1).join("\n");
}

/** The lines of the dump that begin with one of the names. */
function lines(text: string, ...names: readonly string[]): string {
  return dump(text)
    .split("\n")
    .map((line) => line.trim().replace(/ +/g, " "))
    .filter((line) => names.includes(line.split(" ")[0]!))
    .join("\n");
}

describe("lowering", () => {
  test("masks are joined, the scale and the alignment have their defaults", () => {
    expect(dump("attention t(w: int in 1.. = 4) { mask q >= k mask q - k < w output lse }")).toBe(
      [
        "  param      w: int in 1.. = 4",
        "  queryStart sub(len(keys), len(queries))",
        "  mask       and(ge(q, k), lt(sub(q, k), w))",
        "  scale      rsqrt(toFloat(len(dim)))",
        "  score      s",
        "  weight     p",
        "  normalize  softmax",
        "  empty      zero",
        "  output     lse",
      ].join("\n"),
    );
  });

  test("an attention without clauses sees everything", () => {
    expect(lines("attention t { }", "mask", "score", "weight")).toBe("mask true\nscore s\nweight p");
  });

  test("each score and each weight goes into the next one", () => {
    const text = "attention t { score s * 2 score s + s weight p * s weight p + lse scale 0.5 }";
    expect(lines(text, "%1", "score", "weight", "scale")).toBe(
      "scale 0.5\n%1 = mul(s, 2.0)\nscore add(%1, %1)\nweight add(mul(p, s), lse)",
    );
  });

  test("`scale` stands for what the clause says", () => {
    expect(lines("attention t(c: float) { scale c * 2 score s / scale }", "score")).toBe("score div(s, mul(c, 2.0))");
  });

  test("coordinates of a grid are row-major, and only the outermost is not wrapped", () => {
    const text = "attention t { grid (z, y: 4, x: 5) from 2 mask q.z == k.y and q.x == len(z) }";
    expect(lines(text, "%1", "extent", "mask")).toBe(
      [
        "extent z",
        "%1 = sub(q, 2)",
        "mask and(eq(floorDiv(%1, mul(mul(1, 4), 5)), floorMod(floorDiv(sub(k, 2), mul(1, 5)), 4)), " +
          "eq(floorMod(floorDiv(%1, 1), 5), len(axis:z)))",
      ].join("\n"),
    );
  });

  test("every axis of a captured tensor is read by an index", () => {
    const text = "attention t(a: f32[batch, head, query, key], t: f32[kv, n]) { score a[q, k] + t[n - 1] }";
    expect(lines(text, "tensor", "score")).toBe(
      [
        "tensor a: f32[len(batch), len(heads), len(queries), len(keys)]",
        "tensor t: f32[len(kvHeads), len(axis:n)]",
        "score add(a[b, h, sub(q, query_start), k], t[kv, sub(len(axis:n), 1)])",
      ].join("\n"),
    );
  });

  test("a row that is not the current one is clamped before it is counted from the first", () => {
    expect(lines("attention t(a: f32[query]) { score a[k] }", "%1", "score")).toBe(
      "score a[sub(min(max(k, query_start), add(query_start, sub(len(queries), 1))), query_start)]",
    );
  });

  test("const parameters become numbers, floats rounded to f32", () => {
    const text = "attention t(const n: int, const r: float = 0.1) { mask k < n score s + r }";
    const { mask, score, params } = lowered(text, { n: 7 });
    expect([mask, score].map((expr) => (expr.kind === "op" ? expr.args[1] : expr))).toMatchObject([
      { kind: "const", value: 7 },
      { kind: "const", value: Math.fround(0.1) },
    ]);
    expect(params).toEqual([]);
  });

  test("bounds that const parameters give are promises like written ones", () => {
    const text = "attention t(const n: int = 8, m: int in 1..n, ids: i32[key] in 0..n) { mask ids[k] < m }";
    expect(lowered(text)).toMatchObject({
      params: [{ name: "m", range: { low: 1, high: 8 } }],
      tensors: [{ name: "ids", range: { low: 0, high: 8 } }],
    });
  });

  test("lengths of all axes", () => {
    const text = "attention t { grid (y: 4) score s + len(batch) + len(group) + len(token) + len(y) + len(value_dim) }";
    expect(lines(text, "%1", "score")).toBe(
      "%1 = add(add(add(s, toFloat(len(batch))), toFloat(floorDiv(len(heads), len(kvHeads)))), toFloat(len(keys)))\n" +
        "score add(add(%1, toFloat(4)), toFloat(len(valueDim)))",
    );
  });

  test("products of row vectors are quantities", () => {
    expect(lines("attention t { score s + dot(K, Q) + norm(K) }", "score")).toBe(
      "score add(add(s, dot(Q, K)), sqrt(dot(K, K)))",
    );
  });

  test("a const parameter without a value is for the caller to refuse", () => {
    expect(() => lowered("attention t(const n: int) { mask k < n }")).toThrow("const parameter n has no value");
  });
});
