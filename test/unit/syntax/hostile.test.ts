// Text that nobody means well: the work is bounded, the answer is a located problem, and nothing throws.

import { expect, test } from "vitest";
import { NESTING_LIMIT, PROBLEM_LIMIT, SIZE_LIMIT, TERM_LIMIT } from "../../../src/syntax/limits.ts";
import { problemsOf, read } from "./read.ts";

const codes = (text: string) => [...new Set(read(text).problems.map(({ code }) => code))];
const filled = (piece: string) => piece.repeat(SIZE_LIMIT / 8 / piece.length);

test("a file of blanks is empty, a file of comments is not", () => {
  expect(problemsOf("")).toEqual(["E0113 1:1 the file `test.attn` is empty"]);
  expect(codes("\uFEFF \r\n\t\n")).toEqual(["E0113"]);
  expect(codes("// Nothing yet.")).toEqual([]);
});

test("ten megabytes are refused without being read", () => {
  const { problems, file } = read("\0\u00ff(".repeat(10_000_000 / 3));
  expect(problems.map(({ code }) => code)).toEqual(["E0114"]);
  expect(file.declarations).toEqual([]);
  expect(codes(`${" ".repeat(SIZE_LIMIT - 10)}mask a = q`)).toEqual([]);
});

test("ten thousand parentheses, prefixes or conditions are one problem", () => {
  const nested = (open: string, close = "") => `fn f(x) = ${open.repeat(10_000)}x${close.repeat(10_000)}\nfn g = 1`;
  for (const text of [
    nested("(", ")"),
    nested("f(", ")"),
    nested("x[", "]"),
    nested("-"),
    nested("not "),
    nested("x ** "),
    nested("if x then 1 else "),
    nested("if if x then 1 else ", ""),
    nested("sum[q] "),
    nested("(-", ")"),
  ]) {
    const { problems, file } = read(text);
    expect(problems.map(({ code }) => code)).toEqual(["E0115"]);
    expect(file.declarations.map(({ kind }) => kind)).toEqual(["broken", "fn"]);
  }
  expect(codes("(".repeat(10_000))).toEqual(["E0120"]);
  expect(codes(`attention t ${"{".repeat(10_000)}`)).toEqual(["E0120"]);
});

test("nesting up to the limit is read", () => {
  const deep = (levels: number) => codes(`mask a = ${"(".repeat(levels)}q${")".repeat(levels)}`);
  expect(deep(NESTING_LIMIT)).toEqual([]);
  expect(deep(NESTING_LIMIT + 1)).toEqual(["E0115"]);
});

test("long expressions are read up to the limit, whatever their operators", () => {
  for (const operator of ["+", "and", "<", "//", "-"]) {
    const chain = (terms: number) => codes(`fn f(x) = x${` ${operator} x`.repeat(terms - 1)}`);
    expect(chain(TERM_LIMIT)).toEqual([]);
    expect(chain(TERM_LIMIT + 1)).toEqual(["E0116"]);
  }
  expect(codes(`fn f(x) = max(${"x, ".repeat(10_000)}x)`)).toEqual(["E0116"]);
});

test("noise gives a hundred problems at most", () => {
  const letters = "mask score fn attention { } ( ) = 1 q >= ; && ' \0 é".split(" ");
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return letters[(state >>> 16) % letters.length];
  };
  const noise = Array.from({ length: 30_000 }, next).join(" ");
  for (const text of [noise, filled("mask "), filled("mask a = \n"), filled("; "), filled("attention t { mask q+ ")]) {
    const { problems } = read(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(PROBLEM_LIMIT);
  }
});

test("one attention with very many broken clauses is read in time", () => {
  expect(read(`attention t { ${"mask q+ ".repeat(10_000)} }`).problems.length).toBe(PROBLEM_LIMIT);
});

test("characters that cannot be seen are named", () => {
  expect(problemsOf("mask a = \0\0 q")).toEqual(["E0101 1:10 `U+0000U+0000` is no part of the language"]);
  expect(problemsOf("mask a = q \u200b>= k")).toEqual(["E0101 1:12 `U+200B` is no part of the language"]);
});
