// Hostile programs: everything ends soon, with a located problem or with a result, and nothing is thrown.

import { expect, test } from "vitest";
import { check } from "../../../src/check/check.ts";
import type * as ast from "../../../src/syntax/ast.ts";
import { checked } from "../../check.ts";

const span = { file: 0, start: 0, end: 1 };
const literal: ast.Expr = { kind: "literal", span, type: "int", value: 1, text: "1" };

function programOf(value: ast.Expr): ast.Program {
  const name = { text: "a", span };
  const clause: ast.Clause = { kind: "mask", span, value };
  return {
    files: [
      {
        file: 0,
        declarations: [{ kind: "attention", span, name, params: [], clauses: [clause], documentation: "" }],
        comments: [],
      },
    ],
    imports: [new Map()],
  };
}

/** `wrap` applied many times to a literal. */
function nested(depth: number, wrap: (inner: ast.Expr) => ast.Expr): ast.Expr {
  let expr = literal;
  for (let i = 0; i < depth; i++) expr = wrap(expr);
  return expr;
}

test.for<[string, (inner: ast.Expr) => ast.Expr]>([
  ["sums to the left", (left) => ({ kind: "binary", span, operator: "+", operatorSpan: span, left, right: literal })],
  [
    "powers to the right",
    (right) => ({ kind: "binary", span, operator: "**", operatorSpan: span, left: literal, right }),
  ],
  ["minus signs", (operand) => ({ kind: "unary", span, operator: "-", operand })],
  ["calls", (argument) => ({ kind: "call", span, callee: { text: "abs", span }, args: [argument] })],
  ["indices", (index) => ({ kind: "index", span, object: { text: "t", span }, at: [index] })],
  // biome-ignore lint/suspicious/noThenProperty: the tree of an `if` has a branch of that name.
  ["conditions", (inner) => ({ kind: "if", span, condition: literal, then: literal, else: inner })],
  [
    "comparisons",
    (inner) => ({
      kind: "compare",
      span,
      first: inner,
      rest: [{ operator: "<", operatorSpan: span, operand: literal }],
    }),
  ],
])("a tree of 100 000 %s", ([, wrap]) => {
  const { value, problems } = check(programOf(nested(100_000, wrap)));
  expect(value.attentions).toEqual([]);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.length).toBeLessThanOrEqual(100);
});

test("a chain of 2000 terms works", () => {
  const { spec, problems } = checked(`attention a { mask ${new Array(1999).fill("q").join(" + ")} > k }`);
  expect(problems).toEqual([]);
  expect(spec.attentions).toHaveLength(1);
});

test("a chain of 10 000 comparisons ends with a problem", () => {
  const rest = Array.from({ length: 10_000 }, () => ({
    operator: "<=" as const,
    operatorSpan: span,
    operand: literal,
  }));
  const { problems } = check(programOf({ kind: "compare", span, first: literal, rest }));
  expect(problems.map(({ code }) => code)).toEqual(["E0447"]);
});

const doubling = (count: number, call: (i: number) => string) =>
  ["fn f0(x: int) = x + 1", ...Array.from({ length: count }, (_, i) => `fn f${i + 1}(x: int) = ${call(i)}`)].join("\n");

test("calls with ever new arguments end with one problem per attention", () => {
  const functions = doubling(30, (i) => `f${i}(x * 3 + ${i}) + f${i}(x * 5 - ${i})`);
  const { problems } = checked(`${functions}\nattention a { mask f30(q) > k }\nattention c { mask f30(k) > q }`);
  expect(problems.map(({ code }) => code)).toEqual(["E0446", "E0446"]);
});

test("arguments that are passed round and round end, too", () => {
  const names = "a1, a2, a3, a4, a5, a6, a7, a8";
  const turn = (i: number) =>
    `fn f${i + 1}(${names}) = f${i}(a2, a1, a3, a4, a5, a6, a7, a8) + f${i}(a2, a3, a4, a5, a6, a7, a8, a1)`;
  const text = [
    `fn f0(${names}) = a1 + a2 * 2 + a3 * 3`,
    ...Array.from({ length: 40 }, (_, i) => turn(i)),
    "attention a { mask f40(q, k, b, h, kv, 1, 2, 3) > k }",
  ];
  expect(checked(text.join("\n")).problems.map(({ code }) => code)).toContain("E0446");
});

test("a thousand attentions share one budget", () => {
  const functions = doubling(20, (i) => `f${i}(x * 3 + ${i}) + f${i}(x * 5 - ${i})`);
  const attentions = Array.from({ length: 300 }, (_, i) => `attention a${i} { mask f20(q + ${i}) > k }`);
  expect(checked([functions, ...attentions].join("\n")).problems).toHaveLength(100);
});

test("long chains of declarations end", () => {
  const chain = Array.from({ length: 5000 }, (_, i) => `fn f${i + 1}(x: int) = f${i}(x)`);
  for (const text of [chain, chain.toReversed()]) {
    const { problems } = checked(["fn f0(x: int) = x", ...text, "attention a { mask f5000(q) > k }"].join("\n"));
    expect(problems.length).toBeLessThanOrEqual(100);
  }
});

test("a hundred problems are enough", () => {
  const masks = Array.from({ length: 500 }, (_, i) => `mask m${i} = q - k`);
  const { problems, spec } = checked([...masks, "attention a { mask m400 }"].join("\n"));
  expect(problems).toHaveLength(100);
  expect(spec.attentions).toEqual([]);
});
