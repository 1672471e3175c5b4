// What `visible` and `p` of a pair are to folds of the map. They are found from the score at hand, but for the p of a softmax,
// which a pass knows by lse.

import type * as spec from "../spec/spec.ts";
import type { Expr } from "./expr.ts";
import { coord, float, load, op, quantity } from "./make.ts";
import { tensorOf } from "./place-tensors.ts";
import type { MapFold } from "./statistics.ts";

/** Whether the pair at hand sees each other: a score of −∞ is what hides one. */
export const VISIBLE = op("gt", quantity("score"), float(-Infinity));

const visibleScore = op("select", VISIBLE, quantity("score"), float(0));

/** p of the pair at hand under each way of normalising, and what it takes.
 *  @param row of the call */
export function weightOf(
  normalize: spec.Normalize["kind"],
  row: Expr,
  span: spec.Attention["span"],
): { readonly p: Expr; readonly total?: MapFold } {
  if (normalize === "softmax") return { p: quantity("weight") };
  if (normalize === "none") return { p: visibleScore };
  // No output has the name of a quantity.
  const tensor = tensorOf("s.total", visibleScore, ["batch", "head", "query"], span);
  const total: MapFold = { tensor, along: "key", op: "sum", value: visibleScore };
  return { p: op("div", visibleScore, load("float", tensor.name, [coord("batch"), coord("head"), row])), total };
}
