// Expressions as folded WebAssembly text, one value or four at a time. A node that several others read, and one that is
// nested too deeply to be read, becomes a local; the rest nests. What is the same for all keys is computed once, ahead
// of the loop over vectors, and spread into lanes there.

import type * as ir from "../../ir/expr.ts";
import { graphOf } from "../uses.ts";
import { formOf } from "./ops.ts";
import { literal, localType, NUMBER_TYPE, VECTOR_SHAPE, type Width } from "./types.ts";

/** A pure expression in text; it may be repeated, moved or dropped. */
export type Printed = { readonly text: string; readonly width: Width };

/** What a function sees besides constants and operations. */
export type Scope = {
  /** Coordinates, extents, params, quantities and the values of the head. */
  leaf(expr: ir.Expr): Printed;
  /** An element of a captured tensor, given its printed indices; `once` keeps a value in a local ahead of the loop. */
  load(expr: ir.Expr & { kind: "load" }, at: readonly Printed[], once: (one: string) => string): Printed;
  /** How many keys of a sorted tensor lie below a value, given the printed parts. */
  search(expr: ir.Expr & { kind: "search" }, parts: readonly Printed[]): Printed;
  /** Locals that the function computes for itself: those of the row and of the region. */
  readonly definitions: ReadonlyMap<string, ir.Expr>;
};

export type Code = {
  /** Declarations, such as `(local $row0 f32)`. */
  readonly locals: readonly string[];
  /** Statements ahead of the loop over vectors, and those inside of it. */
  readonly once: readonly string[];
  readonly each: readonly string[];
  readonly results: readonly string[];
};

/** Nesting beyond this many operations goes through a local. */
const MAX_NESTING = 6;

/** Prints the expressions; the results come in the width that is asked for. */
export function printAll(roots: readonly ir.Expr[], scope: Scope, width: Width): Code {
  const body = makeBody();
  const { order, childrenOf, names, uses } = graphOf(roots, scope.definitions);
  const printed = new Map<ir.Expr, Node>();
  const read = (expr: ir.Expr) => printed.get(expr)!;
  for (const expr of order) {
    const node = printNode(expr, childrenOf(expr).map(read), scope, body);
    const keep = expr.kind !== "local" && node.nesting > 0 && (uses.get(expr)! > 1 || node.nesting > MAX_NESTING);
    printed.set(expr, keep ? body.keep(node, names.get(expr)) : node);
  }
  const results = roots.map((root) => body.widen(read(root), width).text);
  return { locals: body.locals, once: body.once, each: body.each, results };
}

/** A printed node with what its reader must know: its type, and how deeply its text nests (0: a leaf). */
type Node = Printed & { readonly expr: ir.Expr; readonly nesting: number };

function printNode(expr: ir.Expr, parts: readonly Node[], scope: Scope, body: Body): Node {
  switch (expr.kind) {
    case "const":
      return { expr, text: literal(expr.type, expr.value, "one"), width: "one", nesting: 0 };
    case "op":
      return printOp(expr, parts, body);
    case "load": {
      const printed = scope.load(expr, parts, (one) => body.keepOnce("i32", one));
      return { ...printed, expr, nesting: 1 + deepest(parts) };
    }
    case "search":
      return { ...scope.search(expr, parts), expr, nesting: 1 + deepest(parts) };
    default: {
      const [definition] = parts;
      return definition ?? { ...scope.leaf(expr), expr, nesting: 0 };
    }
  }
}

function printOp(expr: ir.Expr & { kind: "op" }, parts: readonly Node[], body: Body): Node {
  const form = formOf(expr.op, expr.args.at(-1)!.type);
  const width: Width = parts.some((part) => part.width === "four") ? "four" : "one";
  const nesting = 1 + deepest(parts);
  if (width === "one" && !form.one) {
    const spread = parts.map((part) => `(${VECTOR_SHAPE[part.expr.type]}.splat ${part.text})`);
    const text = `(${VECTOR_SHAPE[expr.type]}.extract_lane 0 (${form.four} ${spread.join(" ")}))`;
    return { expr, text, width, nesting };
  }
  const texts = parts.map((part) => body.widen(part, width).text);
  const inOrder = form.order ? form.order.map((index) => texts[index]!) : texts;
  return { expr, text: `(${width === "one" ? form.one : form.four} ${inOrder.join(" ")})`, width, nesting };
}

const deepest = (parts: readonly Node[]) => parts.reduce((most, { nesting }) => Math.max(most, nesting), 0);

type Body = ReturnType<typeof makeBody>;

/** Collects the locals and the statements of one function. */
function makeBody() {
  const locals: string[] = [];
  const once: string[] = [];
  const each: string[] = [];
  const spread = new Map<string, string>();
  let count = 0;

  /** Named values have a dot in front, so that they meet no local of a template. */
  const declare = (type: string, name?: string) => {
    const local = name === undefined ? `$t${count++}` : `$.${name}`;
    locals.push(`(local ${local} ${type})`);
    return local;
  };
  /** Keeps the node in a local, set where its width belongs. */
  const keep = (node: Node, name: string | undefined): Node => {
    const local = declare(localType(node.expr.type, node.width), name);
    (node.width === "one" ? once : each).push(`(local.set ${local} ${node.text})`);
    return { ...node, text: `(local.get ${local})`, nesting: 0 };
  };
  const keepOnce = (type: string, text: string): string => {
    const known = spread.get(text);
    if (known) return known;
    const local = declare(type);
    once.push(`(local.set ${local} ${text})`);
    spread.set(text, `(local.get ${local})`);
    return `(local.get ${local})`;
  };
  /** The node in this width: a single value is spread into lanes ahead of the loop, a bool as a mask. */
  const widen = (node: Node, width: Width): Printed => {
    if (node.width === width) return node;
    if (width === "one") throw new Error("a value per key stands where one value is needed: a bug in the plan");
    const { expr } = node;
    if (expr.kind === "const") return { text: literal(expr.type, expr.value, "four"), width };
    const single = expr.type === "bool" ? `(${NUMBER_TYPE.bool}.sub (i32.const 0) ${node.text})` : node.text;
    return { text: keepOnce("v128", `(${VECTOR_SHAPE[expr.type]}.splat ${single})`), width };
  };
  return { locals, once, each, keep, keepOnce, widen };
}
