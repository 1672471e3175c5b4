// What keys are worth to query rows, or rows to keys, interpreted in f64: row after row, each with its softmax where it has one.

import { type Bindings, evaluator, type Point, startPoint } from "../ir/evaluate.ts";
import { type Importance, keysOf, rowsOf } from "../ir/importance.ts";
import { bool } from "../ir/make.ts";
import { type FoldOp, ofNothing, type RowRange } from "../ir/statistics.ts";
import type { Case } from "../spec/case.ts";
import { floats } from "../tensors/elements.ts";
import { keysAlive, kvHeadOf } from "./environment.ts";

/** [batch, heads, keys or queries] */
export function importanceOf(importance: Importance, call: Case, bindings: Bindings): Float64Array {
  const { batch: batches, heads, keys, queries } = call.shape;
  const { of, op, asked = bool(true), takes = bool(true), softmax, value } = importance;
  const length = of === "key" ? keys : queries;
  const worth = new Float64Array(batches * heads * length).fill(ofNothing(op, importance.tensor));
  const [valueAt, scoreAt] = [value, softmax?.of ?? value].map((expr) => evaluator(expr, "real", bindings));
  const [isAsked, takesPair] = [asked, takes].map((expr) => evaluator(expr, "decide", bindings));
  const dot = productsOf(call);
  for (let batch = 0; batch < batches; batch++) {
    const [firstRow, endRow] = boundsOf(rowsOf(importance), bindings, batch);
    const [firstKey, endKey] = boundsOf(keysOf(importance), bindings, batch);
    const part = softmax && boundsOf(softmax.keys, bindings, batch);
    const alive = keysAlive(call, batch);
    for (let head = 0; head < heads; head++) {
      const point = { ...startPoint(), batch, head, kv: kvHeadOf(head, call.shape) };
      const line = worth.subarray((batch * heads + head) * length, (batch * heads + head + 1) * length);
      for (let row = firstRow; row < endRow; row++) {
        point.query = (bindings.extent("queryStart", batch) + row) | 0;
        if (!isAsked!(point)) continue;
        const at = (key: number): Point => {
          point.key = key;
          point.quantities.dot = dot(point, row);
          return point;
        };
        const weights = part && softmaxOf(alive, part, (key) => Number(scoreAt!(at(key))));
        for (let key = firstKey; key < endKey; key++) {
          const point = at(key);
          if (!takesPair!(point)) continue;
          if (weights) point.quantities.weight = weights[key]!;
          const place = of === "key" ? key : row;
          line[place] = join(op, line[place]!, Number(valueAt!(point)));
        }
      }
    }
  }
  return worth;
}

export const join = (op: FoldOp, left: number, right: number): number =>
  op === "sum" ? left + right : op === "max" ? Math.max(left, right) : Math.min(left, right);

function boundsOf({ first, end }: RowRange, bindings: Bindings, batch: number): readonly [number, number] {
  const at = { ...startPoint(), batch };
  return [Number(evaluator(first, "decide", bindings)(at)), Number(evaluator(end, "decide", bindings)(at))];
}

/** Keys out of range have no part in it. */
function softmaxOf(count: number, [first, end]: readonly [number, number], scoreOf: (key: number) => number) {
  const scores = Array.from({ length: count }, (_, key) => (first <= key && key < end ? scoreOf(key) : -Infinity));
  const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  if (highest === -Infinity) return scores.map(() => 0);
  const terms = scores.map((score) => Math.exp(score - highest));
  const total = terms.reduce((sum, term) => sum + term, 0);
  return terms.map((term) => term / total);
}

/** The product of a row, and of the key of a point. */
export function productsOf(call: Case): (point: Point, row: number) => number {
  const { heads, kvHeads, queries, keys, dim } = call.shape;
  const [query, key] = [floats(call.query), floats(call.key)];
  return ({ batch, head, kv, key: column }, row) => {
    const left = ((batch * heads + head) * queries + row) * dim;
    const right = ((batch * kvHeads + kv) * keys + column) * dim;
    let sum = 0;
    for (let d = 0; d < dim; d++) sum += query[left + d]! * key[right + d]!;
    return sum;
  };
}
