// What sets one C-like kernel language apart from another, as a table: names of types, how a literal and a declaration are
// written, and the text of every operation. Whatever is printed for a machine on which one thread holds one value goes by
// it; the printers beside this file know no language.

import type { OpName } from "../../ops/index.ts";
import type { ScalarType, Value } from "../../ops/op.ts";

/** A pure expression in text. One that is not closed takes parentheses where it becomes an operand. */
export type Text = { readonly text: string; readonly closed: boolean };

export const closed = (text: string): Text => ({ text, closed: true });
export const open = (text: string): Text => ({ text, closed: false });

/** The text as an operand. */
export const operand = ({ text, closed: isClosed }: Text): string => (isClosed ? text : `(${text})`);

/** How an operation is written around its arguments. */
export type Form = (args: readonly Text[]) => Text;

/** `a + b` */
export const infix =
  (sign: string): Form =>
  ([left, right]) =>
    open(`${operand(left!)} ${sign} ${operand(right!)}`);
/** `-a` */
export const prefix =
  (sign: string): Form =>
  ([only]) =>
    open(`${sign}${operand(only!)}`);
/** `f(a, b)`; `order` says which argument stands where, if not in the order of the language. */
export const call =
  (name: string, order?: readonly number[]): Form =>
  (args) =>
    closed(`${name}(${(order ? order.map((index) => args[index]!) : args).map(({ text }) => text).join(", ")})`);

/** One row per operation; the column is the type of the last argument. */
export type Forms = Readonly<Record<OpName, Partial<Record<ScalarType, Form>>>>;

/** The same form for ints and floats; for bools too. */
export const both = (form: Form) => ({ int: form, float: form });
export const all = (form: Form) => ({ int: form, float: form, bool: form });

/** What all languages write alike, where a library of the language has the functions. */
export const COMMON_FORMS = {
  div: { float: call("divide") },

  bitAnd: { int: infix("&") },
  bitOr: { int: infix("|") },
  bitXor: { int: infix("^") },

  eq: all(infix("==")),
  ne: all(infix("!=")),
  lt: both(infix("<")),
  le: both(infix("<=")),
  gt: both(infix(">")),
  ge: both(infix(">=")),

  sigmoid: { float: call("sigmoid") },

  randomSeed: { int: call("random_seed") },
  randomMix: { int: call("random_mix") },
  randomUnit: { int: call("random_unit") },
} as const satisfies Partial<Forms>;

/** Literals of a language that writes bools as `true` and `false`, given how it writes numbers. */
export const literals =
  (intText: (value: number) => string, floatText: (value: number) => string): Dialect["literal"] =>
  (type, value) => {
    if (type === "bool") return closed(String(value));
    const text = type === "int" ? intText(Number(value)) : floatText(Number(value));
    return text.startsWith("-") ? open(text) : closed(text);
  };

export type Dialect = {
  readonly types: Readonly<Record<ScalarType, string>>;
  literal(type: ScalarType, value: Value): Text;
  /** A statement that names a value. */
  declare(type: ScalarType, name: string, value: string): string;
  readonly forms: Forms;
  /** Folder of the functions that the forms call: `wgsl/library`. */
  readonly library: string;
  /** The record that these functions read. */
  readonly libraryView: object;
};

/** The user's names end in an underscore: no reserved word and no name of a template does. A dot becomes one as well. */
export const ownName = (name: string): string => `${name.replaceAll(".", "_")}_`;
