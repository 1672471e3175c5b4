// Clauses and inputs of an attention.

import { expect, test } from "vitest";
import { attentionOf, checked, expectClean, expectProblem, specOf } from "../../check.ts";

test("an attention without clauses is full attention", () => {
  const attention = attentionOf("attention a {}");
  expect(attention).toMatchObject({
    params: [],
    tensors: [],
    masks: [],
    scores: [],
    weights: [],
    normalize: { kind: "softmax" },
    empty: "zero",
    outputs: { lse: false },
  });
  expect(attention.scale).toBeUndefined();
  expect(attention.grid).toBeUndefined();
});

test.for([
  ["softmax", { kind: "softmax" }],
  ["softmax(sink = 2)", { kind: "softmax", sink: { kind: "literal", type: "float", value: 2 } }],
  ["softmax_plus_one", { kind: "softmax", sink: { kind: "literal", type: "float", value: 0 } }],
  ["sum", { kind: "sum" }],
  ["none", { kind: "none" }],
] as const)("normalize %s", ([form, expected]) => {
  expect(attentionOf(`attention a { normalize ${form} }`).normalize).toEqual(expected);
});

test.for(["zero", "uniform", "error"])("empty %s", (policy) => {
  expect(attentionOf(`attention a { empty ${policy} }`).empty).toBe(policy);
});

test("alignment by keyword, and by expression", () => {
  const align = (text: string, params = "") => attentionOf(`attention a${params} { align ${text} }`).align;
  expect(align("start")).toEqual({ kind: "literal", type: "int", value: 0 });
  expect(align("end")).toEqual(attentionOf("attention a {}").align);
  expect(align("offset", "(offset: i32[batch])")).toMatchObject({ kind: "element", tensor: "offset", at: [] });
});

test("clauses keep their order and say what they are called", () => {
  const text = `import { causal, softcap, sinks } from "std"
    attention a { score softcap(30) mask causal or sinks(4) score s * 2 mask causal weight p }`;
  const { masks, scores, weights } = attentionOf(text);
  expect(masks.map(({ label }) => label)).toEqual(["mask", "causal"]);
  expect(scores.map(({ label }) => label)).toEqual(["softcap", "score"]);
  expect(weights).toHaveLength(1);
});

test("attentions come in the order of the file, those of imported files do not come", () => {
  const files = { "./other.attn": "mask near = q - k < 8\nattention hidden { mask near }" };
  const text = 'import { near } from "./other.attn"\nattention second { mask near }\nattention first {}';
  expect(specOf(text, files).attentions.map(({ name }) => name.text)).toEqual(["second", "first"]);
});

test("an attention with a mistake is left out, the others stay", () => {
  const text = "mask broken = s > 0\nattention a { mask broken }\nattention good { mask q >= k }";
  const { spec, problems } = checked(text);
  expect(spec.attentions.map(({ name }) => name.text)).toEqual(["good"]);
  expect(problems.map(({ code }) => code)).toEqual(["E0209"]);
});

test("an attention that uses something recursive is left out, and only the recursion is reported", () => {
  const text = "fn f(x: int) = g(x)\nfn g(x: int) = f(x)\nmask m = f(q) > k\nattention a { mask m }";
  const { spec, problems } = checked(text);
  expect(spec.attentions).toEqual([]);
  expect(problems.map(({ code }) => code)).toEqual(["E0205"]);
});

test("parameters keep types, contracts, defaults and places", () => {
  const text =
    "attention a(const n: int in 1.. = 8, rate: float in 0..1 = 0, on: bool = true) { mask on or k < n weight p * rate }";
  const { params } = attentionOf(text);
  expect(params).toMatchObject([
    { name: "n", type: "int", const: true, range: { low: 1 }, default: 8 },
    { name: "rate", type: "float", const: false, range: { low: 0, high: 1 }, default: 0 },
    { name: "on", type: "bool", const: false, range: {}, default: true },
  ]);
  expect(text.slice(params[1]!.span.start, params[1]!.span.end)).toBe("rate");
});

test("a bound may be a const parameter, by name", () => {
  const { params } = attentionOf("attention a(const n: int, i: int in 0..n) { mask k < n + i }");
  expect(params[1]).toMatchObject({ range: { low: 0 }, constBounds: { high: "n" } });
});

test("tensors keep elements, axes and contracts", () => {
  const text = `attention a(const n: int = 4, doc: i32[batch, token] in 0..9 sorted, bias: f16[head, query, key], tree: bool[n, m, 8]) {
    grid (y: 2, x: 2)
    mask doc[q] == doc[k] and tree[0, 0, 0] and q.y == k.x
    score s + bias[q, k]
  }`;
  expect(attentionOf(text).tensors).toMatchObject([
    {
      name: "doc",
      element: "i32",
      axes: [
        { kind: "implicit", axis: "batch" },
        { kind: "position", axis: "token" },
      ],
      range: { low: 0, high: 9 },
      sorted: true,
    },
    { name: "bias", element: "f16", sorted: false },
    {
      name: "tree",
      axes: [
        { kind: "extent", extent: { kind: "param", name: "n" } },
        { kind: "fresh", name: "m" },
        { kind: "extent", extent: { kind: "literal", value: 8 } },
      ],
    },
  ]);
});

test("an axis of the grid is an axis of a tensor", () => {
  const text = "attention a(bias: f32[head, y]) { grid (y: 4, x) score s + bias[q.y] }";
  expect(expectClean(text).attentions[0]!.tensors[0]!.axes[1]).toEqual({
    kind: "extent",
    extent: { kind: "length", type: "int", axis: "y" },
  });
});

test("an input that is passed on takes over the promise", () => {
  const text = `import { sliding_window } from "std"
    mask sorted_doc(d: i32[batch, token] in 0.. sorted) = d[q] == d[k]
    score capped(cap: float in 1..) = cap * tanh(s / cap)
    attention a(w: int in ..64, c: int, doc: i32[batch, token] in ..9) {
      mask sliding_window(w) and sorted_doc(doc)
      score capped(c)
    }`;
  const { params, tensors } = expectClean(text).attentions[0]!;
  expect(params.map(({ range }) => range)).toEqual([{ low: 1, high: 64 }, { low: 1 }]);
  expect(tensors[0]).toMatchObject({ range: { low: 0, high: 9 }, sorted: true });
});

test("a tensor is passed on under another name, with the extents of its own", () => {
  const text = `score biased(table: f32[head, n]) = s + table[clamp(q - k, 0, n - 1)]
    score twice(t: f32[head, m]) = s + t[min(k, m - 1)]
    attention a(wide: f32[head, size], narrow: f32[head, 4]) { score biased(wide) score twice(narrow) }`;
  const { scores } = expectClean(text).attentions[0]!;
  expect(JSON.stringify(scores[0]!.value)).toContain('"axis":"size"');
  expect(JSON.stringify(scores[1]!.value)).toContain('"op":"sub","args":[{"kind":"literal","type":"int","value":4}');
});

test("equal names of axes ask for equal extents", () => {
  const square = "mask open(tree: bool[n, n]) = tree[clamp(q, 0, n - 1), clamp(k, 0, n - 1)]\n";
  expectClean(`${square}attention a(t: bool[m, m]) { mask open(t) }`);
  expectClean(`${square}attention a(t: bool[8, 8]) { mask open(t) }`);
  expectProblem(`${square}attention a(t: bool[m, 8]) { mask open(t) }`, "E0415", "t");
  expectProblem(`${square}attention a(t: bool[m, l]) { mask open(t) }`, "E0415", "t");
});

test("const parameters of a mask fix the axes of its tensors", () => {
  const fixed = "mask open(const n: int, tree: bool[n]) = tree[clamp(k, 0, n - 1)]\n";
  expectClean(`${fixed}attention a(const m: int, t: bool[m]) { mask open(m, t) }`);
  expectClean(`${fixed}attention a(t: bool[8]) { mask open(8, t) }`);
  expectProblem(`${fixed}attention a(t: bool[9]) { mask open(8, t) }`, "E0415", "t");
  expectProblem(`${fixed}attention a(m: int, t: bool[8]) { mask open(m, t) }`, "E0413", "m");
});

test("a grid may have extents from parameters, and an origin", () => {
  const text = "attention a(rows: int, start: i32[batch]) { grid (y: rows, x) from start mask q.y == k.y }";
  expect(expectClean(text).attentions[0]!.grid).toMatchObject({
    axes: [{ name: "y", extent: { kind: "param", name: "rows" } }, { name: "x" }],
    origin: { kind: "element", tensor: "start" },
  });
});
