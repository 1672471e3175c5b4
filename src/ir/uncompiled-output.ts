// What the language describes of a named output and no kernel computes.

import type { Reduction } from "../spec/choice.ts";
import { rangeValue } from "../spec/parts.ts";
import type * as spec from "../spec/spec.ts";
import { argumentsOf, hiddenValue } from "./hidden-value.ts";
import { postorder } from "./walk.ts";

/** In a few words; undefined where there is nothing. */
export function uncompiledOutput(value: spec.Expr): string | undefined {
  for (const node of nodesOf(value)) {
    if (node.kind === "product" || node.kind === "pooled") return "dot";
    if (isOfPair(node)) return `${(node as Quantity).name} by itself`;
    if (node.kind !== "reduce") continue;
    const found = ofReduction(node.reduction);
    if (found) return found;
  }
  return undefined;
}

function ofReduction(reduction: Reduction): string | undefined {
  const { op, axis, range, width, operand } = reduction;
  const name = `${op}[${axis}]`;
  const isFold = FOLDS.has(op);
  if (axis === "kv" || op === "rank" || (!isFold && (range || (axis !== "query" && axis !== "key")))) return name;
  const bounds = [...(range ? [rangeValue(range)] : []), ...(width ? [width] : [])];
  if (bounds.some((bound) => nodesOf(bound).some(readsMore))) return `the range of ${name}`;
  if (range && range.kind !== "where" && nodesOf(range.count).some((node) => isOn(node, axis)))
    return `the range of ${name}`;
  if (!nodesOf(operand).some(isOfPair)) return uncompiledOutput(operand);
  return ofMap(reduction, name);
}

/** A reduction of what pairs have. */
function ofMap({ op, axis, operand }: Reduction, name: string): string | undefined {
  if ((axis !== "query" && axis !== "key") || !FOLDS.has(op)) return `${name} of pairs`;
  if (nodesOf(operand).some(({ kind }) => kind === "product" || kind === "pooled")) return "dot";
  if (nodesOf(operand).some(({ kind }) => kind === "reduce")) return "a reduction of pairs and of reductions";
  if (op === "max" || op === "min") return undefined;
  const hidden = hiddenValue(operand);
  // Sums of ints are exact, whatever is taken out and put back.
  const isKnown = operand.type === "float" ? hidden === 0 : hidden !== undefined;
  return isKnown ? undefined : `${name} of what hidden pairs have too`;
}

const FOLDS: ReadonlySet<Reduction["op"]> = new Set(["sum", "mean", "max", "min", "count", "any", "all"] as const);

type Quantity = Extract<spec.Expr, { kind: "quantity" }>;
export const isOfPair = (node: spec.Expr): boolean =>
  node.kind === "quantity" && node.name !== "scale" && node.name !== "lse";
const readsMore = (node: spec.Expr) =>
  (node.kind === "quantity" && node.name !== "scale") ||
  node.kind === "reduce" ||
  node.kind === "product" ||
  node.kind === "pooled";
const isOn = (node: spec.Expr, axis: Reduction["axis"]) =>
  (node.kind === "position" && node.axis === axis) || (node.kind === "coordinate" && node.of === axis);

/** Without those inside of reductions. */
export const nodesOf = (root: spec.Expr): readonly spec.Expr[] =>
  postorder([root], (node) => (node.kind === "element" ? node.at : argumentsOf(node)));
