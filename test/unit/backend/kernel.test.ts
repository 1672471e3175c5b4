// The attend kernel against the dense formula: every odd length and dim, both builds, strides, lengths of batches, and
// memory that is full of NaN wherever a call does not put anything. Few query rows and many go different ways.

import { describe, expect, test } from "vitest";
import type { Tensor } from "../../../src/ir/expr.ts";
import { coord, extent, float, int, load, op, param, quantity } from "../../../src/ir/make.ts";
import type { AttentionTensor, KernelInputs } from "../../../src/runtime/wasm.ts";
import {
  attention,
  type Build,
  captured,
  type Dense,
  dense,
  kernelOf,
  poison,
  randomInputs,
  type Shape,
  worstError,
} from "./kernel.ts";

const causal = attention({ mask: op("ge", coord("query"), coord("key")) });
const seesPast: Dense = { visible: ({ q, k }) => q >= k };

/** Twice, so that the second call finds what the first one left, spoilt. */
async function worstOf(
  ir: ReturnType<typeof attention>,
  shape: Shape,
  inputs: KernelInputs,
  formula: Dense,
  build: Build = "plain",
): Promise<number> {
  const kernel = await kernelOf(ir, shape, build);
  poison(kernel);
  kernel.run(inputs);
  poison(kernel);
  const { out, lse } = kernel.run(inputs);
  const wanted = dense(shape, inputs, formula);
  return Math.max(worstError(out.data, wanted.out), lse ? worstError(lse.data, wanted.lse) : 0);
}

const base: Shape = { batch: 2, heads: 6, kvHeads: 2, queries: 9, keys: 9, dim: 8, valueDim: 8 };

describe("causal attention", () => {
  const lengths = [0, 1, 17, 63, 64, 65, 130];
  const dims = [1, 16, 40, 64, 72, 96, 128];
  const cases = lengths.flatMap((length, row) =>
    dims.map((dim, column) => ({ length, dim, swapped: (row + column) % 2 === 1 })),
  );
  test.each(cases)("over $length tokens of dim $dim", async ({ length, dim, swapped }) => {
    const shape = { ...base, queries: length, keys: length, dim, valueDim: swapped ? 129 - dim : dim };
    const inputs = randomInputs(shape, length + dim);
    expect(await worstOf(causal, shape, inputs, seesPast, swapped ? "plain" : "relaxed")).toBeLessThan(5e-6);
  });

  test.each([
    [1, 130],
    [7, 65],
    [130, 7],
    [66, 1],
    [64, 128],
  ])("of %d queries on %d keys", async (queries, keys) => {
    const shape = { ...base, queries, keys };
    expect(await worstOf(causal, shape, randomInputs(shape, 3), seesPast)).toBeLessThan(5e-6);
  });

  test.each([
    [6, 6],
    [6, 3],
    [6, 1],
    [1, 1],
    [0, 0],
  ])("with %d query heads on %d KV heads", async (heads, kvHeads) => {
    const shape = { ...base, heads, kvHeads, queries: 21, keys: 21 };
    expect(await worstOf(causal, shape, randomInputs(shape, 4), seesPast)).toBeLessThan(5e-6);
  });

  test("of no batches at all gives nothing", async () => {
    const shape = { ...base, batch: 0 };
    const kernel = await kernelOf(causal, shape);
    expect(kernel.run(randomInputs(shape, 1)).out).toEqual({ data: new Float32Array(), shape: [0, 6, 9, 8] });
  });
});

describe.each([11, 27])("what a batch sets for itself, with %d query rows", (queries) => {
  const shape = { ...base, batch: 4, queries, keys: 70 };
  test("its keys, with NaN behind them", async () => {
    const inputs = randomInputs(shape, 5, [70, 64, 1, 0]);
    expect(await worstOf(causal, shape, inputs, seesPast)).toBeLessThan(5e-6);
  });

  test("the position of its first query row", async () => {
    const starts = [0, 59, -5, 100];
    const inputs = { ...randomInputs(shape, 6), queryStart: starts };
    const formula = { ...seesPast, start: (b: number) => starts[b]! };
    expect(await worstOf(causal, shape, inputs, formula)).toBeLessThan(5e-6);
    const kernel = await kernelOf(causal, shape);
    const shared = kernel.run({ ...inputs, queryStart: 59 }).out.data;
    expect(worstError(shared, dense(shape, inputs, { ...seesPast, start: () => 59 }).out)).toBeLessThan(5e-6);
  });
});

describe.each([13, 29])("strides, of %d query rows", (queries) => {
  const shape = { ...base, queries, keys: 21, dim: 5, valueDim: 6 };
  const inputs = randomInputs(shape, 7, [21, 9]);
  const wanted = dense(shape, inputs, seesPast);

  /** [batch, heads, rows, dim] to [batch, rows, heads, dim]. */
  function swapped({ data, shape: extents }: AttentionTensor): AttentionTensor {
    const [batch, heads, rows, width] = extents as [number, number, number, number];
    const result = new Float32Array(data.length);
    for (let at = 0; at < data.length; at++) {
      const d = at % width;
      const row = Math.floor(at / width) % rows;
      const head = Math.floor(at / width / rows) % heads;
      const b = Math.floor(at / width / rows / heads);
      result[((b * rows + row) * heads + head) * width + d] = data[at]!;
    }
    return { data: result, shape: [batch, rows, heads, width] };
  }

  test("rows before heads, in and out", async () => {
    const kernel = await kernelOf(causal, shape);
    const turned = { query: swapped(inputs.query), key: swapped(inputs.key), value: swapped(inputs.value) };
    const { out } = kernel.run({ ...inputs, ...turned, layout: "bnhd" });
    expect(out.shape).toEqual([2, queries, 6, 6]);
    const back = swapped({ data: out.data, shape: out.shape });
    expect(worstError(back.data, wanted.out)).toBeLessThan(5e-6);
  });

  test("query, key and value side by side in one row, as a fused projection leaves them", async () => {
    const plain = { ...shape, kvHeads: 6, queries, keys: queries, valueDim: 5 };
    const separate = randomInputs(plain, 8);
    const row = 3 * 6 * 5;
    const fused = new Float32Array(2 * queries * row).fill(Number.NaN);
    const strided = (["query", "key", "value"] as const).map((name, part) => {
      const { data } = swapped(separate[name]);
      for (let at = 0; at < data.length; at++) fused[Math.floor(at / 30) * row + part * 30 + (at % 30)] = data[at]!;
      return [
        name,
        { data: fused.subarray(part * 30), shape: [2, queries, 6, 5], strides: [queries * row, row, 5, 1] },
      ] as const;
    });
    const kernel = await kernelOf(causal, plain);
    const { out } = kernel.run({ ...separate, ...Object.fromEntries(strided), layout: "bnhd" });
    const back = swapped({ data: out.data, shape: out.shape });
    expect(worstError(back.data, dense(plain, separate, seesPast).out)).toBeLessThan(5e-6);
  });

  test("one key head for all batches, by a stride of 0", async () => {
    const kernel = await kernelOf(attention(), shape);
    const one = { ...inputs, key: { ...inputs.key, strides: [0, 0, 5, 1] }, keyLengths: [9, 9] };
    const { data } = inputs.key;
    const copies = Float32Array.from({ length: data.length }, (_, at) => data[at % (21 * 5)]!);
    const spread = { ...one, key: { data: copies, shape: inputs.key.shape } };
    expect(worstError(kernel.run(one).out.data, dense(shape, spread).out)).toBeLessThan(5e-6);
  });
});

describe.each([5, 25])("numbers at the limits, in %d query rows", (queries) => {
  const shape = { ...base, batch: 1, heads: 2, kvHeads: 1, queries, keys: 70 };
  test("scores of ±10000 leave the winner alone", async () => {
    const winner = op("select", op("eq", coord("key"), int(41)), float(1e4), float(-1e4));
    const formula: Dense = { score: (_, { k }) => (k === 41 ? 1e4 : -1e4) };
    expect(await worstOf(attention({ score: winner }), shape, randomInputs(shape, 9), formula)).toBeLessThan(1e-3);
  });

  test("a score of −inf hides its key, in a whole tile too", async () => {
    const late = op("select", op("lt", coord("key"), int(66)), float(-Infinity), quantity("score"));
    const formula: Dense = { score: (s, { k }) => (k < 66 ? -Infinity : s) };
    expect(await worstOf(attention({ score: late }), shape, randomInputs(shape, 10), formula)).toBeLessThan(5e-6);
  });

  test("a score that is NaN where nobody looks does no harm", async () => {
    const hidden = attention({
      mask: op("ne", op("floorMod", coord("key"), int(3)), int(1)),
      score: op(
        "add",
        quantity("score"),
        op("log", op("toFloat", op("sub", int(1), op("floorMod", coord("key"), int(3))))),
      ),
    });
    const formula: Dense = {
      visible: ({ k }) => k % 3 !== 1,
      score: (s, { k }) => (k % 3 === 2 ? -Infinity : s),
    };
    const nanWhereHidden = { ...hidden, mask: op("eq", op("floorMod", coord("key"), int(3)), int(0)) };
    expect(await worstOf(nanWhereHidden, shape, randomInputs(shape, 11), formula)).toBeLessThan(5e-6);
  });
});

describe.each([9, 19])("captured tensors, for %d query rows", (queries) => {
  const shape = { ...base, queries, keys: 70 };
  const at = (name: string, element: Tensor["element"], extents: Tensor["extents"], index: Tensor["extents"]) => ({
    tensors: [captured(name, element, extents)],
    element: load(element === "f32" ? "float" : element === "bool" ? "bool" : "int", name, index),
  });
  const row = op("sub", coord("query"), extent("queryStart"));
  const data = { f32: Float32Array, i32: Int32Array, u8: Uint8Array, bool: Uint8Array };
  const values = (element: keyof typeof data, ...extents: number[]) => {
    const made = new data[element](extents.reduce((a, b) => a * b, 1));
    for (let i = 0; i < made.length; i++) made[i] = element === "bool" ? (i % 3) & 1 : (i * 7) % 11;
    return { data: made, shape: extents };
  };

  test.each(["f32", "i32", "u8", "bool"] as const)("%s, along the keys", async (element) => {
    const { tensors, element: value } = at(
      "t",
      element,
      [extent("batch"), extent("keys")],
      [coord("batch"), coord("key")],
    );
    const number =
      element === "f32" ? value : element === "bool" ? op("select", value, float(1), float(0)) : op("toFloat", value);
    const t = values(element, 2, 70);
    const inputs = { ...randomInputs(shape, 12), tensors: { t } };
    const formula: Dense = { score: (s, { b, k }) => s + t.data[b * 70 + k]! };
    const ir = attention({ tensors, score: op("add", quantity("score"), number) });
    expect(await worstOf(ir, shape, inputs, formula)).toBeLessThan(2e-5);
  });

  test.each(["f32", "i32", "u8", "bool"] as const)("%s, by an index that runs over both ends", async (element) => {
    const index = op("sub", op("mul", coord("key"), int(2)), int(20));
    const { tensors, element: value } = at("t", element, [extent("heads"), int(33)], [coord("head"), index]);
    const number =
      element === "f32" ? value : element === "bool" ? op("select", value, float(1), float(0)) : op("toFloat", value);
    const t = values(element, 6, 33);
    const inputs = { ...randomInputs(shape, 13), tensors: { t } };
    const formula: Dense = { score: (s, { h, k }) => s + t.data[h * 33 + Math.max(0, Math.min(32, 2 * k - 20))]! };
    const ir = attention({ tensors, score: op("add", quantity("score"), number) });
    expect(await worstOf(ir, shape, inputs, formula)).toBeLessThan(2e-5);
  });

  test("of all axes, a vector at a time where only the key is left", async () => {
    const extents = [extent("batch"), extent("heads"), extent("queries"), extent("keys")];
    const { tensors, element } = at("bias", "f32", extents, [coord("batch"), coord("head"), row, coord("key")]);
    const bias = values("f32", 2, 6, queries, 70);
    const inputs = { ...randomInputs(shape, 14), tensors: { bias } };
    const formula: Dense = {
      score: (s, { b, h, q, k }) => s + bias.data[((b * 6 + h) * queries + q - (70 - queries)) * 70 + k]!,
    };
    const ir = attention({ tensors, score: op("add", quantity("score"), element) });
    expect(await worstOf(ir, shape, inputs, formula)).toBeLessThan(2e-5);
  });

  test("at the end of memory, where a vector reads past the last row", async () => {
    const { tensors, element } = at("t", "f32", [extent("keys")], [coord("key")]);
    const short = { ...shape, keys: 65 };
    const t = values("f32", 65);
    const inputs = { ...randomInputs(short, 15), tensors: { t } };
    const ir = attention({ tensors, score: op("add", quantity("score"), element) });
    expect(await worstOf(ir, short, inputs, { score: (s, { k }) => s + t.data[k]! })).toBeLessThan(2e-5);
  });

  test("without elements read as 0", async () => {
    const { tensors, element } = at("t", "f32", [extent("axis:n")], [op("sub", coord("query"), coord("key"))]);
    const t = { data: new Float32Array(), shape: [0] };
    const inputs = { ...randomInputs(shape, 16), tensors: { t } };
    const ir = attention({ tensors, score: op("add", quantity("score"), element) });
    expect(await worstOf(ir, shape, inputs, {})).toBeLessThan(5e-6);
  });
});

test("parameters of every type reach mask, score and start", async () => {
  const shape = { ...base, queries: 9, keys: 30 };
  const ir = attention({
    params: [
      { name: "window", type: "int", range: { low: 1 } },
      { name: "slope", type: "float", range: {}, default: 0.25 },
      { name: "inverted", type: "bool", range: {}, default: false },
    ],
    mask: op(
      "ne",
      op("lt", op("sub", coord("query"), coord("key")), param("int", "window")),
      param("bool", "inverted"),
    ),
    score: op("add", quantity("score"), op("mul", param("float", "slope"), op("toFloat", coord("key")))),
    queryStart: param("int", "window"),
  });
  const kernel = await kernelOf(ir, shape);
  const inputs = randomInputs(shape, 17);
  for (const params of [{ window: 4 }, { window: 7, slope: -0.5, inverted: true }] as const) {
    const { window, slope = 0.25, inverted = false } = params as { window: number; slope?: number; inverted?: boolean };
    const formula: Dense = {
      visible: ({ q, k }) => q - k < window !== inverted,
      score: (s, { k }) => s + slope * k,
      start: () => window,
    };
    const { out } = kernel.run({ ...inputs, params });
    expect(worstError(out.data, dense(shape, inputs, formula).out)).toBeLessThan(2e-5);
  }
});
