// What expressions become: types, operations, and which nodes are shared. Expressions are shown as `src/spec/print.ts`
// writes them.

import { expect, test } from "vitest";
import { printAttention } from "../../../src/spec/print.ts";
import { attentionOf, expectProblem } from "../../check.ts";

/** The printed lines of an attention whose only clause is given, without the fixed ones. */
function clause(text: string, params = "", before = ""): string[] {
  const lines = printAttention(attentionOf(`${before}\nattention a${params} { ${text} }`, "a")).split("\n");
  return lines
    .map((line) => line.trim())
    .filter(
      (line) =>
        /^(?:mask|score|weight|scale|sink|align|%\d+)\b/.test(line) &&
        !/^align: sub\(len\(key\), len\(query\)\)$/.test(line),
    );
}

test.for([
  ["score s + 1", "add(s, 1.0)"],
  ["score q - k", "toFloat(sub(q, k))"],
  ["score q / 2", "div(toFloat(q), 2.0)"],
  ["score q // 2", "toFloat(floorDiv(q, 2))"],
  ["score s // 2", "floorDiv(s, 2.0)"],
  ["score s % q", "floorMod(s, toFloat(q))"],
  ["score 2 ** q", "toFloat(pow(2, q))"],
  ["score 2.0 ** q", "pow(2.0, toFloat(q))"],
  ["score -s", "neg(s)"],
  ["score -2 * s", "mul(-2.0, s)"],
  ["score if q >= k then s else 0", "select(ge(q, k), s, 0.0)"],
  ["score relu(s)", "max(s, 0.0)"],
  ["score relu(q - k)", "toFloat(max(sub(q, k), 0))"],
  ["score clamp(s, -1, 1)", "min(max(s, -1.0), 1.0)"],
  ["score min(s, 1, q)", "min(min(s, 1.0), toFloat(q))"],
  ["score floor(s)", "toFloat(floor(s))"],
  ["score floor(q)", "toFloat(q)"],
  ["score int(s)", "toFloat(truncate(s))"],
  ["score exp(q)", "exp(toFloat(q))"],
  ["score dot(K, Q) * scale", "mul(dot(Q, K), scale)"],
  ["score norm(K)", "sqrt(dot(K, K))"],
  ["score cosine(Q, K)", "div(dot(Q, K), mul(sqrt(dot(Q, Q)), sqrt(dot(K, K))))"],
  ["score random(7, q, k)", "randomUnit(randomMix(randomMix(randomSeed(7), q), k))"],
  ["score len(token) - len(group)", "toFloat(sub(len(key), floorDiv(len(head), len(kv))))"],
  ["weight p * lse", "mul(p, lse)"],
] as const)("%s is %s", ([text, expected]) => {
  expect(clause(text)).toEqual([`${text.split(" ")[0]} ${text.split(" ")[0]}: ${expected}`]);
});

test.for([
  ["mask q | 1 == k ^ 2 & 3", "eq(bitOr(q, 1), bitXor(k, bitAnd(2, 3)))"],
  ["mask q << 1 == k >> 2", "eq(shiftLeft(q, 1), shiftRight(k, 2))"],
  ["mask not q == k", "not(eq(q, k))"],
  ["mask (q == k) != (h == 0)", "ne(eq(q, k), eq(h, 0))"],
  ["mask q < 1.5", "lt(toFloat(q), 1.5)"],
] as const)("%s is %s", ([text, expected]) => {
  expect(clause(text)).toEqual([`mask mask: ${expected}`]);
});

test("a chain of comparisons shares its middle", () => {
  expect(clause("mask 0 <= q - k < 8 != 3")).toEqual([
    "%1 = sub(q, k)",
    "mask mask: and(and(le(0, %1), lt(%1, 8)), ne(8, 3))",
  ]);
});

test("equal expressions are one node, wherever they are written", () => {
  const { masks } = attentionOf(
    "fn twice(x: int) = x + x\nattention a { mask twice(q - k) > 0 mask twice(q - k) < 9 }",
  );
  const [first, second] = masks.map(({ value }) => (value.kind === "apply" ? value.args[0] : undefined));
  expect(first).toBe(second);
});

test("forty functions that each call the one before twice stay small", () => {
  const doubled = Array.from({ length: 40 }, (_, i) => `fn f${i + 1}(x: int) = f${i}(x) + f${i}(x)`);
  const start = performance.now();
  const lines = clause("mask f40(q) > k", "", ["fn f0(x: int) = x + 1", ...doubled].join("\n"));
  expect(lines).toHaveLength(41);
  expect(performance.now() - start).toBeLessThan(1000);
});

test("the functions of the library are replaced by their bodies", () => {
  expect(clause("mask causal and sliding_window(4)", "", 'import { causal, sliding_window } from "std"')).toEqual([
    "%1 = sub(q, k)",
    "mask mask: and(ge(q, k), and(le(0, %1), lt(%1, 4)))",
  ]);
});

test("a function's parameters may have the names of positions, and take any type", () => {
  expect(clause("mask later(k, q) and later(1.5, 2)", "", "fn later(q, k) = q > k")).toEqual([
    "mask mask: and(gt(k, q), gt(1.5, 2.0))",
  ]);
});

test("a function may take vectors", () => {
  expect(clause("score alike(Q, K) + alike(K, K)", "", "fn alike(a, b) = dot(a, b)")).toEqual([
    "score score: add(dot(Q, K), dot(K, K))",
  ]);
});

test("defaults stand in for arguments that are left out", () => {
  const before = "mask near(window: int in 1.. = 4, only: bool = false) = q - k < window and (only or q >= k)";
  expect(clause("mask near", "", before)).toEqual(["mask near: and(lt(sub(q, k), 4), or(false, ge(q, k)))"]);
  expect(clause("mask near(9)", "", before)).toEqual(["mask near: and(lt(sub(q, k), 9), or(false, ge(q, k)))"]);
});

test("masks stand in masks of their own file only under their own names", () => {
  const files = { "./windows.attn": "fn half(x: int) = x // 2\nmask near(n: int) = q - k < half(n)" };
  const text =
    'import { near } from "./windows.attn"\nfn half(x: int) = x * 100\nattention a { mask near(8) and half(q) > k }';
  expect(printAttention(attentionOf(text, "a", files))).toContain(
    "and(lt(sub(q, k), floorDiv(8, 2)), gt(mul(q, 100), k))",
  );
});

test("a parameter shadows a declaration", () => {
  const before = "mask limit = q >= k\nmask near(limit: int) = q - k < limit";
  expect(clause("mask near(5) and limit", "", before)).toEqual(["mask mask: and(lt(sub(q, k), 5), ge(q, k))"]);
});

test("the smallest int is a literal", () => {
  expect(clause("mask q > -2147483648")).toEqual(["mask mask: gt(q, -2147483648)"]);
});

test("problems of a body that only a call can have point at the call", () => {
  const text = "fn both(a, b) = a and b\nattention a { mask both(q >= k, q) }";
  const { secondary } = expectProblem(text, "E0302", "b");
  expect(secondary.map((label) => label.text)).toContain("called from here");
});
