// What every printer of expressions asks of a shared graph: how many readers a node has, and what the plan calls it. A
// local that the printed code computes for itself stands for its definition.

import type * as ir from "../ir/expr.ts";
import { children, postorder } from "../ir/walk.ts";

/** Locals that the code computes for itself, by name. */
export type Definitions = ReadonlyMap<string, ir.Expr>;

export type Graph = {
  /** Every node once, children before parents. */
  readonly order: readonly ir.Expr[];
  childrenOf(expr: ir.Expr): readonly ir.Expr[];
  /** Readers of each node. A local passes its readers on to what it stands for. */
  readonly uses: ReadonlyMap<ir.Expr, number>;
  /** The plan's name of a node. */
  readonly names: ReadonlyMap<ir.Expr, string>;
};

export function graphOf(roots: readonly ir.Expr[], definitions: Definitions): Graph {
  const definitionOf = (expr: ir.Expr) => (expr.kind === "local" ? definitions.get(expr.name) : undefined);
  const childrenOf = (expr: ir.Expr) => {
    const definition = definitionOf(expr);
    return definition ? [definition] : children(expr);
  };
  const order = postorder(roots, childrenOf);
  const names = new Map<ir.Expr, string>();
  for (const expr of order) {
    const definition = definitionOf(expr);
    if (definition) names.set(definition, (expr as { name: string }).name);
  }
  return { order, childrenOf, names, uses: countUses(order, roots, childrenOf) };
}

function countUses(
  order: readonly ir.Expr[],
  roots: readonly ir.Expr[],
  childrenOf: Graph["childrenOf"],
): ReadonlyMap<ir.Expr, number> {
  const uses = new Map<ir.Expr, number>(order.map((expr) => [expr, 0]));
  const add = (expr: ir.Expr, count: number) => uses.set(expr, uses.get(expr)! + count);
  for (const root of roots) add(root, 1);
  for (const expr of order.toReversed()) {
    const passed = expr.kind === "local" ? uses.get(expr)! : 1;
    for (const child of childrenOf(expr)) add(child, passed);
  }
  return uses;
}
