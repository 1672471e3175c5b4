// A call whose tokens are stored in another order, for those who run expressions and plans: rows moved, the tensors that say
// where they came from added, and the way back for results.

import { type Bindings, evaluator, startPoint } from "../ir/evaluate.ts";
import type { AttentionIr } from "../ir/expr.ts";
import { type Order, sortedSide } from "../ir/order.ts";
import type { Case, Result } from "../spec/case.ts";
import { floats, makeTensor } from "../tensors/elements.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { bindCase, keysAlive } from "./environment.ts";

export type StoredCall = { readonly call: Case; restore(result: Result): Result };

/** The call itself where the attention has no order. */
export function storedCall(attention: AttentionIr, call: Case): StoredCall {
  const { order } = attention;
  if (!order) return { call, restore: (result) => result };
  const { batch: batches, heads, kvHeads, queries, keys, dim, valueDim } = call.shape;
  const { tensors, keysOf, rowsOf } = orderOf(order, attention, call);
  const group = heads / kvHeads;
  const rowsOfHeads =
    rowsOf && perHead(batches, heads, (batch, head) => rowsOf[batch * kvHeads + Math.floor(head / group)]!);
  const stored: Case = {
    ...call,
    tensors,
    query: rowsOfHeads ? moved(call.query, rowsOfHeads, queries, dim) : call.query,
    key: keysOf ? moved(call.key, keysOf, keys, dim) : call.key,
    value: keysOf ? moved(call.value, keysOf, keys, valueDim) : call.value,
  };
  const restore = (result: Result): Result => {
    if (!rowsOfHeads) return result;
    const back = (values: Float64Array | Float32Array, width: number) => {
      const restored = new Float64Array(values.length);
      rowsOfHeads.forEach((line, head) => {
        line.forEach((row, place) => {
          for (let d = 0; d < width; d++) {
            restored[(head * queries + row) * width + d] = values[(head * queries + place) * width + d]!;
          }
        });
      });
      return restored;
    };
    return { ...result, out: back(result.out, valueDim), ...(result.lse && { lse: back(result.lse, 1) }) };
  };
  return { call: stored, restore };
}

/** The call with the tensors of its order, and its rows where they were: enough for what only looks at the mask. */
export function withOrder(attention: AttentionIr, call: Case): Case {
  const { order } = attention;
  return order ? { ...call, tensors: orderOf(order, attention, call).tensors } : call;
}

/** What is stored where, as lines for every KV head and as tensors beside the captured ones. */
function orderOf(order: Order, attention: AttentionIr, call: Case) {
  const { batch: batches, kvHeads } = call.shape;
  const bindings = bindCase(attention, call);
  const forHeads = (lines: Lines) => perHead(batches, kvHeads, (batch) => lines[batch]!);
  const sorted = Array.from({ length: batches }, (_, batch) => sortedTokens(order, call, bindings, batch));
  const keysOf = order.keys && forHeads(sorted);
  const rows = order.keys ? sorted.map((keys, batch) => rowsInOrder(keys, call, bindings, batch)) : sorted;
  const rowsOf = order.rows && forHeads(rows);
  const tensors = Object.fromEntries([
    ...(order.keys ? [[order.keys.name, indices(batches, kvHeads, keysOf!)] as const] : []),
    ...(order.rows ? [[order.rows.name, indices(batches, kvHeads, rowsOf!)] as const] : []),
    ...order.coordinates.map(({ of, tensor, value }) => {
      const coordinate = evaluator(value, "decide", bindings);
      const places = of === "key" ? keysOf! : rowsOf!;
      const lines = places.map((line, at) => {
        const batch = Math.floor(at / kvHeads);
        const start = of === "key" ? 0 : bindings.extent("queryStart", batch);
        return line.map((place) => Number(coordinate({ ...startPoint(), batch, [of]: (start + place) | 0 })));
      });
      return [tensor.name, indices(batches, kvHeads, lines)] as const;
    }),
  ]);
  return { tensors: { ...call.tensors, ...tensors }, keysOf, rowsOf };
}

type Lines = readonly (readonly number[])[];

const perHead = (batches: number, heads: number, lineOf: (batch: number, head: number) => readonly number[]): Lines =>
  Array.from({ length: batches * heads }, (_, at) => lineOf(Math.floor(at / heads), at % heads));

/** Keys or rows of a batch in stored order: a stable sort of every segment of those that are alive. */
function sortedTokens(order: Order, call: Case, bindings: Bindings, batch: number): readonly number[] {
  const { sort, segment } = order;
  const side = sortedSide(order);
  const alive = side === "key" ? keysAlive(call, batch) : call.shape.queries;
  const start = side === "key" ? 0 : bindings.extent("queryStart", batch);
  const sortKeys = sort.map(({ value, descending }) => {
    const compute = evaluator(value, "decide", bindings);
    const at = (token: number) => ({ ...startPoint(), batch, [side]: (start + token) | 0 });
    return (token: number) => (descending ? -1 : 1) * Number(compute(at(token)));
  });
  const length = side === "key" ? call.shape.keys : call.shape.queries;
  const tokens = Array.from({ length }, (_, token) => token);
  const size = segment?.size ?? Math.max(1, alive);
  const stored: number[] = [];
  for (let first = 0; first < alive; first += size) {
    const inside = tokens.slice(first, Math.min(first + size, alive));
    const values = new Map(inside.map((token) => [token, sortKeys.map((sortKey) => sortKey(token))]));
    const compare = (a: number, b: number) => {
      const at = sortKeys.findIndex((_, index) => values.get(a)![index] !== values.get(b)![index]);
      return at < 0 ? a - b : values.get(a)![at]! - values.get(b)![at]!;
    };
    stored.push(...(segment?.complete && inside.length < size ? inside : inside.toSorted(compare)));
  }
  return [...stored, ...tokens.slice(alive)];
}

/** Rows in the order of the keys at their positions, then those at no key's position. */
function rowsInOrder(stored: readonly number[], call: Case, bindings: Bindings, batch: number): readonly number[] {
  const { queries } = call.shape;
  const start = bindings.extent("queryStart", batch);
  const alive = keysAlive(call, batch);
  const isRow = (row: number) => row >= 0 && row < queries;
  const first = stored
    .slice(0, alive)
    .map((key) => key - start)
    .filter(isRow);
  const taken = new Set(first);
  const others = Array.from({ length: queries }, (_, row) => row).filter((row) => !taken.has(row));
  return [...first, ...others];
}

const indices = (batches: number, heads: number, lines: Lines): Tensor =>
  makeTensor("i32", [batches, heads, lines[0]?.length ?? 0], lines.flat());

function moved(tensor: Tensor, lines: Lines, rows: number, width: number): Tensor {
  const values = floats(tensor);
  const data = lines.flatMap((line, head) =>
    line.flatMap((row) => Array.from({ length: width }, (_, d) => values[(head * rows + row) * width + d]!)),
  );
  return makeTensor("f32", tensor.shape, data);
}
