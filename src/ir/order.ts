// The order in which a call stores tokens. Rows are moved by steps before and after the pass over the keys, which then counts
// stored places; what an expression reads of a token, its position or a coordinate, is a tensor by stored place. So
// the walk bounds a tile of the stored order by what its tokens have in common.

import type { Expr, Tensor } from "./expr.ts";

/** All tensors are i32 [batch, KV heads, keys or queries]. Keys are sorted, and rows may follow them; or rows are sorted, and
 *  keys stay. Keys that are not alive stay behind those that are. */
export type Order = {
  /** Sort keys: ints, functions of the coordinate `key`, the position of a token, or of `query` where rows are sorted. */
  readonly sort: readonly { readonly value: Expr; readonly descending: boolean }[];
  /** Tokens move inside segments of this size; `complete`: not inside a shorter last one. */
  readonly segment?: { readonly size: number; readonly complete: boolean };
  /** Positions of the stored keys; absent where keys stay. */
  readonly keys?: Tensor;
  /** Rows of the call in stored order; absent where rows stay. Beside sorted keys, those at their positions come first. */
  readonly rows?: Tensor;
  /** Coordinates of stored tokens, functions of the coordinate `key` or `query`. */
  readonly coordinates: readonly { readonly of: "query" | "key"; readonly tensor: Tensor; readonly value: Expr }[];
};

/** What is sorted; the other side follows, or stays. */
export const sortedSide = ({ keys }: Order): "query" | "key" => (keys ? "key" : "query");

/** The tokens of a side in stored order. */
export const tokensOf = ({ keys, rows }: Order, side: "query" | "key") => (side === "key" ? keys : rows);

export const orderTensors = ({ keys, rows, coordinates }: Order): readonly Tensor[] => [
  ...(keys ? [keys] : []),
  ...(rows ? [rows] : []),
  ...coordinates.map(({ tensor }) => tensor),
];

export type OrderRoot = { readonly name: string; readonly expr: Expr; readonly arithmetic: "decide" };

/** Its expressions, by name. */
export const orderRoots = ({ sort, coordinates }: Order): readonly OrderRoot[] => [
  ...sort.map(({ value }, index) => ({ name: `order.sort${index}`, expr: value, arithmetic: "decide" }) as const),
  ...coordinates.map(({ tensor, value }) => ({ name: tensor.name, expr: value, arithmetic: "decide" }) as const),
];

/** The order with its expressions as they are found under their names. */
export const withOrderRoots = (order: Order, find: (name: string) => Expr): Order => ({
  ...order,
  sort: order.sort.map(({ descending }, index) => ({ value: find(`order.sort${index}`), descending })),
  coordinates: order.coordinates.map((each) => ({ ...each, value: find(each.tensor.name) })),
});
