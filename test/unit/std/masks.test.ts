// Every mask of the standard library against a predicate that is written by hand.

import { expect, test } from "vitest";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { maskRows, predicateRows } from "./calls.ts";

const use = (mask: string, params = "", imports = mask.match(/^\w+/)![0]) =>
  `import { ${imports} } from "std"\nattention a${params} { mask ${mask} }`;

const SHAPES = [
  { queries: 12, keys: 12 },
  { queries: 1, keys: 9 },
  { queries: 5, keys: 12 },
];

test.for(SHAPES)("causal, %o", ({ queries, keys }) => {
  const rows = maskRows(use("causal"), { shape: { queries, keys } });
  expect(rows).toEqual(predicateRows(queries, keys, (q, k) => k <= q));
});

test.for([1, 3, 20])("sliding_window of %i", (window) => {
  for (const { queries, keys } of SHAPES) {
    const rows = maskRows(use("sliding_window(w)", "(w: int)"), { shape: { queries, keys }, params: { w: window } });
    expect(rows).toEqual(predicateRows(queries, keys, (q, k) => k <= q && k > q - window));
  }
});

test.for([
  [0, 0],
  [3, 1],
  [0, 4],
])("local of %i before and %i after", ([before, after]) => {
  const rows = maskRows(use(`local(${before}, ${after})`));
  expect(rows).toEqual(predicateRows(12, 12, (q, k) => k >= q - before! && k <= q + after!));
});

test.for([
  [1, 1],
  [3, 2],
  [2, 5],
])("dilated window of %i, every %i-th", ([window, dilation]) => {
  const rows = maskRows(use(`dilated(${window}, ${dilation})`));
  const seen = (q: number) => Array.from({ length: window! }, (_, i) => q - i * dilation!);
  expect(rows).toEqual(predicateRows(12, 12, (q, k) => seen(q).includes(k)));
});

test("prefix_lm", () => {
  const rows = maskRows(use("prefix_lm(n)", "(n: int)"), { params: { n: 5 } });
  expect(rows).toEqual(predicateRows(12, 12, (q, k) => k < 5 || k <= q));
});

test("document, a batch of two", () => {
  const doc = [
    [0, 0, 0, 1, 1, 2],
    [7, 7, 7, 7, 3, 7],
  ];
  const text = use("document(doc)", "(doc: i32[batch, token])");
  const tensors = { doc: makeTensor("i32", [2, 6], doc.flat()) };
  for (const batch of [0, 1]) {
    const rows = maskRows(text, { shape: { batch: 2, keys: 6 }, tensors }, batch);
    expect(rows).toEqual(predicateRows(6, 6, (q, k) => doc[batch]![q] === doc[batch]![k]));
  }
});

test("block_causal", () => {
  const rows = maskRows(use("block_causal(4)"), { shape: { keys: 11 } });
  expect(rows).toEqual(predicateRows(11, 11, (q, k) => k < (Math.floor(q / 4) + 1) * 4));
});

test("sinks beside a window", () => {
  const rows = maskRows(use("causal and (sinks(2) or sliding_window(3))", "", "causal, sinks, sliding_window"));
  expect(rows).toEqual(predicateRows(12, 12, (q, k) => k <= q && (k < 2 || q - k < 3)));
});

test("global_tokens", () => {
  const rows = maskRows(use("global_tokens(2) or local(1, 1)", "", "global_tokens, local"));
  expect(rows).toEqual(predicateRows(12, 12, (q, k) => q < 2 || k < 2 || Math.abs(q - k) <= 1));
});
