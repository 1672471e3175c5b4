// One mistake, one problem: what is broken costs nothing but itself.

import { expect, test } from "vitest";
import { outline } from "../../corpus/outline.ts";
import { problemsOf, read } from "./read.ts";

test("several independent problems are found at once, in the order of the text", () => {
  const text = `mask a = q >=
score cap(c: float = s * c
attention x {
  msk a
  score if q > k then s
}
fn f(x) = x &&& 1
`;
  expect(problemsOf(text)).toEqual([
    "E0105 1:14 expected an expression after `>=`",
    "E0120 2:10 `(` is never closed",
    "E0109 4:3 `msk` begins no clause",
    "E0112 5:24 this `if` has no `else`",
    "E0107 7:13 `&&` is not written in this language",
    "E0105 7:15 expected an expression after `and`, but `&` follows",
  ]);
});

test("the declarations after a broken one survive", () => {
  const text = "mask a = (\nmask c = q >= k\nattention t { mask\nfn f(x = x\nfn g(x) = x";
  expect(outline(read(text).file)).toBe("broken a\nmask c\n  (q >= k)\nbroken t\nbroken f\nfn g\n  param x\n  x");
});

test("the clauses after a broken one survive", () => {
  const text = "attention t { mask q >= score s * 2.0 frobnicate 3 scale 0.5 weight (p output lse }";
  expect(outline(read(text).file)).toBe("attention t\n  broken\n  score (s * 2.0)\n  broken\n  scale 0.5\n  broken");
});

test("a broken declaration keeps its name, so that its uses are no news", () => {
  expect(outline(read('mask near(window int) = q\nimport { a, c } "std').file)).toBe("broken near\nbroken a c");
});

test("what follows from a problem is not reported again", () => {
  expect(problemsOf("mask near q - k < 8")).toEqual(["E0105 1:10 expected `=` after `near`"]);
  expect(problemsOf("attention t mask causal }")).toEqual([
    "E0105 1:12 expected `{` after `t`",
    "E0106 1:25 `}` closes nothing",
  ]);
  expect(problemsOf("mask a = q ? k : 0")).toEqual(["E0107 1:12 `?` is not written in this language"]);
  expect(problemsOf("mask 2nd = q")).toEqual(["E0103 1:6 `2nd` is not a number"]);
});

test("a keyword right after an operator begins the next clause", () => {
  expect(problemsOf("attention t { mask q >= k and score softcap(50.0) }")).toEqual([
    "E0105 1:30 expected an expression after `and`, but `score` follows",
  ]);
});

test("a brace that is not closed costs one declaration", () => {
  expect(problemsOf("attention t {\n  mask causal\n\nfn f(x) = x\n\nfn g(x) = x\n")).toEqual([
    "E0120 1:13 `{` is never closed",
  ]);
});

test("clauses may stand in the first column as long as brackets are in pairs", () => {
  expect(problemsOf("attention t {\nmask causal\nscore s\n}\n")).toEqual([]);
});
