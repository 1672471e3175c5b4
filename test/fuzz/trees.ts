// Random trees as the parser could build them, without places. Names may be spelt like keywords, because keywords are only
// such where an item begins.

import fc from "fast-check";
import type * as ast from "../../src/syntax/ast.ts";

const span = { file: 0, start: 0, end: 0 };
const nowhere = { span } as const;
const named = (text: string) => ({ text, span });

const KEYWORDS = [
  "mask",
  "score",
  "grid",
  "fn",
  "import",
  "output",
  "empty",
  "query",
  "in",
  "sorted",
  "from",
  "weight",
];
const word = fc.constantFrom("q", "k", "s", "window", "x", "n_1", "_", "iffy", "nothing", ...KEYWORDS);
const name = word.map(named);

const literal = fc.oneof(
  fc.boolean().map((value) => ({ kind: "literal", ...nowhere, type: "bool", value, text: String(value) }) as const),
  fc
    .nat(2 ** 31 - 1)
    .map((value) => ({ kind: "literal", ...nowhere, type: "int", value, text: String(value) }) as const),
  fc
    .constantFrom("0.5", "1.0", "50.0", "1e3", "1.0e-6")
    .map((text) => ({ kind: "literal", ...nowhere, type: "float", value: Number(text), text }) as const),
);

const BINARY = ["or", "and", "|", "^", "&", "<<", ">>", "+", "-", "*", "/", "//", "%", "**"] as const;
const COMPARE = ["==", "!=", "<", "<=", ">", ">="] as const;

const { expr } = fc.letrec<{ expr: ast.Expr }>((tie) => {
  const some = fc.array(tie("expr"), { maxLength: 3 });
  return {
    expr: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      literal,
      name.map((each): ast.Expr => ({ kind: "name", ...nowhere, name: each })),
      fc.tuple(name, name).map(([object, member]): ast.Expr => ({ kind: "member", ...nowhere, object, member })),
      fc.tuple(name, some).map(([callee, args]): ast.Expr => ({ kind: "call", ...nowhere, callee, args })),
      fc
        .tuple(name, tie("expr"), some)
        .map(([object, first, rest]): ast.Expr => ({ kind: "index", ...nowhere, object, at: [first, ...rest] })),
      fc
        .tuple(fc.constantFrom("-" as const, "not" as const), tie("expr"))
        .map(([operator, operand]): ast.Expr => ({ kind: "unary", ...nowhere, operator, operand })),
      fc.tuple(fc.constantFrom(...BINARY), tie("expr"), tie("expr")).map(
        ([operator, left, right]): ast.Expr => ({
          kind: "binary",
          ...nowhere,
          operator,
          operatorSpan: span,
          left,
          right,
        }),
      ),
      fc
        .tuple(
          tie("expr"),
          fc.array(
            fc.record({ operator: fc.constantFrom(...COMPARE), operatorSpan: fc.constant(span), operand: tie("expr") }),
            {
              minLength: 1,
              maxLength: 3,
            },
          ),
        )
        .map(([first, rest]): ast.Expr => ({ kind: "compare", ...nowhere, first, rest })),
      fc
        .tuple(tie("expr"), tie("expr"), tie("expr"))
        // biome-ignore lint/suspicious/noThenProperty: the branch has the language's word; nobody awaits a tree.
        .map(([condition, yes, no]): ast.Expr => ({ kind: "if", ...nowhere, condition, then: yes, else: no })),
    ),
  };
});

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const type: fc.Arbitrary<ast.ParamType> = fc.oneof(
  fc
    .constantFrom("int", "float", "bool")
    .map((text): ast.ParamType => ({ kind: "scalar", ...nowhere, type: named(text) })),
  fc
    .tuple(fc.constantFrom("f32", "i32", "bool"), fc.array(expr, { minLength: 1, maxLength: 3 }))
    .map(([element, axes]): ast.ParamType => ({ kind: "tensor", ...nowhere, element: named(element), axes })),
);

/** A bound may not be called `sorted`: after `..` that is the contract. */
const bound = optional(expr.filter((each) => each.kind !== "name" || each.name.text !== "sorted"));

const range = fc
  .record({ low: bound, high: bound })
  .map(
    ({ low, high }): ast.RangeContract => ({ kind: "range", ...nowhere, ...(low && { low }), ...(high && { high }) }),
  );

const param: fc.Arbitrary<ast.Param> = fc
  .record({
    name,
    type: optional(type),
    const: fc.boolean(),
    range: optional(range),
    sorted: fc.boolean(),
    value: optional(expr),
  })
  .map(
    ({ range: contract, sorted, value, ...rest }): ast.Param => ({
      kind: "param",
      ...nowhere,
      ...rest,
      ...(contract && { range: contract }),
      ...(sorted && { sorted: span }),
      ...(value && { default: value }),
    }),
  );

const params = fc.array(param, { maxLength: 3 });

const valueClause = fc
  .tuple(fc.constantFrom("mask" as const, "score" as const, "weight" as const), expr)
  .map(([kind, value]): ast.Clause => ({ kind, ...nowhere, value }));

const singleClauses: readonly fc.Arbitrary<ast.Clause>[] = [
  expr.map((value) => ({ kind: "scale", ...nowhere, value })),
  expr.map((value) => ({ kind: "align", ...nowhere, value })),
  name.map((policy) => ({ kind: "empty", ...nowhere, policy })),
  name.map((each) => ({ kind: "output", ...nowhere, name: each })),
  fc
    .tuple(name, optional(expr))
    .map(([form, sink]) => ({ kind: "normalize", ...nowhere, form, ...(sink && { sink }) })),
  fc
    .tuple(fc.array(fc.tuple(name, optional(expr)), { minLength: 1, maxLength: 3 }), optional(expr))
    .map(([axes, origin]) => ({
      kind: "grid",
      ...nowhere,
      axes: axes.map(([axis, extent]) => ({ name: axis, ...(extent && { extent }) })),
      ...(origin && { origin }),
    })),
];

const clauses = fc
  .tuple(fc.array(valueClause, { maxLength: 4 }), fc.tuple(...singleClauses.map(optional)))
  .chain(([values, singles]) => {
    const all = [...values, ...singles.filter((clause) => clause !== undefined)];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });

const documentation = fc
  .array(
    fc.stringMatching(/^[ -~]{0,20}$/).map((line) => line.trimEnd()),
    { maxLength: 3 },
  )
  .map((lines) => lines.join("\n"));

const declaration: fc.Arbitrary<ast.Declaration> = fc.oneof(
  fc
    .tuple(fc.array(name, { minLength: 1, maxLength: 3 }), fc.constantFrom("std", "./a.attn"))
    .map(([names, from]): ast.Declaration => ({ kind: "import", ...nowhere, names, from, fromSpan: span })),
  fc
    .record({
      kind: fc.constantFrom("fn" as const, "mask" as const, "score" as const),
      name,
      params,
      value: expr,
      documentation,
    })
    .map((fields): ast.Declaration => ({ ...nowhere, ...fields })),
  fc
    .record({ name, params, clauses, documentation })
    .map((fields): ast.Declaration => ({ kind: "attention", ...nowhere, ...fields })),
);

/** Files with up to five declarations. */
export const file: fc.Arbitrary<ast.File> = fc
  .array(declaration, { maxLength: 5 })
  .map((declarations) => ({ file: 0, declarations, comments: [] }));
