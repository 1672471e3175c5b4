// What an expression reads, and how often its value changes: once per kernel, per (batch, head), per query row, per key
// or per pair. The plan computes each part at the place where it changes least.

import type { Axis, Expr, Extent, Quantity } from "../ir/expr.ts";
import { fold, nodes } from "../ir/walk.ts";

/** How often a value changes, from never to most often. `row` values change with the query, `key` values with the key;
 *  neither is more frequent than the other, and together they make a `pair`. */
export type Rate = "constant" | "head" | "row" | "key" | "pair";

/** Everything that an expression reads by name. */
export type Dependencies = {
  readonly axes: ReadonlySet<Axis>;
  readonly quantities: ReadonlySet<Quantity>;
  readonly extents: ReadonlySet<Extent>;
  readonly params: ReadonlySet<string>;
  readonly tensors: ReadonlySet<string>;
  readonly locals: ReadonlySet<string>;
};

/** Names that the expressions read. */
export function dependencies(...roots: readonly Expr[]): Dependencies {
  const axes = new Set<Axis>();
  const quantities = new Set<Quantity>();
  const extents = new Set<Extent>();
  const [params, tensors, locals] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const expr of nodes(...roots)) {
    if (expr.kind === "coord") axes.add(expr.axis);
    else if (expr.kind === "quantity") quantities.add(expr.name);
    else if (expr.kind === "extent") extents.add(expr.extent);
    else if (expr.kind === "param") params.add(expr.name);
    else if (expr.kind === "load" || expr.kind === "search") tensors.add(expr.tensor);
    else if (expr.kind === "local") locals.add(expr.name);
  }
  return { axes, quantities, extents, params, tensors, locals };
}

/** How often a coordinate changes. */
export type AxisRates = Readonly<Record<Axis, Rate>>;

/** Where all rows of a tile belong to one query head. */
export const ONE_HEAD: AxisRates = { batch: "head", head: "head", kv: "head", query: "row", key: "key" };
/** Where a tile holds rows of several query heads, which share a KV head. */
export const SEVERAL_HEADS: AxisRates = { ...ONE_HEAD, head: "row" };

const quantityRate: Readonly<Record<Quantity, Rate>> = {
  dot: "pair",
  dot2: "pair",
  dot3: "pair",
  dot4: "pair",
  score: "pair",
  weight: "pair",
  lse: "row",
  queryNorm2: "row",
  keyNorm2: "key",
  valueNorm2: "key",
};

/** Lengths that each batch has for itself; the others belong to the call. */
const lengthsOfBatch: ReadonlySet<Extent> = new Set<Extent>(["keys", "queryStart"]);

/** The rate of every node of the expressions.
 *  @param localRates rates of the locals that were computed before; a local that is not listed counts as a pair's. */
export function rates(
  roots: readonly Expr[],
  localRates: ReadonlyMap<string, Rate> = new Map(),
  axisRates: AxisRates = ONE_HEAD,
): ReadonlyMap<Expr, Rate> {
  return fold<Rate>(roots, (expr, parts) => parts.reduce(combineRates, ownRate(expr, localRates, axisRates)));
}

/** The rate of one expression. */
export function rateOf(expr: Expr, localRates?: ReadonlyMap<string, Rate>): Rate {
  return rates([expr], localRates).get(expr)!;
}

/** The rate of something that is computed from both. */
export function combineRates(left: Rate, right: Rate): Rate {
  return fromBits(bits[left] | bits[right]);
}

function ownRate(expr: Expr, localRates: ReadonlyMap<string, Rate>, axisRates: AxisRates): Rate {
  switch (expr.kind) {
    case "coord":
      return axisRates[expr.axis];
    case "extent":
      return lengthsOfBatch.has(expr.extent) ? "head" : "constant";
    case "quantity":
      return quantityRate[expr.name];
    case "local":
      return localRates.get(expr.name) ?? "pair";
    case "load":
    case "search":
      // An index is clamped to the keys that are alive, and each batch has its own.
      return "head";
    case "const":
    case "param":
    case "op":
      return "constant";
  }
}

// A rate is a set: bit 0 (batch, head), bit 1 the query, bit 2 the key. Rows and keys belong to a head.
const bits: Readonly<Record<Rate, number>> = { constant: 0b000, head: 0b001, row: 0b011, key: 0b101, pair: 0b111 };
const fromBits = (set: number): Rate => (Object.keys(bits) as Rate[]).find((rate) => bits[rate] === set)!;
