// Ways through an expression graph; the only place that knows by heart which shapes have children. Graphs are shared
// and may be thousands of nodes deep, so everything here visits a node once and keeps its own stack.

import type { Expr } from "./expr.ts";
import { load, op, search } from "./make.ts";

/** What the expression is computed from, in order. */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "op":
      return expr.args;
    case "load":
      return expr.at;
    case "search":
      return [...expr.at, expr.count, expr.value];
    default:
      return [];
  }
}

/** The same expression over other children; the same object where they are the same. */
export function withChildren(expr: Expr, replaced: readonly Expr[]): Expr {
  if (children(expr).every((child, index) => child === replaced[index])) return expr;
  switch (expr.kind) {
    case "op":
      return op(expr.op, ...replaced);
    case "load":
      return load(expr.type, expr.tensor, replaced);
    case "search":
      return search(expr.tensor, replaced.slice(0, -2), replaced.at(-2)!, replaced.at(-1)!);
    default:
      return expr;
  }
}

/** Every node that the roots reach, once, children before parents and left before right. */
export function postorder<Node>(roots: readonly Node[], childrenOf: (node: Node) => readonly Node[]): readonly Node[] {
  const order = new Set<Node>();
  const stack: Node[] = [...roots].reverse();
  while (stack.length > 0) {
    const node = stack.at(-1)!;
    const waiting = order.has(node) ? [] : childrenOf(node).filter((child) => !order.has(child));
    if (waiting.length === 0) {
      order.add(node);
      stack.pop();
    } else stack.push(...waiting.reverse());
  }
  return [...order];
}

/** Nodes of the expressions, children first. */
export function nodes(...roots: readonly Expr[]): readonly Expr[] {
  return postorder(roots, children);
}

/** A value for every node of the expressions, from the values of its children. */
export function fold<T>(roots: readonly Expr[], visit: (expr: Expr, parts: readonly T[]) => T): ReadonlyMap<Expr, T> {
  const results = new Map<Expr, T>();
  for (const expr of nodes(...roots)) {
    results.set(
      expr,
      visit(
        expr,
        children(expr).map((child) => results.get(child)!),
      ),
    );
  }
  return results;
}

/** Puts `replacement` in the place of nodes for which it is defined; does not look inside replacements. */
export function substitute(root: Expr, replacement: (expr: Expr) => Expr | undefined): Expr {
  const results = new Map<Expr, Expr>();
  const pending = (expr: Expr) => (replacement(expr) === undefined ? children(expr) : []);
  for (const expr of postorder([root], pending)) {
    const rebuilt = () =>
      withChildren(
        expr,
        children(expr).map((child) => results.get(child)!),
      );
    results.set(expr, replacement(expr) ?? rebuilt());
  }
  return results.get(root)!;
}

/** True if a node of the expression satisfies the predicate. */
export function some(root: Expr, predicate: (expr: Expr) => boolean): boolean {
  return nodes(root).some(predicate);
}
