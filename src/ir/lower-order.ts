// Permutation → Order, and what stands for the place of a token under it.

import type * as choice from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type { Expr, Tensor } from "./expr.ts";
import { coord, extent, load, op } from "./make.ts";
import { lineAxes, lineExtents, type Order, type OrderedBy } from "./order.ts";
import { nodesOf } from "./uncompiled-output.ts";

/** Positions under an order, as expressions over stored places; remembers the tensors that they read. */
export type OrderedPlaces = {
  /** Whether rows, or keys, are moved. */
  moves(of: "query" | "key"): boolean;
  position(of: "query" | "key"): Expr;
  /** The row of the call that is stored at the row at hand. */
  row(): Expr;
  /** Where the key at a position is stored. */
  place(position: Expr): Expr;
  /** The KV head of the call, whose keys may be stored once for each query head. */
  readonly kv: Expr;
  /** @param value as a function of the position
   *  @param name of the coordinate; parts of masks have numbers */
  coordinate(of: "query" | "key", value: Expr, name?: string): Expr;
  order(sorted: Pick<Order, "sort" | "importances" | "segment">): Order;
};

/** @param tensors that the call captures */
export function orderedPlaces(
  { of: ordered, order, span }: choice.Permutation,
  tensors: readonly spec.TensorParam[],
): OrderedPlaces {
  const per = orderedBy(
    order.map(({ value }) => value),
    tensors,
  );
  const coordinates = new Map<string, Order["coordinates"][number]>();
  const moves = (of: "query" | "key") => of === ordered || ordered === "token";
  const tensor = (name: string, of: "query" | "key"): Tensor => {
    const extents = [...lineExtents({ per }), extent(of === "key" ? "keys" : "queries")];
    return { name, element: "i32", extents, range: {}, sorted: false, span };
  };
  const read = (name: string, of: "query" | "key") => {
    const place = of === "key" ? coord("key") : op("sub", coord("query"), extent("queryStart"));
    return load("int", name, [...lineAxes(per), place]);
  };
  const places = tensor("order.place", "key");
  let readsPlaces = false;
  const row = () => read("order.row", "query");
  return {
    moves,
    row,
    kv: moves("key") && per === "head" ? op("floorDiv", coord("head"), GROUP) : coord("kv"),
    position(of) {
      if (!moves(of)) return coord(of);
      return of === "key" ? read("order.key", "key") : op("add", extent("queryStart"), row());
    },
    place(position) {
      if (!moves("key")) return position;
      readsPlaces = true;
      return load("int", places.name, [...lineAxes(per), position]);
    },
    coordinate(of, value, axis) {
      if (!moves(of)) return value;
      const known = [...coordinates.values()].find((each) => each.of === of && each.value === value);
      const name = known?.tensor.name ?? `order.${of}.${axis ?? coordinates.size}`;
      coordinates.set(name, { of, tensor: tensor(name, of), value });
      return read(name, of);
    },
    order: (sorted) => ({
      ...{ per, ...sorted },
      ...(moves("key") && { keys: tensor("order.key", "key") }),
      ...(moves("query") && { rows: tensor("order.row", "query") }),
      ...(readsPlaces && { places }),
      coordinates: [...coordinates.values()],
    }),
  };
}

/** Query heads of a KV head. */
const GROUP = op("floorDiv", extent("heads"), extent("kvHeads"));

/** Who has an order of its own, by what tokens are sorted by, whatever is allowed to have one. */
export function orderedBy(values: readonly spec.Expr[], tensors: readonly spec.TensorParam[]): OrderedBy {
  const leaves = values.flatMap(nodesOf);
  const captured = tensors.filter(({ name }) => leaves.some((leaf) => leaf.kind === "element" && leaf.tensor === name));
  const axes = captured.flatMap((tensor) => tensor.axes).filter((axis) => axis.kind === "implicit");
  const isOn = (axis: string) =>
    leaves.some((leaf) => leaf.kind === "position" && leaf.axis === axis) || axes.some((own) => own.axis === axis);
  const readsScores = leaves.some(({ kind }) => kind === "reduce" || kind === "pooled");
  if (isOn("head") || readsScores) return "head";
  return isOn("kv") ? "kv" : "batch";
}

/** Known of a token before anything is computed. */
export const isKnownBefore = ({ kind }: spec.Expr): boolean =>
  !["quantity", "product", "reduce", "pooled", "block"].includes(kind);
