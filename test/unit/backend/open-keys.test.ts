// In a tile where the mask hides pairs, a strip of rows computes the keys from the first to the last that one of its rows sees, in
// whole panels, and reads no others. What it leaves out is NaN here, so that one look at it would show.

import { describe, expect, test } from "vitest";
import { assemble } from "../../../src/backend/wasm/assemble.ts";
import { compileAttention } from "../../../src/compile.ts";
import { coord, int, op } from "../../../src/ir/make.ts";
import { instantiate } from "../../../src/runtime/wasm.ts";
import { attentionOf } from "../../check.ts";
import { attention, BUILDS, type Build, dense, kernelOf, poison, randomInputs, worstError } from "./kernel.ts";

const PANEL = 8;
const shape = { batch: 1, heads: 2, kvHeads: 1, queries: 64, keys: 64, dim: 16, valueDim: 24 };
const [q, k] = [coord("query"), coord("key")];
const WINDOW = 11;
const window = op("and", op("ge", q, k), op("lt", op("sub", q, k), int(WINDOW)));
const sees = ({ q, k }: { readonly q: number; readonly k: number }) => q >= k && q - k < WINDOW;

describe.each(Object.keys(BUILDS) as Build[])("%s", (build) => {
  const { rows } = BUILDS[build].registerTile;
  const strips = Array.from({ length: Math.ceil(shape.queries / rows) }, (_, strip) => strip * rows);

  test("a strip reads the panels that it sees", async () => {
    const kernel = await kernelOf(attention({ mask: window }), shape, build);
    for (const first of strips) {
      const last = Math.min(first + rows, shape.queries) - 1;
      const from = Math.floor(Math.max(0, first - WINDOW + 1) / PANEL) * PANEL;
      const end = Math.ceil((last + 1) / PANEL) * PANEL;
      const inputs = randomInputs(shape, first);
      for (const { data, shape: lengths } of [inputs.key, inputs.value]) {
        const width = lengths.at(-1)!;
        data.fill(Number.NaN, 0, from * width);
        data.fill(Number.NaN, end * width);
      }
      poison(kernel);
      const { out } = kernel.run(inputs);
      const wanted = dense(shape, inputs, { visible: sees }).out;
      for (let head = 0; head < shape.heads; head++) {
        const at = (row: number) => (head * shape.queries + row) * shape.valueDim;
        const [own, right] = [out.data.slice(at(first), at(last + 1)), wanted.slice(at(first), at(last + 1))];
        expect(worstError(own, right), `rows ${first} to ${last}`).toBeLessThan(5e-6);
      }
    }
  });

  test("folds of rows and of keys add to their own places", async () => {
    const text = `attention folded {
      mask q >= k and q - k < ${WINDOW}
      output mass = sum[query] p
      output most = max[key] s
    }`;
    const long = { ...shape, queries: 150, keys: 150 };
    const settings = { dims: long, consts: {} };
    const { emission } = compileAttention(attentionOf(text), BUILDS[build], settings).value[0]!;
    const kernel = await instantiate(assemble(emission.files[0]!.text), emission.description);
    const inputs = randomInputs(long, 5);
    poison(kernel);
    const { named } = kernel.run(inputs);
    const mass = new Float64Array(long.heads * long.keys);
    const most = new Float64Array(long.heads * long.queries);
    for (let head = 0; head < long.heads; head++) {
      for (let row = 0; row < long.queries; row++) {
        const scores = Array.from({ length: long.keys }, (_, key) => {
          if (!sees({ q: row, k: key })) return Number.NEGATIVE_INFINITY;
          const at = (head * long.queries + row) * long.dim;
          const products = Array.from(
            { length: long.dim },
            (_, d) => inputs.query.data[at + d]! * inputs.key.data[key * long.dim + d]!,
          );
          return products.reduce((sum, each) => sum + each, 0) / Math.sqrt(long.dim);
        });
        const highest = Math.max(...scores);
        const total = scores.reduce((sum, score) => sum + Math.exp(score - highest), 0);
        most[head * long.queries + row] = highest;
        for (const [key, score] of scores.entries()) mass[head * long.keys + key]! += Math.exp(score - highest) / total;
      }
    }
    expect(worstError(named!.mass!.data, mass)).toBeLessThan(2e-5);
    expect(worstError(named!.most!.data, most)).toBeLessThan(2e-5);
  });
});
