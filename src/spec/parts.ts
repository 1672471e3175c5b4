// What a node of an expression is made of, within reductions too.

import type { AxisRange, Pooled } from "./choice.ts";
import type { Expr } from "./spec.ts";

/** The nodes that a node is made of directly. */
export function partsOf(node: Expr): readonly Expr[] {
  switch (node.kind) {
    case "apply":
      return node.args;
    case "element":
      return node.at;
    case "reduce": {
      const { range, width, operand } = node.reduction;
      return [...rangeParts(range), ...(width ? [width] : []), operand];
    }
    case "pooled":
      return [...pooledParts(node.left), ...pooledParts(node.right)];
    default:
      return [];
  }
}

const pooledParts = ({ reductions, factor }: Pooled): readonly Expr[] => [
  ...reductions.flatMap(({ range }) => rangeParts(range)),
  ...(factor ? [factor] : []),
];

function rangeParts(range: AxisRange | undefined): readonly Expr[] {
  if (!range) return [];
  return [range.kind === "where" ? range.condition : range.count];
}
