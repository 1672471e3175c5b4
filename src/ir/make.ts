// Constructors of expressions. Equal expressions are one object (hash-consing), so equality is `===`, sharing needs no
// pass, and a memo on identity is a memo on meaning. Nothing is folded or rearranged here: what was asked for is what
// is made. A type error is a bug of the compiler and throws.

import { findSignature, type OpName } from "../ops/index.ts";
import type { ScalarType, Value } from "../ops/op.ts";
import type { Axis, Expr, Extent, Quantity } from "./expr.ts";

/** A constant. Ints are taken modulo 2³²; floats keep their f64 value, NaN and −0 included. */
export function constant(type: ScalarType, value: Value): Expr {
  const kept = type === "int" ? Number(value) | 0 : value;
  const text = Object.is(kept, -0) ? "-0" : String(kept);
  return intern(`const ${type} ${text}`, () => ({ kind: "const", type, value: kept }));
}

export const int = (value: number): Expr => constant("int", value);
export const float = (value: number): Expr => constant("float", value);
export const bool = (value: boolean): Expr => constant("bool", value);

export const coord = (axis: Axis): Expr => intern(`coord ${axis}`, () => ({ kind: "coord", type: "int", axis }));

export const extent = (name: Extent): Expr =>
  intern(`extent ${name}`, () => ({ kind: "extent", type: "int", extent: name }));

export const quantity = (name: Quantity): Expr =>
  intern(`quantity ${name}`, () => ({ kind: "quantity", type: "float", name }));

export const param = (type: ScalarType, name: string): Expr =>
  intern(`param ${type} ${name}`, () => ({ kind: "param", type, name }));

export const local = (type: ScalarType, name: string): Expr =>
  intern(`local ${type} ${name}`, () => ({ kind: "local", type, name }));

/** An element of a captured tensor; `at` holds one int per axis of the tensor. */
export function load(type: ScalarType, tensor: string, at: readonly Expr[]): Expr {
  return intern(`load ${type} ${tensor} ${at.map(identity)}`, () => {
    for (const index of at) if (index.type !== "int") throw new Error(`${tensor} is indexed by a ${index.type}`);
    return { kind: "load", type, tensor, at };
  });
}

/** How many of the first `count` elements of a sorted tensor are below the value; `at` holds the indices before the last. */
export function search(tensor: string, at: readonly Expr[], count: Expr, value: Expr): Expr {
  const parts = [...at, count, value];
  return intern(`search ${tensor} ${parts.map(identity)}`, () => {
    for (const part of parts) if (part.type !== "int") throw new Error(`${tensor} is searched by a ${part.type}`);
    return { kind: "search", type: "int", tensor, at, count, value };
  });
}

/** `op` of the arguments; the result type is that of the signature that their types select. */
export function op(name: OpName, ...args: readonly Expr[]): Expr {
  return intern(`op ${name} ${args.map(identity)}`, () => {
    const types = args.map(({ type }) => type);
    const signature = findSignature(name, types);
    if (!signature) throw new Error(`no signature ${name}(${types.join(", ")})`);
    return { kind: "op", type: signature.result, op: name, args };
  });
}

/** `and` of all terms in their order; true when there is none. */
export function conjunction(terms: readonly Expr[]): Expr {
  return terms.length === 0 ? bool(true) : terms.reduce((left, right) => op("and", left, right));
}

// The tables hold nodes weakly: an expression that nobody else holds is forgotten, so a long-lived process (a language
// server, a fuzzer) does not grow. Whether a node was kept or made anew cannot be observed.
const table = new Map<string, WeakRef<Expr>>();
const forgotten = new FinalizationRegistry<string>((key) => {
  if (table.get(key)?.deref() === undefined) table.delete(key);
});
const identities = new WeakMap<Expr, number>();
let lastIdentity = 0;

function intern(key: string, make: () => Expr): Expr {
  const known = table.get(key)?.deref();
  if (known) return known;
  const made = make();
  table.set(key, new WeakRef(made));
  forgotten.register(made, key);
  return made;
}

/** A number that stands for the node in the keys of nodes above it. */
function identity(expr: Expr): number {
  const known = identities.get(expr);
  if (known !== undefined) return known;
  lastIdentity += 1;
  identities.set(expr, lastIdentity);
  return lastIdentity;
}
