// What a node of an expression is made of, within reductions too.

import type { AxisRange, KeepRule, Pooled, Region } from "./choice.ts";
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

/** Every node of the expressions, each once, those within reductions too. */
export function nodesWithin(...roots: readonly Expr[]): readonly Expr[] {
  const seen = new Set(roots);
  for (const node of seen) for (const part of partsOf(node)) seen.add(part);
  return [...seen];
}

const pooledParts = ({ reductions, factor }: Pooled): readonly Expr[] => [
  ...reductions.flatMap(({ range }) => rangeParts(range)),
  ...(factor ? [factor] : []),
];

function rangeParts(range: AxisRange | undefined): readonly Expr[] {
  return range ? [rangeValue(range)] : [];
}

/** How many elements a range takes, or which. */
export const rangeValue = (range: AxisRange): Expr => (range.kind === "where" ? range.condition : range.count);

/** What a rule compares scores or ranks with; where it asks for no score, what decides instead. */
export function ruleValue(rule: KeepRule): Expr {
  switch (rule.kind) {
    case "top":
      return rule.count;
    case "ratio":
      return rule.ratio;
    case "mass":
      return rule.mass;
    case "above":
      return rule.threshold;
    case "where":
      return rule.condition;
  }
}

/** What tells a region's blocks; the diagonal needs nothing. */
export function regionValue(region: Region): Expr | undefined {
  if (region.kind === "diagonal") return undefined;
  return region.kind === "where" ? region.condition : region.value;
}
