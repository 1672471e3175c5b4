// Names across files.

import { expect, test } from "vitest";
import { checked, expectClean, expectProblem, problemsOf } from "../../check.ts";

test("the order of declarations does not matter", () => {
  expectClean("attention a { mask near(8) }\nmask near(w: int) = ahead(q, k) < w\nfn ahead(i: int, j: int) = i - j");
});

test("an axis may be called like a declaration", () => {
  expectClean("mask y = q >= k\nattention x { grid (y, x) mask y and k.x < len(x) and k.y < len(y) }");
  expectProblem(
    'import { causal } from "std"\nattention a { grid (causal, x) mask k.x < len(causal) }',
    "W0201",
    "causal",
  );
});

test("a name that `//` divides by may have been meant for a comment", () => {
  const [{ hint } = {}] = checked("attention a {\n  mask q >= k // looking\n}").diagnostics;
  expect(hint).toMatch(/write two blanks before `\/\/`/);
});

test("what a file imports is not to be had from it", () => {
  const files = { "./middle.attn": 'import { causal } from "std"\nmask middle = causal' };
  expectClean('import { middle } from "./middle.attn"\nattention a { mask middle }', files);
  expectProblem('import { causal } from "./middle.attn"\nattention a { mask causal }', "E0202", "causal", files);
});

test("a name from two files is taken", () => {
  const files = { "./own.attn": "mask causal = q > k" };
  const text = 'import { causal } from "std"\nimport { causal } from "./own.attn"\nattention a { mask causal }';
  const found = problemsOf(text, files);
  expect(found.map(({ code }) => code)).toEqual(["E0203"]);
});

test("names of a file that was not found are passed over in silence", () => {
  const found = problemsOf('import { near, far } from "./nowhere.attn"\nattention a { mask near and far(3) }');
  expect(found.map(({ code }) => code)).toEqual(["E0117"]);
});

test("a circle through two files is found", () => {
  const files = {
    "./one.attn": 'import { two } from "./two.attn"\nfn one(x: int) = two(x)',
    "./two.attn": 'import { one } from "./one.attn"\nfn two(x: int) = one(x)',
  };
  const codes = problemsOf('import { one } from "./one.attn"\nattention a { mask one(q) > k }', files).map(
    ({ code }) => code,
  );
  expect(codes).toContain("E0118");
  expect(codes.filter((code) => !["E0118", "E0205"].includes(code))).toEqual([]);
});

test("problems of an imported file are shown in that file", () => {
  const files = { "./wrong.attn": "mask wrong = q - k" };
  expectProblem('import { wrong } from "./wrong.attn"\nattention a { mask wrong }', "E0301", "q - k", files);
});

test("two circles with a common declaration are reported once each at most, and nothing else is", () => {
  const text = "fn a1(x: int) = b1(x) + c1(x)\nfn b1(x: int) = a1(x)\nfn c1(x: int) = b1(x)\nmask m = a1(q) > c1(k)";
  const found = problemsOf(text).map(({ code }) => code);
  expect(new Set(found)).toEqual(new Set(["E0205"]));
});

test.for(["b", "h", "kv", "q", "k", "s", "p", "Q", "K", "V", "O", "lse", "scale", "softmax", "mean"])(
  "`%s` is not to be had as a name",
  (name) => {
    expect(problemsOf(`mask m(${name}: int) = k < 1`).map(({ code }) => code)).toContain("E0204");
    expect(problemsOf(`mask ${name} = k < 1`).map(({ code }) => code)).toContain("E0204");
  },
);

test("a parameter with a reserved name in a function is free", () => {
  expectClean("fn f(q: int, k: int, s: float, scale: float, O: int) = s * scale + q - k + O");
});
