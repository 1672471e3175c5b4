// What the user wrote: names unresolved, types unknown, sugar intact. Types only.
//
// The tree keeps what a formatter needs (chains of comparisons, parentheses by precedence only) and nothing of
// what the words mean. Where the text could not be read a `broken` declaration or clause stands, so that a mistake is
// reported once: by the parser, and not again by everything that builds on it.

import type { Name, Span } from "../source/span.ts";

type Node<Kind extends string, Fields> = { readonly kind: Kind; readonly span: Span } & Readonly<Fields>;

export type Literal = Node<"literal", { type: "int" | "float" | "bool"; value: number | boolean; text: string }>;

export type BinaryOperator = "or" | "and" | "|" | "^" | "&" | "<<" | ">>" | "+" | "-" | "*" | "/" | "//" | "%" | "**";
export type CompareOperator = "==" | "!=" | "<" | "<=" | ">" | ">=";
export type UnaryOperator = "-" | "not";

export type Expr =
  | Literal
  | Node<"name", { name: Name }>
  /** `q.y`: a coordinate of a grid. */
  | Node<"member", { object: Name; member: Name }>
  /** `table[a, b]`. */
  | Node<"index", { object: Name; at: readonly Expr[] }>
  | Node<"call", { callee: Name; args: readonly Expr[] }>
  | Node<"unary", { operator: UnaryOperator; operand: Expr }>
  | Node<"binary", { operator: BinaryOperator; operatorSpan: Span; left: Expr; right: Expr }>
  /** `a <= b < c`: every neighbouring pair is compared, middle operands stand once. */
  | Node<"compare", { first: Expr; rest: readonly { operator: CompareOperator; operatorSpan: Span; operand: Expr }[] }>
  | Node<"if", { condition: Expr; then: Expr; else: Expr }>
  /** `mean[query: last 32] p`, `avg_pool[key, 5] p` */
  | Node<"reduce", { operator: Name; axis: Name; range?: Range; width?: Expr; operand: Expr }>
  /** Syntax of constructs that are parsed but not compiled yet, such as a slice. */
  | Node<"unsupported", { construct: string }>;

/** The part of an axis that a reduction reads: `first N`, `last N`, `where CONDITION`. */
export type Range = { readonly form: Name; readonly value: Expr };

/** An axis of a captured tensor: a name (`batch`, `token`, a fresh `n`) or an integer expression. */
export type AxisExpr = Expr;

export type ParamType = Node<"scalar", { type: Name }> | Node<"tensor", { element: Name; axes: readonly AxisExpr[] }>;

/** `in lo..hi`, inclusive; either end may be missing. */
export type RangeContract = Node<"range", { low?: Expr; high?: Expr }>;

/** `[const] name: type [in lo..hi] [sorted] [= default]`. `type` is absent in a `fn` whose parameter has none. */
export type Param = Node<
  "param",
  {
    const: boolean;
    name: Name;
    type: ParamType | undefined;
    range?: RangeContract;
    sorted?: Span;
    default?: Expr;
  }
>;

export type GridAxis = { readonly name: Name; readonly extent?: Expr };

type Use = { callee: Name; args: readonly Expr[] };

export type Clause =
  | Node<"grid", { axes: readonly GridAxis[]; origin?: Expr }>
  | Node<"mask", { value: Expr }>
  | Node<"score", { value: Expr }>
  | Node<"weight", { value: Expr }>
  | Node<"scale", { value: Expr }>
  | Node<"normalize", { form: Name; sink?: Expr }>
  | Node<"empty", { policy: Name }>
  | Node<"align", { value: Expr }>
  | Node<"output", { name: Name; value?: Expr }>
  /** A declared sparsity or permutation, with arguments. */
  | Node<"sparsity", Use>
  | Node<"permute", Use>
  | Node<"unsupported", { construct: string }>
  /** Text that was reported and could not be read. Later stages pass it over in silence. */
  | Node<"broken", object>;

/** A rule in the body of a sparsity or a permutation: `keep mass coverage of softmax at least 2` has three parts. */
export type Rule = Node<"rule", { keyword: Name; parts: readonly RulePart[] }>;
/** What links it to the part before (a word or a comma), the words that choose its form, and its value. */
export type RulePart = { readonly link?: Name; readonly words: readonly Name[]; readonly value?: Expr };

type Choice = { name: Name; params: readonly Param[]; rules: readonly Rule[]; documentation: string };

export type Declaration =
  | Node<"import", { names: readonly Name[]; from: string; fromSpan: Span }>
  | Node<"fn", { name: Name; params: readonly Param[]; value: Expr; documentation: string }>
  | Node<"mask", { name: Name; params: readonly Param[]; value: Expr; documentation: string }>
  | Node<"score", { name: Name; params: readonly Param[]; value: Expr; documentation: string }>
  | Node<"attention", { name: Name; params: readonly Param[]; clauses: readonly Clause[]; documentation: string }>
  | Node<"sparsity", Choice>
  | Node<"permutation", Choice>
  | Node<"unsupported", { construct: string; name?: Name }>
  /** A declaration that was reported and could not be read, or the names of an import. What uses it is no news. */
  | Node<"broken", { names: readonly Name[] }>;

/** A comment, kept beside the tree for the formatter. `///` comments are `documentation`. */
export type Comment = { readonly span: Span; readonly text: string; readonly documentation: boolean };

export type File = {
  readonly file: number;
  readonly declarations: readonly Declaration[];
  readonly comments: readonly Comment[];
};

/** An import that was resolved: the specifier as written leads to a file of the list. */
export type Program = {
  /** Entry first, then every imported file once, in order of discovery. */
  readonly files: readonly File[];
  /** `imports[file]` maps a specifier to the index of the file that it names; absent where it was not found. */
  readonly imports: readonly ReadonlyMap<string, number>[];
};
