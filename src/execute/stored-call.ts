// A call whose tokens are stored in another order, for those who run expressions and plans: rows moved, the tensors that say
// where they came from added, and the way back for results.

import { type Bindings, evaluator, type Point, startPoint } from "../ir/evaluate.ts";
import type { AttentionIr } from "../ir/expr.ts";
import { type Order, sortedSide, storedHeads } from "../ir/order.ts";
import type { Case, Result } from "../spec/case.ts";
import { floats, makeTensor } from "../tensors/elements.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { bindCase, keysAlive, kvHeadOf } from "./environment.ts";
import { importanceOf } from "./importance.ts";

export type StoredCall = { readonly call: Case; restore(result: Result): Result };

/** The call itself where the attention has no order. Where query heads have orders of their own, each has keys of its own. */
export function storedCall(attention: AttentionIr, call: Case): StoredCall {
  const { order } = attention;
  if (!order) return { call, restore: (result) => result };
  const { batch: batches, heads, kvHeads, queries, keys, dim, valueDim } = call.shape;
  const { tensors, keysOf, rowsOf } = orderOf(order, attention, call);
  const rowsOfHeads = rowsOf && perHead(batches, heads, rowsOf);
  const keyHeads = storedHeads(order) === "heads" ? heads : kvHeads;
  const move = (tensor: Tensor, width: number) => {
    const lines = perHead(batches, keyHeads, (batch, head) => keysOf!(batch, head * (heads / keyHeads)));
    return moved(tensor, lines, keys, width, keyHeads / kvHeads);
  };
  const stored: Case = {
    ...call,
    tensors,
    shape: { ...call.shape, kvHeads: keyHeads, calledKvHeads: kvHeads },
    query: rowsOfHeads ? moved(call.query, rowsOfHeads, queries, dim, 1) : call.query,
    key: keysOf ? move(call.key, dim) : call.key,
    value: keysOf ? move(call.value, valueDim) : call.value,
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

/** What is stored where, as lines by query head and as tensors beside the captured ones. */
function orderOf(order: Order, attention: AttentionIr, given: Case) {
  const { batch: batches, heads, kvHeads, keys, queries } = given.shape;
  const worth = order.importances.map((importance) => {
    const values = importanceOf(importance, given, bindCase(attention, given));
    return [
      importance.tensor.name,
      makeTensor("f64", [batches, heads, importance.of === "key" ? keys : queries], values),
    ] as const;
  });
  const call = { ...given, tensors: { ...given.tensors, ...Object.fromEntries(worth) } };
  const bindings = bindCase(attention, call);
  // All heads that share an order have that of the first.
  const count = { batch: 1, kv: kvHeads, head: heads }[order.per];
  const lineOf = (batch: number, head: number) => batch * count + Math.floor((head * count) / heads);
  const points = Array.from({ length: batches * count }, (_, line): Point => {
    const head = (line % count) * (heads / count);
    return { ...startPoint(), batch: Math.floor(line / count), head, kv: kvHeadOf(head, given.shape) };
  });
  const sorted = points.map((point) => sortedTokens(order, call, bindings, point));
  const keyLines = order.keys && sorted;
  const rowLines =
    order.rows &&
    (order.keys ? points.map((at, line) => rowsInOrder(sorted[line]!, call, bindings, at.batch)) : sorted);
  const shape = [batches, ...(order.per === "batch" ? [] : [count])];
  const asTensor = (lines: Lines) => makeTensor("i32", [...shape, lines[0]?.length ?? 0], lines.flat());
  const tensors = Object.fromEntries([
    ...(order.keys ? [[order.keys.name, asTensor(keyLines!)] as const] : []),
    ...(order.rows ? [[order.rows.name, asTensor(rowLines!)] as const] : []),
    ...(order.places ? [[order.places.name, asTensor(keyLines!.map(placesOf))] as const] : []),
    ...order.coordinates.map(({ of, tensor, value }) => {
      const coordinate = evaluator(value, "decide", bindings);
      const lines = (of === "key" ? keyLines! : rowLines!).map((line, at) => {
        const start = of === "key" ? 0 : bindings.extent("queryStart", points[at]!.batch);
        return line.map((place) => Number(coordinate({ ...points[at]!, [of]: (start + place) | 0 })));
      });
      return [tensor.name, asTensor(lines)] as const;
    }),
  ]);
  const byHead = (lines: Lines | undefined) => lines && ((batch: number, head: number) => lines[lineOf(batch, head)]!);
  return { tensors: { ...call.tensors, ...tensors }, keysOf: byHead(keyLines), rowsOf: byHead(rowLines) };
}

type Lines = readonly (readonly number[])[];

const perHead = (batches: number, heads: number, lineOf: (batch: number, head: number) => readonly number[]): Lines =>
  Array.from({ length: batches * heads }, (_, at) => lineOf(Math.floor(at / heads), at % heads));

/** Keys or rows of a line in stored order: a stable sort of every segment of those that are alive. */
function sortedTokens(order: Order, call: Case, bindings: Bindings, from: Point): readonly number[] {
  const { sort, segment } = order;
  const side = sortedSide(order);
  const alive = side === "key" ? keysAlive(call, from.batch) : call.shape.queries;
  const start = side === "key" ? 0 : bindings.extent("queryStart", from.batch);
  const sortKeys = sort.map(({ value, descending }) => {
    const compute = evaluator(value, "decide", bindings);
    const at = (token: number) => ({ ...from, [side]: (start + token) | 0 });
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
      return at < 0 ? a - b : values.get(a)![at]! < values.get(b)![at]! ? -1 : 1;
    };
    stored.push(...(segment?.complete && inside.length < size ? inside : inside.toSorted(compare)));
  }
  return [...stored, ...tokens.slice(alive)];
}

/** Where every token of a line is stored. */
function placesOf(line: readonly number[]): readonly number[] {
  const places = line.map(() => 0);
  for (const [place, token] of line.entries()) places[token] = place;
  return places;
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

/** @param copies heads that are made of one */
function moved(tensor: Tensor, lines: Lines, rows: number, width: number, copies: number): Tensor {
  const [batches = 0, heads = 0] = tensor.shape;
  const values = floats(tensor);
  const data = lines.flatMap((line, head) =>
    line.flatMap((row) => {
      const from = (Math.floor(head / copies) * rows + row) * width;
      return Array.from({ length: width }, (_, d) => values[from + d]!);
    }),
  );
  return makeTensor("f32", [batches, heads * copies, rows, width], data);
}
