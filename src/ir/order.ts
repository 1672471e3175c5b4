// The order in which a call stores tokens. Rows are moved by steps before and after the pass over the keys, which then counts
// stored places; what an expression reads of a token, its position or a coordinate, is a tensor by stored place. So
// the walk bounds a tile of the stored order by what its tokens have in common.

import type { Expr, Tensor } from "./expr.ts";
import { type Importance, importanceRoots, withImportanceRoots } from "./importance.ts";
import { coord, extent } from "./make.ts";

/** All tensors are i32 [batch, keys or queries], with an axis of KV heads or heads between where each has an order of its
 *  own. Keys are sorted, and rows may follow them; or rows are sorted, and keys stay. Keys that are not alive stay behind
 *  those that are. */
export type Order = {
  /** Who has an order of its own. Where query heads have, keys and values are stored once for each of them. */
  readonly per: OrderedBy;
  /** Sort keys: ints or floats, functions of the coordinate `key`, the position of a token, or of `query` where rows are
   *  sorted, and of importances. */
  readonly sort: readonly { readonly value: Expr; readonly descending: boolean }[];
  readonly importances: readonly Importance[];
  /** Tokens move inside segments of this size; `complete`: not inside a shorter last one. */
  readonly segment?: { readonly size: number; readonly complete: boolean };
  /** Positions of the stored keys; absent where keys stay. */
  readonly keys?: Tensor;
  /** Rows of the call in stored order; absent where rows stay. Beside sorted keys, those at their positions come first. */
  readonly rows?: Tensor;
  /** Where the key at a position is stored, where somebody asks. */
  readonly places?: Tensor;
  /** Coordinates of stored tokens, functions of the coordinate `key` or `query`. */
  readonly coordinates: readonly { readonly of: "query" | "key"; readonly tensor: Tensor; readonly value: Expr }[];
};

export type OrderedBy = "batch" | "kv" | "head";

/** Coordinates of an order's line. */
export const lineAxes = (per: OrderedBy): readonly Expr[] => [coord("batch"), ...(per === "batch" ? [] : [coord(per)])];

/** How many lines there are. */
export const lineExtents = ({ per }: Pick<Order, "per">): readonly Expr[] => LINES[per];

const LINES = {
  batch: [extent("batch")],
  kv: [extent("batch"), extent("kvHeads")],
  head: [extent("batch"), extent("heads")],
} as const satisfies Record<OrderedBy, readonly Expr[]>;

/** Heads of keys and values as they are stored: keys that query heads share lie there once for each that sorts them. */
export const storedHeads = ({ per, keys }: Order): "heads" | "kvHeads" =>
  keys && per === "head" ? "heads" : "kvHeads";

/** Whether keys are stored so, in more heads than the call has. */
export const storesCopies = (order: Order | undefined): boolean =>
  order !== undefined && storedHeads(order) === "heads";

/** What is sorted; the other side follows, or stays. */
export const sortedSide = ({ keys }: Order): "query" | "key" => (keys ? "key" : "query");

/** The tokens of a side in stored order. */
export const tokensOf = ({ keys, rows }: Order, side: "query" | "key") => (side === "key" ? keys : rows);

export const orderTensors = ({ keys, rows, places, coordinates }: Order): readonly Tensor[] => [
  ...(keys ? [keys] : []),
  ...(rows ? [rows] : []),
  ...(places ? [places] : []),
  ...coordinates.map(({ tensor }) => tensor),
];

export type OrderRoot = { readonly name: string; readonly expr: Expr; readonly arithmetic: "real" | "decide" };

/** Its expressions, by name. */
export const orderRoots = ({ sort, importances, coordinates }: Order): readonly OrderRoot[] => [
  ...importanceRoots(importances),
  ...sort.map(({ value }, index) => ({ name: `order.sort${index}`, expr: value, arithmetic: "decide" }) as const),
  ...coordinates.map(({ tensor, value }) => ({ name: tensor.name, expr: value, arithmetic: "decide" }) as const),
];

/** The order with its expressions as they are found under their names. */
export const withOrderRoots = (order: Order, find: (name: string) => Expr): Order => ({
  ...order,
  importances: withImportanceRoots(order.importances, find),
  sort: order.sort.map(({ descending }, index) => ({ value: find(`order.sort${index}`), descending })),
  coordinates: order.coordinates.map((each) => ({ ...each, value: find(each.tensor.name) })),
});
