// When a warning is worth its line, and when it is not.

import { expect, test } from "vitest";
import { expectClean, expectProblem, problemsOf } from "../../check.ts";

const codes = (text: string) => problemsOf(text).map(({ code }) => code);

test.for([
  "mask random(1, q, k) < rate",
  "mask table[k] < rate",
  "mask max(table[k], abs(rate)) <= 0.5",
  "mask if h == 0 then table[k] < rate else table[q] > 0.5",
  "mask floor(table[k]) == q",
  "score if s / 2 < q / 3 then s else 0",
])("no doubt: %s", (clause) => {
  expect(codes(`attention a(rate: float, table: f32[token]) { ${clause} weight p * rate * table[k] }`)).toEqual([]);
});

test.for([
  ["mask q / 2 < k", "q / 2 < k"],
  ["mask rate * 2 < 1", "rate * 2 < 1"],
  ["mask exp(rate) == 1", "exp(rate) == 1"],
  ["mask floor(rate * 3) == q", "floor(rate * 3)"],
  ["mask near(rate + 1.0)", "bound > 0.5"],
])("a computed float decides: %s", ([clause, covered]) => {
  const near = "fn near(bound) = bound > 0.5\n";
  expectProblem(
    `${clause!.includes("near") ? near : ""}attention a(rate: float) { ${clause} weight p * rate }`,
    "W0301",
    covered!,
  );
});

test.for([
  "doc[q] == doc[k]",
  "doc[max(k - 1, 0)] == 0",
  "doc[min(k + 1, len(key) - 1)] == 0",
  "doc[k // 2] == 0",
  "doc[k % len(token)] == 0",
  "doc[clamp(q - k, 0, len(token) - 1)] == 0",
  "doc[if q >= k then k else len(key) - 1] == 0",
  "table[clamp(k, 0, n - 1)]",
  "table[k % n]",
  "eight[k % 8] and eight[7] and eight[k & 7]",
  "sized[clamp(k, 0, size - 1)]",
  "bias[q, k] > 0",
])("in range: %s", (mask) => {
  const params =
    "doc: i32[token], table: bool[n], eight: bool[8], const size: int, sized: bool[size], bias: i32[query, key]";
  expect(codes(`attention a(${params}) { mask ${mask} }`).filter((code) => code !== "W0202")).toEqual([]);
});

test.for(["doc[k + 1]", "doc[q - k]", "doc[h]", "rows[k]", "eight[k % 9]", "eight[8]", "table[n]"])(
  "not in range: %s",
  (element) => {
    const text = `attention a(doc: i32[token], rows: i32[query], eight: i32[8], table: i32[n]) { mask ${element} == 0 }`;
    expect(codes(text)).toContain("W0302");
  },
);

test("a mask that is used is judged by its uses, one that is not by its own parameters", () => {
  const mask = "mask at(table: bool[n], i: int) = table[i]\n";
  expectProblem(mask, "W0302", "i");
  expectClean(`${mask}attention a(t: bool[8]) { mask at(t, k % 8) }`);
  expectProblem(`${mask}attention a(t: bool[8]) { mask at(t, k) }`, "W0302", "i");
});

test("contracts of functions that are called with anything are proved or doubted", () => {
  const text = (argument: string) =>
    `import { sliding_window } from "std"\nattention a(n: int in 0..8, m: int) { mask sliding_window(${argument}) and m > 0 and n > 0 }`;
  for (const proved of ["2 * n + 1", "max(m, 1)", "n // 2 + 1", "m % 4 + 1"])
    expect(codes(text(proved)), proved).toEqual([]);
  for (const doubtful of ["n", "m"]) expect(codes(text(doubtful)), doubtful).toEqual([]);
  for (const doubtful of ["n - 1", "m * m", "m - n"]) expect(codes(text(doubtful)), doubtful).toEqual(["W0403"]);
  expect(codes(text("0 - n"))).toEqual(["E0412"]);
});

test("a mask that is written to be true is meant", () => {
  expectClean("attention a { mask true }");
  expect(codes("attention a { mask false }")).toEqual(["W0401"]);
});

test("a mistake is not followed by what it entails", () => {
  expect(codes("mask near(window: int) = q - k < windw")).toEqual(["E0201"]);
  expect(codes("mask m = unknown(1) + q\nattention a { mask m and m }")).toEqual(["E0206"]);
});

test("the first score may ignore s", () => {
  expectClean("attention a { score cosine(Q, K) score s * 2.0 }");
});
