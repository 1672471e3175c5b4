// The checker on random programs: whatever the tree or the text, it returns; what it returns has an operation for the
// types of every node; and its problems can be said in words.

import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../../src/check/check.ts";
import { describe } from "../../src/diagnostics/describe.ts";
import { renderGithub, renderJson, renderPretty } from "../../src/diagnostics/render.ts";
import { findSignature } from "../../src/ops/index.ts";
import { printSpec } from "../../src/spec/print.ts";
import type { Attention, Expr } from "../../src/spec/spec.ts";
import type * as ast from "../../src/syntax/ast.ts";
import { checked } from "../check.ts";

const span = { file: 0, start: 0, end: 1 };
const name = (text: string) => ({ text, span });
const names = fc
  .constantFrom(
    "q",
    "k",
    "h",
    "b",
    "kv",
    "s",
    "p",
    "Q",
    "K",
    "V",
    "O",
    "lse",
    "scale",
    "n",
    "t",
    "d",
    "f",
    "g",
    "m",
    "c",
    "y",
    "x",
  )
  .map(name);
const functions = fc
  .constantFrom("abs", "min", "clamp", "floor", "exp", "dot", "norm", "random", "len", "f", "g", "m", "c", "sum")
  .map(name);

const { expr } = fc.letrec<{ expr: ast.Expr }>((tie) => {
  const many = fc.array(tie("expr"), { maxLength: 3 });
  return {
    expr: fc.oneof(
      { maxDepth: 5, depthSize: "small" },
      names.map((of): ast.Expr => ({ kind: "name", span, name: of })),
      fc.constantFrom<ast.Expr>(
        { kind: "literal", span, type: "int", value: 0, text: "0" },
        { kind: "literal", span, type: "int", value: 7, text: "7" },
        { kind: "literal", span, type: "float", value: 0.5, text: "0.5" },
        { kind: "literal", span, type: "bool", value: true, text: "true" },
        { kind: "unsupported", span, construct: "mean" },
      ),
      fc.record({ kind: fc.constant("member" as const), span: fc.constant(span), object: names, member: names }),
      fc.record({ kind: fc.constant("index" as const), span: fc.constant(span), object: names, at: many }),
      fc.record({ kind: fc.constant("call" as const), span: fc.constant(span), callee: functions, args: many }),
      fc.record({
        kind: fc.constant("unary" as const),
        span: fc.constant(span),
        operator: fc.constantFrom<ast.UnaryOperator>("-", "not"),
        operand: tie("expr"),
      }),
      fc.record({
        kind: fc.constant("binary" as const),
        span: fc.constant(span),
        operator: fc.constantFrom<ast.BinaryOperator>(
          "or",
          "and",
          "|",
          "^",
          "&",
          "<<",
          ">>",
          "+",
          "-",
          "*",
          "/",
          "//",
          "%",
          "**",
        ),
        operatorSpan: fc.constant(span),
        left: tie("expr"),
        right: tie("expr"),
      }),
      fc.record({
        kind: fc.constant("compare" as const),
        span: fc.constant(span),
        first: tie("expr"),
        rest: fc.array(
          fc.record({
            operator: fc.constantFrom<ast.CompareOperator>("==", "!=", "<", "<=", ">", ">="),
            operatorSpan: fc.constant(span),
            operand: tie("expr"),
          }),
          { minLength: 1, maxLength: 2 },
        ),
      }),
      fc
        .tuple(tie("expr"), tie("expr"), tie("expr"))
        .map(([condition, then, otherwise]): ast.Expr => ({ kind: "if", span, condition, then, else: otherwise })),
    ),
  };
});

const scalar = (type: string): ast.ParamType => ({ kind: "scalar", span, type: name(type) });
const type: fc.Arbitrary<ast.ParamType> = fc.oneof(
  fc.constantFrom("int", "float", "bool", "f32").map(scalar),
  fc
    .array(
      fc.oneof(
        fc
          .constantFrom("batch", "head", "token", "query", "n", "y")
          .map((of): ast.Expr => ({ kind: "name", span, name: name(of) })),
        expr,
      ),
      { maxLength: 3 },
    )
    .map((axes): ast.ParamType => ({ kind: "tensor", span, element: name("f32"), axes })),
);
const param: fc.Arbitrary<ast.Param> = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom("n", "t", "d", "x").map(name),
    fc.option(type, { nil: undefined, freq: 9 }),
    fc.option(expr),
    fc.option(expr),
    fc.boolean(),
  )
  .map(([isConst, of, paramType, low, value, sorted]) => ({
    kind: "param",
    span,
    const: isConst,
    name: of,
    type: paramType,
    ...(low && { range: { kind: "range", span, low } }),
    ...(value && { default: value }),
    ...(sorted && { sorted: span }),
  }));
const params = fc.array(param, { maxLength: 3 });

const clause: fc.Arbitrary<ast.Clause> = fc.oneof(
  fc
    .constantFrom("mask", "score", "weight", "scale", "align")
    .chain((kind) => expr.map((value): ast.Clause => ({ kind: kind as "mask", span, value }))),
  fc
    .tuple(fc.constantFrom("softmax", "sum", "odd").map(name), fc.option(expr))
    .map(([form, sink]): ast.Clause => ({ kind: "normalize", span, form, ...(sink && { sink }) })),
  fc
    .tuple(
      fc.array(fc.record({ name: fc.constantFrom("y", "x", "head").map(name), extent: expr }), { maxLength: 2 }),
      fc.option(expr),
    )
    .map(([axes, origin]): ast.Clause => ({ kind: "grid", span, axes, ...(origin && { origin }) })),
  fc.constantFrom<ast.Clause>(
    { kind: "unsupported", span, construct: "permute" },
    { kind: "empty", span, policy: name("zero") },
    { kind: "output", span, name: name("lse") },
  ),
);

const declaration: fc.Arbitrary<ast.Declaration> = fc.oneof(
  fc.tuple(fc.constantFrom("fn", "mask", "score"), fc.constantFrom("f", "g", "m", "c"), params, expr).map(
    ([kind, of, list, value]): ast.Declaration => ({
      kind: kind as "fn",
      span,
      name: name(of),
      params: list,
      value,
      documentation: "",
    }),
  ),
  fc.tuple(params, fc.array(clause, { maxLength: 4 })).map(
    ([list, clauses]): ast.Declaration => ({
      kind: "attention",
      span,
      name: name("a"),
      params: list,
      clauses,
      documentation: "",
    }),
  ),
  fc.constant<ast.Declaration>({ kind: "import", span, names: [name("f")], from: "./other.attn", fromSpan: span }),
);

const program: fc.Arbitrary<ast.Program> = fc
  .array(fc.array(declaration, { maxLength: 6 }), { minLength: 1, maxLength: 2 })
  .map((files) => ({
    files: files.map((declarations, file) => ({ file, declarations, comments: [] })),
    imports: files.map((_, file) => new Map([["./other.attn", files.length - 1 - file]])),
  }));

test("any tree is checked, described and rendered", () => {
  fc.assert(
    fc.property(program, (tree) => {
      const { value, problems } = check(tree);
      const sources = [
        { path: "a.attn", text: "mask a" },
        { path: "b.attn", text: "mask b" },
      ];
      for (const problem of problems) {
        const diagnostic = describe(problem, sources);
        renderPretty(diagnostic, sources);
        renderGithub(diagnostic, sources);
        JSON.stringify(renderJson(diagnostic, sources));
      }
      for (const attention of value.attentions) expectTyped(attention);
      printSpec(value);
    }),
    { numRuns: 1500 },
  );
});

function expectTyped(attention: Attention): void {
  const { masks, scores, weights, scale, normalize, align } = attention;
  for (const { value } of masks) expect(value.type).toBe("bool");
  for (const { value } of [...scores, ...weights]) expect(value.type).toBe("float");
  const sink = normalize.kind === "softmax" ? normalize.sink : undefined;
  const roots = [...masks, ...scores, ...weights, ...(scale ? [scale] : [])].map(({ value }) => value);
  const seen = new Set<Expr>([...roots, ...(sink ? [sink] : []), align]);
  for (const node of seen) {
    const parts = node.kind === "apply" ? node.args : node.kind === "element" ? node.at : [];
    for (const part of parts) seen.add(part);
    if (node.kind === "apply")
      expect(
        findSignature(
          node.op,
          node.args.map((argument) => argument.type),
        )?.result,
      ).toBe(node.type);
    if (node.kind === "element") expect(node.at.every((index) => index.type === "int")).toBe(true);
  }
}

const TEXT = `import { causal, document, softcap } from "std"
fn f(x, y: int = 2) = if x > y then x // y else x * 2.5
mask m(n: int in 1.., t: f32[head, n2]) = 0 <= q - k < n and t[clamp(k, 0, n2 - 1)] < 0.5
score c(z: f32[head] in 0..1) = s + z * (k - q)
attention a(const w: int in 1..8 = 4, doc: i32[batch, token] sorted, t: f32[head, 8], z: f32[head]) {
  grid (y: 4, x) from 2
  mask causal and m(w, t) or document(doc) mask q.y == k.x
  score c(z) score softcap(f(3.0, 1))
  scale 1.0 / len(dim) normalize softmax(sink = z) weight p * random(1, q, k) align len(key) - 1 output lse
}
`;

test("the text that is garbled below is right", () => {
  expect(checked(TEXT).problems).toEqual([]);
});

test("garbled text is checked and described", () => {
  const words = TEXT.split(/(?<=\s)/);
  const place = fc.nat({ max: words.length - 1 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(place, place, fc.constantFrom("drop", "copy", "swap")), { minLength: 1, maxLength: 4 }),
      (edits) => {
        const garbled = [...words];
        for (const [from, to, edit] of edits) {
          if (edit === "drop") garbled[from] = "";
          else if (edit === "copy") garbled[to] = garbled[from]!;
          else [garbled[from], garbled[to]] = [garbled[to]!, garbled[from]!];
        }
        const { diagnostics, sources } = checked(garbled.join(""));
        for (const diagnostic of diagnostics) {
          renderPretty(diagnostic, sources);
          const { start, end } = diagnostic.primary.span;
          expect(start).toBeLessThanOrEqual(end);
        }
      },
    ),
    { numRuns: 1500 },
  );
});
