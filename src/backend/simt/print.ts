// Expressions as statements of a C-like language, one value a thread. A node that several others read, one that is nested
// too deeply to be read, and an element of memory get a name; the rest nests.

import type * as ir from "../../ir/expr.ts";
import type { ScalarType } from "../../ops/op.ts";
import { type Definitions, graphOf } from "../uses.ts";
import type { Dialect, Text } from "./dialect.ts";

/** Names a value in the code that is printed; gives back how to read it. A text that was kept before keeps its name. */
export type Keep = (type: ScalarType, text: Text) => Text;

/** What the code sees besides constants and operations. */
export type Scope = {
  /** Coordinates, extents, params, quantities, and locals that were computed elsewhere. */
  leaf(expr: ir.Expr): Text;
  /** An element of a captured tensor. */
  load(expr: ir.Expr & { kind: "load" }, at: readonly Text[], keep: Keep): Text;
  /** How many keys of a sorted tensor lie below a value; the parts are the leading indices and the value. */
  search(expr: ir.Expr & { kind: "search" }, parts: readonly Text[], keep: Keep): Text;
  /** Locals that the code computes for itself. */
  readonly definitions: Definitions;
};

export type Code = { readonly statements: readonly string[]; readonly results: readonly string[] };

/** Nesting beyond this many operations gets a name. */
const MAX_NESTING = 6;

/** @param names prefix of nameless values, where several codes stand in one block */
export function printAll(roots: readonly ir.Expr[], scope: Scope, dialect: Dialect, names = "t"): Code {
  const { order, childrenOf, uses, names: given } = graphOf(roots, scope.definitions);
  const { statements, keep } = makeBody(dialect, names);
  const printed = new Map<ir.Expr, Node>();
  for (const expr of order) {
    const parts = childrenOf(expr).map((child) => printed.get(child)!);
    const node = printNode(expr, parts, scope, dialect, keep);
    const isRead = uses.get(expr)! > 1 || node.nesting > MAX_NESTING || expr.kind === "load" || expr.kind === "search";
    const isKept = expr.kind !== "local" && node.nesting > 0 && isRead;
    printed.set(expr, isKept ? { ...keep(expr.type, node, given.get(expr)), nesting: 0 } : node);
  }
  return { statements, results: roots.map((root) => printed.get(root)!.text) };
}

/** A printed node, and how deeply its text nests (0: a leaf). */
type Node = Text & { readonly nesting: number };

function printNode(expr: ir.Expr, parts: readonly Node[], scope: Scope, dialect: Dialect, keep: Keep): Node {
  const nesting = 1 + parts.reduce((most, part) => Math.max(most, part.nesting), 0);
  switch (expr.kind) {
    case "const":
      return { ...dialect.literal(expr.type, expr.value), nesting: 0 };
    case "op": {
      const form = dialect.forms[expr.op][expr.args.at(-1)!.type];
      if (!form) throw new Error(`no way to print ${expr.op} of ${expr.args.at(-1)!.type}: a bug in the backend`);
      return { ...form(parts), nesting };
    }
    case "load":
      return { ...scope.load(expr, parts, keep), nesting };
    case "search":
      return { ...scope.search(expr, parts, keep), nesting };
    default:
      return parts[0] ?? { ...scope.leaf(expr), nesting: 0 };
  }
}

function makeBody(dialect: Dialect, prefix: string) {
  const statements: string[] = [];
  const kept = new Map<string, string>();
  const keep = (type: ScalarType, { text }: Text, name?: string): Text => {
    if (name === undefined && /^\w+$/.test(text)) return { text, closed: true };
    const known = kept.get(text);
    if (known && name === undefined) return { text: known, closed: true };
    const fresh = name ?? `${prefix}${kept.size}`;
    statements.push(dialect.declare(type, fresh, text));
    kept.set(text, fresh);
    return { text: fresh, closed: true };
  };
  return { statements, keep };
}
