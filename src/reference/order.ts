// The nodes of an expression graph, each once, arguments before what uses them. With an explicit stack, because
// graphs may be thousands of nodes deep.

import type { Expr } from "../spec/spec.ts";

/** What a node is computed from. */
export function operands(expr: Expr): readonly Expr[] {
  if (expr.kind === "apply") return expr.args;
  return expr.kind === "element" ? expr.at : [];
}

/** Every node that `root` is made of, `root` last. */
export function argumentsFirst(root: Expr): readonly Expr[] {
  const order: Expr[] = [];
  const seen = new Set<Expr>();
  const pending: { readonly expr: Expr; next: number }[] = [{ expr: root, next: 0 }];
  seen.add(root);
  while (pending.length > 0) {
    const top = pending.at(-1)!;
    const operand = operands(top.expr)[top.next++];
    if (operand === undefined) {
      order.push(top.expr);
      pending.pop();
    } else if (!seen.has(operand)) {
      seen.add(operand);
      pending.push({ expr: operand, next: 0 });
    }
  }
  return order;
}
