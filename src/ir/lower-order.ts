// Permutation → Order, and what stands for the place of a token under it.

import type * as choice from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type { Expr, Tensor } from "./expr.ts";
import { coord, extent, load, op } from "./make.ts";
import type { Order } from "./order.ts";

/** What the language describes of a permutation and no kernel computes; undefined where there is nothing. */
export function uncompiledOrder({ per, order }: choice.Permutation): string | undefined {
  if (per === "head") return "per head";
  const isPositional = (value: spec.Expr) => value.type === "int" && leavesOf(value).every(isOfPosition);
  return order.every(({ value }) => isPositional(value)) ? undefined : "order by";
}

/** Positions under an order, as expressions over stored places; remembers the tensors that they read. */
export type OrderedPlaces = {
  /** Whether rows, or keys, are moved. */
  moves(of: "query" | "key"): boolean;
  position(of: "query" | "key"): Expr;
  /** The row of the call that is stored at the row at hand. */
  row(): Expr;
  /** @param value of the coordinate, as a function of the position */
  coordinate(of: "query" | "key", axis: string, value: Expr): Expr;
  order(sort: Order["sort"], segment: Order["segment"]): Order;
};

export function orderedPlaces({ of: ordered, span }: choice.Permutation): OrderedPlaces {
  const coordinates = new Map<string, Order["coordinates"][number]>();
  const moves = (of: "query" | "key") => of === ordered || ordered === "token";
  const tensor = (name: string, of: "query" | "key"): Tensor => {
    const extents = [extent("batch"), extent("kvHeads"), extent(of === "key" ? "keys" : "queries")];
    return { name, element: "i32", extents, range: {}, sorted: false, span };
  };
  const read = (name: string, of: "query" | "key") => {
    const place = of === "key" ? coord("key") : op("sub", coord("query"), extent("queryStart"));
    return load("int", name, [coord("batch"), coord("kv"), place]);
  };
  const row = () => read("order.row", "query");
  return {
    moves,
    row,
    position(of) {
      if (!moves(of)) return coord(of);
      return of === "key" ? read("order.key", "key") : op("add", extent("queryStart"), row());
    },
    coordinate(of, axis, value) {
      if (!moves(of)) return value;
      const name = `order.${of}.${axis}`;
      coordinates.set(name, { of, tensor: tensor(name, of), value });
      return read(name, of);
    },
    order: (sort, segment) => ({
      sort,
      ...(segment && { segment }),
      ...(moves("key") && { keys: tensor("order.key", "key") }),
      ...(moves("query") && { rows: tensor("order.row", "query") }),
      coordinates: [...coordinates.values()],
    }),
  };
}

/** Of one token whatever the head: all heads are stored in one order. */
const isOfPosition = (leaf: spec.Expr): boolean =>
  leaf.kind === "position"
    ? leaf.axis !== "head" && leaf.axis !== "kv"
    : !["quantity", "product", "reduce", "pooled", "block", "element"].includes(leaf.kind);

function leavesOf(root: spec.Expr): readonly spec.Expr[] {
  const seen = new Set<spec.Expr>([root]);
  for (const node of seen) if (node.kind === "apply") for (const part of node.args) seen.add(part);
  return [...seen].filter(({ kind }) => kind !== "apply");
}
