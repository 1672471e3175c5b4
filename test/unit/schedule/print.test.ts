import { expect, test } from "vitest";
import { extent, float, load, op } from "../../../src/ir/make.ts";
import { printProgram } from "../../../src/schedule/print.ts";
import { printLoops } from "../../../src/schedule/print-loops.ts";
import { causal, h, k, p, planned, q, s, tensor, toFloat } from "./attention.ts";

const slope = load("float", "slope", [h]);
const alibi = planned({
  tensors: [tensor("slope", "f32", extent("heads"))],
  mask: causal,
  score: op("add", s, op("mul", op("exp", slope), toFloat(op("sub", k, q)))),
  outputs: { lse: true },
});

test("a program shows its buffers and every decision", () => {
  expect(printProgram(alibi)).toMatchInlineSnapshot(`
    "program test for dim 64, value dim 64
      input          query: f32[len(batch), len(heads), len(queries), 64]
      input          key: f32[len(batch), len(kvHeads), len(keys), 64]
      input          value: f32[len(batch), len(kvHeads), len(keys), 64]
      input          slope: f32[len(heads)]
      input          key_lengths: i32[len(batch)]
      input          query_start: i32[len(batch)]
      output         out: f32[len(batch), len(heads), len(queries), 64]
      output         lse: f32[len(batch), len(heads), len(queries)]

    step attend
      reads          query key value slope key_lengths query_start
      writes         out lse
      pass           online
      tile           64 queries × 64 keys
      decode         up to 16 queries, 256 keys at a time
      head           head0 = exp(slope[h])
      diagonal       diagonal0 = mul(head0, toFloat(sub(k, q)))
      scale          0.125 at every query row
      score          add(s, diagonal0)
      mask           ge(q, k)
      normalize      softmax
      empty          zero
      keys           0 ‥ lastQuery
      next key       mul(floorDiv(select(ge(lastQuery, nextKey), nextKey, 2147483647), 64), 64)
      may hold       le(firstKey, lastQuery)
      must hold      le(lastKey, firstQuery)
    "
  `);
});

test("its loops show what is computed how often", () => {
  expect(printLoops(alibi)).toMatchInlineSnapshot(`
    "step attend: for each batch b and head h
      head0 = exp(slope[h])
      for each tile of 64 query rows
        for each row q
          max, sum = -inf, 0.0
          Q = Q * 0.125
        for nextKey = 0; nextKey < len(key); nextKey += 64
          nextKey = mul(floorDiv(select(ge(lastQuery, nextKey), nextKey, 2147483647), 64), 64)
          stop unless nextKey < len(key)
          firstKey, lastKey = nextKey, min(nextKey + 64, len(key)) - 1
          may = le(firstKey, lastQuery)
          skip the tile unless may
          must = le(lastKey, firstQuery)
          for each distance k - q of the tile
            diagonal0 = mul(head0, toFloat(sub(k, q)))
          for each q and each k from firstKey to lastKey
            s = dot(Q, K)
            s = add(s, diagonal0)
            visible = ge(q, k)
            s = if visible or must then s else -inf
          max, sum of exp(s - max), sum of s: take the tile in, rescale
          O += p * V with p = exp(s - max)
        for each row q
          out[b, h, q] = O / sum    // 0.0 where no key is visible
          lse[b, h, q] = max + log(sum)
    "
  `);
});

test("values of the distance stand beside those of the keys", () => {
  const far = op("sqrt", toFloat(op("abs", op("sub", q, k))));
  const program = planned({ score: op("sub", s, far) });
  expect(printProgram(program)).toContain("  diagonal       diagonal0 = sqrt(toFloat(abs(sub(q, k))))\n");
  expect(printLoops(program)).toContain(`
      for each distance k - q of the tile
        diagonal0 = sqrt(toFloat(abs(sub(q, k))))
      for each q and each k from firstKey to lastKey
        s = dot(Q, K)
        s = sub(s, diagonal0)
`);
});

test("two passes are two nests of loops", () => {
  const normalize = { kind: "sum" } as const;
  const weight = op("max", op("sub", p, float(0.5)), float(0));
  expect(printLoops(planned({ normalize, weight, empty: "uniform" }))).toMatchInlineSnapshot(`
    "step statistics: for each batch b and head h
      for each tile of 64 query rows
        for each row q
          max, sum = -inf, 0.0
          Q = Q * 0.125
        for nextKey = 0; nextKey < len(key); nextKey += 64
          firstKey, lastKey = nextKey, min(nextKey + 64, len(key)) - 1
          for each q and each k from firstKey to lastKey
            s = dot(Q, K)
          max, sum of exp(s - max), sum of s: take the tile in, rescale
        for each row q
          statistics[b, h, q] = total, lse

    step replay: for each batch b and head h
      for each tile of 64 query rows
        for each row q
          total, lse = statistics[b, h, q]
          Q = Q * 0.125
        for nextKey = 0; nextKey < len(key); nextKey += 64
          firstKey, lastKey = nextKey, min(nextKey + 64, len(key)) - 1
          for each q and each k from firstKey to lastKey
            s = dot(Q, K)
            weight(p) = max(sub(p, 0.5), 0.0)
          O += weight(p) * V with p = s / total
        for each row q
          out[b, h, q] = O    // mean of V where no key is visible
    "
  `);
});
