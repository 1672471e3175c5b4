// What the pairs of blocks come to, interpreted in f64: row after row of a block, and key after key of a row.

import { type Bindings, evaluator, startPoint } from "../ir/evaluate.ts";
import type { BlockFold, PairFold } from "../ir/pair-fold.ts";
import type { Sides } from "../ir/sides.ts";
import { OF_NO_FLOATS } from "../ir/statistics.ts";
import type { Case } from "../spec/case.ts";
import { spanner } from "./block-spans.ts";
import type { Blocks } from "./choose-blocks.ts";
import { kvHeadOf } from "./environment.ts";
import { join, productsOf } from "./importance.ts";

export function foldPairs({ rows, keys }: PairFold, sides: Sides, call: Case, bindings: Bindings): Blocks {
  const { batch: batches, heads } = call.shape;
  const rowsOf = spanner(sides.query, "query", call.shape.queries, bindings);
  const keysOf = spanner(sides.key, "key", call.shape.keys, bindings);
  const shape = [batches, heads, rowsOf.count, keysOf.count] as const;
  const at = ({ takes, value }: BlockFold) => ({
    takes: evaluator(takes, "decide", bindings),
    value: evaluator(value, "real", bindings),
  });
  const [ofRow, ofPair] = [at(rows), at(keys)];
  const dot = productsOf(call);
  const blocks = new Float64Array(batches * heads * rowsOf.count * keysOf.count);
  let place = 0;
  for (let batch = 0; batch < batches; batch++) {
    const start = bindings.extent("queryStart", batch);
    for (let head = 0; head < heads; head++) {
      const point = { ...startPoint(), batch, head, kv: kvHeadOf(head, call.shape) };
      for (let i = 0; i < rowsOf.count; i++) {
        for (let j = 0; j < keysOf.count; j++) {
          const [row, key] = [rowsOf.of(batch, i), keysOf.of(batch, j)];
          let folded: number = OF_NO_FLOATS[rows.op];
          for (let index = row.first; index < row.end; index++) {
            Object.assign(point, { query: (start + index) | 0, key: j });
            if (!ofRow.takes(point)) continue;
            let score: number = OF_NO_FLOATS[keys.op];
            for (point.key = key.first; point.key < key.end; point.key++) {
              if (!ofPair.takes(point)) continue;
              point.quantities.dot = dot(point, index);
              score = join(keys.op, score, Number(ofPair.value(point)));
            }
            point.key = j;
            point.quantities.score = score;
            folded = join(rows.op, folded, Number(ofRow.value(point)));
          }
          blocks[place++] = folded;
        }
      }
    }
  }
  return { shape, blocks };
}
