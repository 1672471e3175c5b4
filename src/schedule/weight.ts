// Can the weight be applied before p is known? If it multiplies p by a factor that does not read p, it can: the sum of
// weighted values and the sum of p grow side by side, and one pass over the keys is enough. Any other weight needs
// final p, which takes a second pass, unless the attention does not normalise and p is the score at once.

import { dependencies } from "../analysis/depends.ts";
import type * as ir from "../ir/expr.ts";
import { float, op, quantity } from "../ir/make.ts";
import { nodes } from "../ir/walk.ts";

export type WeightForm = { readonly form: "factor" | "general"; readonly value: ir.Expr };

/** What the weight does to p; undefined where it leaves p alone. `factor` holds the factor, `general` the new value. */
export function weightForm(weight: ir.Expr): WeightForm | undefined {
  if (weight === quantity("weight")) return undefined;
  const factor = factors(weight).get(weight);
  if (!factor || dependencies(factor).quantities.has("lse")) return { form: "general", value: weight };
  return { form: "factor", value: factor };
}

/** True where the weight can only be applied in a pass that knows the statistics of the whole row. */
export function needsReplay(weight: WeightForm | undefined, normalize: ir.Normalize["kind"]): boolean {
  if (weight?.form !== "general") return false;
  return normalize !== "none" || dependencies(weight.value).quantities.has("lse");
}

/** For each node that equals a · p, with a free of p, the factor a. */
function factors(root: ir.Expr): ReadonlyMap<ir.Expr, ir.Expr> {
  const found = new Map<ir.Expr, ir.Expr>();
  const reading = new Set<ir.Expr>();
  for (const node of nodes(root)) {
    if (node.kind === "quantity" && node.name === "weight") {
      reading.add(node);
      found.set(node, ONE);
    } else if (node.kind === "op") {
      if (node.args.some((argument) => reading.has(argument))) reading.add(node);
      const factor = factorOfOp(node.op, node.args, found, (argument) => reading.has(argument));
      if (factor) found.set(node, factor);
    } else if (node === ZERO) found.set(node, ZERO);
  }
  return found;
}

const ZERO = float(0);
const ONE = float(1);
const times = (left: ir.Expr, right: ir.Expr) => (left === ONE ? right : right === ONE ? left : op("mul", left, right));

/** (a p) x = (a x) p,  (a p) / x = (a / x) p,  −(a p) = (−a) p,  a p ± b p = (a ± b) p,  if c then a p else b p likewise. */
function factorOfOp(
  name: (ir.Expr & { kind: "op" })["op"],
  args: readonly ir.Expr[],
  factorOf: ReadonlyMap<ir.Expr, ir.Expr>,
  readsWeight: (expr: ir.Expr) => boolean,
): ir.Expr | undefined {
  const [first, second] = args as [ir.Expr, ir.Expr];
  const [a, b, c] = args.map((argument) => factorOf.get(argument));
  if (name === "neg") return a && op("neg", a);
  if (name === "div") return a && !readsWeight(second) ? op("div", a, second) : undefined;
  if (name === "add" || name === "sub") return a && b && op(name, a, b);
  if (name === "select") return b && c && !readsWeight(first) ? op("select", first, b, c) : undefined;
  if (name !== "mul") return undefined;
  if (a && !readsWeight(second)) return times(a, second);
  return b && !readsWeight(first) ? times(first, b) : undefined;
}
