// Attention as an honest f32 kernel computes it: every operation rounded, softmax online over tiles of keys, an
// exponential that is some units in the last place off. It stands in for a target in the tests of the error bound.
// Faults can be planted.

import { compile } from "../../../src/reference/evaluate.ts";
import { kvHead } from "../../../src/reference/leaf.ts";
import { maskOf } from "../../../src/reference/mask.ts";
import { startPoint } from "../../../src/reference/point.ts";
import { surroundingsOf } from "../../../src/reference/surroundings.ts";
import type { Case, Result } from "../../../src/spec/case.ts";
import { floats } from "../../../src/tensors/elements.ts";

export type Faults = {
  /** Factor of the scale. */
  readonly scale?: number;
  /** Leaves out the last visible key of every row. */
  readonly dropKey?: boolean;
  /** Shows a hidden key to every row that has one. */
  readonly leakKey?: boolean;
  readonly forgetSink?: boolean;
  readonly forgetWeight?: boolean;
};

const round = Math.fround;
/** An exponential that is always 3 units in the last place high or low. */
const exp = (x: number) => round(Math.exp(x) * (1 + (Math.abs(x * 1e6) % 2 < 1 ? 3 : -3) * 2 ** -24));
const tile = 16;

export function f32Attention(call: Case, faults: Faults = {}): Result {
  const { attention, shape } = call;
  const { batch: batches, heads, kvHeads, queries, keys, dim, valueDim } = shape;
  const [query, key, value] = [floats(call.query), floats(call.key), floats(call.value)];
  const around = surroundingsOf(call);
  // Evaluating a score like a decision rounds each operation to f32.
  const f32 = ({ value: expr }: { value: Parameters<typeof compile>[0] }) => compile(expr, around, "decide");
  const [scores, weights] = [attention.scores.map(f32), faults.forgetWeight ? [] : attention.weights.map(f32)];
  const scale = attention.scale ? f32(attention.scale) : () => round(1 / round(Math.sqrt(dim)));
  const { normalize } = attention;
  const hasSink = normalize.kind === "softmax" && normalize.sink && !faults.forgetSink;
  const sink = hasSink ? f32({ value: normalize.sink! }) : () => -Infinity;
  const mask = maskOf(call);
  const out = new Float32Array(batches * heads * queries * valueDim);
  const lse = new Float32Array(batches * heads * queries);

  for (let at = 0; at < lse.length; at++) {
    const [row, head] = [at % queries, Math.floor(at / queries) % heads];
    const batch = Math.floor(at / queries / heads);
    const firstKey = (batch * kvHeads + kvHead(head, shape)) * keys;
    const point = { ...startPoint(), batch, head, row, query: around.queryStart(batch) + row };
    const alive = Math.min(call.keyLengths?.[batch] ?? keys, keys);
    const all = Array.from({ length: alive }, (_, k) => k);
    let visible = all.filter((k) => mask.visible(batch, head, row, k));
    if (faults.dropKey) visible = visible.slice(0, -1);
    const hidden = all.find((k) => !visible.includes(k));
    if (faults.leakKey && hidden !== undefined) visible.push(hidden);

    const scored: { k: number; s: number }[] = [];
    for (const k of visible) {
      Object.assign(point, { key: k, scale: round(scale(point) * (faults.scale ?? 1)) });
      // The scale is folded into the query row.
      let dot = 0;
      for (let d = 0; d < dim; d++) {
        const folded = round(query[at * dim + d]! * point.scale);
        dot = round(dot + round(folded * key[(firstKey + k) * dim + d]!));
      }
      point.s = dot;
      for (const next of scores) point.s = next(point);
      if (point.s > -Infinity) scored.push({ k, s: point.s });
    }

    let [highest, sum] = [sink(point), 0];
    if (highest > -Infinity) sum = 1;
    const accumulated = new Float32Array(valueDim);
    const online = weights.length === 0 && normalize.kind === "softmax";
    for (let first = 0; first < scored.length; first += tile) {
      const part = scored.slice(first, first + tile);
      const next = part.reduce((most, { s }) => Math.max(most, s), highest);
      const rescale = highest === -Infinity ? 0 : exp(round(highest - next));
      sum = round(sum * rescale);
      if (online) accumulated.set(accumulated.map((each) => each * rescale));
      highest = next;
      for (const { k, s } of part) {
        const p = exp(round(s - highest));
        sum = round(sum + p);
        if (online) add(accumulated, p, firstKey + k);
      }
    }
    lse[at] = highest === -Infinity ? -Infinity : round(highest + round(Math.log(sum)));

    if (online && scored.length > 0) accumulated.set(accumulated.map((each) => each / sum));
    if (!online) {
      const total = scored.reduce((so, { s }) => round(so + s), 0);
      for (const { k, s } of scored) {
        Object.assign(point, { key: k, scale: scale(point), s, lse: lse[at] });
        const forms = {
          softmax: () => exp(round(s - lse[at]!)),
          sum: () => (total === 0 ? 0 : s / total),
          none: () => s,
        };
        point.p = round(forms[normalize.kind]());
        for (const next of weights) point.p = next(point);
        add(accumulated, point.p, firstKey + k);
      }
    }
    if (scored.length === 0 && attention.empty === "uniform")
      for (const k of all) add(accumulated, round(1 / alive), firstKey + k);
    out.set(accumulated, at * valueDim);
  }
  return { out, lse };

  function add(accumulated: Float32Array, weight: number, row: number): void {
    for (let d = 0; d < valueDim; d++) {
      accumulated[d] = round(accumulated[d]! + round(weight * value[row * valueDim + d]!));
    }
  }
}
