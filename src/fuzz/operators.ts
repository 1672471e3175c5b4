// Every operator and function of the language that a mask may use, as rows: what it takes, what it gives and how it is
// written. Random terms draw from this table and the statistics count by it, so an operator that is missing here is
// missing from the fuzz; a test compares the table with the compiler's own.

import type { ScalarType } from "../ops/op.ts";
import type { Term } from "./term.ts";

export type Operator = {
  /** As it is written and counted; rows of different types share a name. */
  readonly name: string;
  readonly type: ScalarType;
  readonly takes: readonly ScalarType[];
  readonly write: (...parts: readonly string[]) => string;
};

/** The same row for ints and for floats. */
const onNumbers = (row: (type: "int" | "float") => Operator): readonly Operator[] => [row("int"), row("float")];

const written = (operator: string) => (left: string, right: string) => `(${left} ${operator} ${right})`;
const called =
  (name: string) =>
  (...args: readonly string[]) =>
    `${name}(${args.join(", ")})`;

const infix = (name: string, takes: ScalarType, type: ScalarType = takes): Operator => ({
  name,
  type,
  takes: [takes, takes],
  write: written(name) as Operator["write"],
});
const call = (name: string, type: ScalarType, ...takes: readonly ScalarType[]): Operator => ({
  name,
  type,
  takes,
  write: called(name),
});

const ARITHMETIC = ["+", "-", "*", "//", "%", "**"].flatMap((name) => onNumbers((type) => infix(name, type)));
const BITS = ["&", "|", "^", "<<", ">>"].map((name) => infix(name, "int"));
const COMPARISONS = ["<", "<=", ">", ">=", "==", "!="].flatMap((name) =>
  onNumbers((type) => infix(name, type, "bool")),
);
const ROUNDINGS = ["floor", "ceil", "round", "int"].map((name) => call(name, "int", "float"));
const REALS = ["exp", "exp2", "log", "log2", "sqrt", "rsqrt", "tanh", "sigmoid", "sin", "cos"];

export const OPERATORS: readonly Operator[] = [
  ...ARITHMETIC,
  infix("/", "float"),
  ...BITS,
  ...COMPARISONS,
  ...["==", "!="].map((name) => infix(name, "bool")),
  ...onNumbers((type) => ({
    name: "chain",
    type: "bool",
    takes: [type, type, type],
    write: (low, middle, high) => `(${low} <= ${middle} < ${high})`,
  })),
  ...["and", "or"].map((name) => infix(name, "bool")),
  { name: "not", type: "bool", takes: ["bool"], write: (a) => `(not ${a})` },
  ...(["int", "float", "bool"] as const).map(
    (type): Operator => ({
      name: "if",
      type,
      takes: ["bool", type, type],
      write: (condition, yes, no) => `(if ${condition} then ${yes} else ${no})`,
    }),
  ),
  ...onNumbers((type) => ({ name: "negate", type, takes: [type], write: (a) => `(-${a})` })),
  ...["abs", "sign", "relu"].flatMap((name) => onNumbers((type) => call(name, type, type))),
  ...["min", "max"].flatMap((name) => onNumbers((type) => call(name, type, type, type))),
  ...onNumbers((type) => call("clamp", type, type, type, type)),
  ...ROUNDINGS,
  ...REALS.map((name) => call(name, "float", "float")),
  call("random", "float", "int", "int", "int"),
];

/** Names of all operators, each once. */
export const OPERATOR_NAMES: readonly string[] = [...new Set(OPERATORS.map(({ name }) => name))];

/** A term of the operator with this name that gives the type and takes these parts. */
export function apply(name: string, ...parts: readonly Term[]): Term {
  const fits = ({ name: own, takes }: Operator) =>
    own === name && takes.length === parts.length && takes.every((type, index) => accepts(type, parts[index]!.type));
  const row = OPERATORS.find(fits);
  if (!row) throw new Error(`no operator ${name}(${parts.map(({ type }) => type).join(", ")})`);
  return termOf(row, parts);
}

export const termOf = ({ type, name, write }: Operator, parts: readonly Term[]): Term => ({
  type,
  name,
  parts,
  write,
  needs: [],
});

/** An int stands where a float is wanted. */
const accepts = (wanted: ScalarType, given: ScalarType) => wanted === given || (wanted === "float" && given === "int");
