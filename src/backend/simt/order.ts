// How tokens are sorted by machines of many threads, whatever their language. Runs of as many tokens as a group has threads are
// sorted each by itself; then a token's place is the sum of its places in all runs of its segment, each found by halving. That
// is two launches whatever the length, no token waits for another group, and the result is the same everywhere: with
// n tokens each looks at 256 and at 8 · n / 256 others, 2 300 of 65 536. Ranks by counting alone would look at all of them, and
// merges or digits would take a launch for each doubling or digit.

import type { Order, OrderedBy } from "../../ir/order.ts";

/** Tokens of a run, and threads that sort it. */
export const RUN = 256;

/** How many runs a segment has; undefined where there is one segment, as long as the sequence. */
export const runsOf = ({ segment }: Order): number | undefined => segment && Math.ceil(segment.size / RUN);

/** The number of the line that belongs to a head.
 *  @param kv names the KV head, where orders of KV heads are asked for */
export const lineOf = (per: OrderedBy, kv = "kv"): string =>
  ({
    batch: "batch",
    kv: `(batch * call.kv_heads + ${kv})`,
    head: "(batch * call.heads + head)",
  })[per];

/** The place in the order of the call of what is stored at another.
 *  @param read reads an element of a tensor */
export function calledPlace(
  order: Order | undefined,
  side: "rows" | "keys",
  stored: string,
  read: (tensor: string, index: string) => string,
  kv?: string,
): string {
  const tensor = order?.[side];
  if (!order || !tensor) return stored;
  const length = side === "rows" ? "call.queries" : "call.keys";
  return read(tensor.name, `${lineOf(order.per, kv)} * ${length} + ${stored}`);
}

/** The length of the call that counts the tokens of a side. */
export const LENGTH_OF = { query: "queries", key: "keys" } as const;

/** Lengths of the call that say how many orders a batch has; none where it has one. */
export const LINES_OF: Readonly<Record<OrderedBy, readonly ("kvHeads" | "heads")[]>> = {
  batch: [],
  kv: ["kvHeads"],
  head: ["heads"],
};
