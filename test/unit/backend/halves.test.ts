// Keys and values that are stored as halves: every bit pattern has its value, and a kernel computes from halves what it
// would compute from the same numbers as f32, wherever they lie.

import { describe, expect, test } from "vitest";
import { assemble } from "../../../src/backend/wasm/assemble.ts";
import { libraryFor, libraryView } from "../../../src/backend/wasm/library.ts";
import { wordsView } from "../../../src/backend/wasm/view.ts";
import type { AttentionIr } from "../../../src/ir/expr.ts";
import { coord, int, op, quantity } from "../../../src/ir/make.ts";
import type { KernelInputs } from "../../../src/runtime/wasm.ts";
import { fromHalf, toHalf } from "../../../src/tensors/half.ts";
import {
  attention,
  BUILDS,
  type Build,
  dense,
  kernelOf,
  poison,
  randomInputs,
  type Shape,
  worstError,
} from "./kernel.ts";

describe("every half", () => {
  const PATTERNS = 65536;
  const SOURCE = 0;
  const TARGET = 2 * PATTERNS;
  const vector = (name: string, halves: string) =>
    `(func (export "${name}") (param $at i32) (v128.store (i32.const ${TARGET}) ${halves}))`;
  const index = "(i32x4.add (i32x4.splat (local.get $at)) (v128.const i32x4 3 2 1 0))";
  const functions = [
    `(func (export "one") (param $at i32) (result f32) (call $load_half (local.get $at)))`,
    vector("four", "(call $load_halves (local.get $at))"),
    vector("gathered", `(call $gather_halves (i32.const ${SOURCE}) ${index})`),
    `(func (export "row") (param $columns i32)
      (call $widen_halves (i32.const ${TARGET}) (i32.const 0) (i32.const ${SOURCE}) (i32.const 0) (i32.const 1) (local.get $columns)))`,
  ];
  const library = libraryFor(functions, new Set(), libraryView(wordsView({})));
  const text = `(module (memory (export "memory") 8) ${functions.join("\n")} ${library.join("\n")})`;
  const { memory, one, four, gathered, row } = new WebAssembly.Instance(new WebAssembly.Module(assemble(text)))
    .exports as unknown as {
    memory: WebAssembly.Memory;
    one(at: number): number;
    four(at: number): void;
    gathered(first: number): void;
    row(columns: number): void;
  };
  const patterns = Uint16Array.from({ length: PATTERNS }, (_, bits) => bits);
  const floats = new Float32Array(memory.buffer, TARGET, PATTERNS);
  new Uint16Array(memory.buffer, SOURCE, PATTERNS).set(patterns);

  const misses = (got: (bits: number) => number) =>
    [...patterns].filter((bits) => !Object.is(got(bits), fromHalf(bits))).map((bits) => bits.toString(16));

  test("has its value, one at a time", () => {
    expect(misses((bits) => one(SOURCE + 2 * bits))).toEqual([]);
  });

  test("has its value, four at a time, in a row or from anywhere", () => {
    const wrong = (get: (first: number) => void, lane: (first: number, place: number) => number) =>
      [...patterns.filter((bits) => bits % 4 === 0)].filter((first) => {
        get(first);
        return [0, 1, 2, 3].some((place) => !Object.is(floats[place], fromHalf(lane(first, place))));
      });
    expect(
      wrong(
        (first) => four(SOURCE + 2 * first),
        (first, place) => first + place,
      ),
    ).toEqual([]);
    expect(wrong(gathered, (first, place) => first + 3 - place)).toEqual([]);
  });

  test("has its value, eight at a time", () => {
    floats.fill(7);
    row(PATTERNS);
    expect(misses((bits) => floats[bits]!)).toEqual([]);
  });

  test.each([1, 5, 8, 13])("a row of %d is as long as it says", (columns) => {
    floats.fill(7);
    row(columns);
    expect([...floats.subarray(0, columns)]).toEqual([...patterns.subarray(0, columns)].map(fromHalf));
    expect(floats[columns]).toBe(7);
  });
});

async function halvesKernel(ir: AttentionIr, dims: { dim: number; valueDim: number }, build: Build) {
  const kernel = await kernelOf(ir, dims, build, "f16");
  expect(kernel.description.rows).toEqual({ query: "f32", stored: "f16" });
  return kernel;
}

type Halves = KernelInputs["key"] & { readonly data: Uint16Array };
const halvesOf = ({ data, shape }: KernelInputs["key"]): Halves => ({ data: Uint16Array.from(data, toHalf), shape });
const floatsOf = ({ data, shape }: Halves) => ({ data: Float32Array.from(data, fromHalf), shape });

/** The same call with keys and values as halves, and with the numbers that these hold. */
function rounded(inputs: KernelInputs) {
  const [key, value] = [halvesOf(inputs.key), halvesOf(inputs.value)];
  return { halves: { ...inputs, key, value }, floats: { ...inputs, key: floatsOf(key), value: floatsOf(value) } };
}

const BUILD_NAMES = Object.keys(BUILDS) as Build[];

describe.each(BUILD_NAMES)("a kernel that stores halves, %s", (build) => {
  const DIMS = [
    [64, 64],
    [72, 96],
    [5, 3],
    [1, 1],
  ] as const;
  test.each(DIMS)("computes with their values, dims %d and %d", async (dim, valueDim) => {
    const kernel = await halvesKernel(attention(), { dim, valueDim }, build);
    for (const keys of [1, 17, 1000]) {
      // Both ways through a kernel: few query rows, and many.
      for (const queries of [1, 3, 40]) {
        const shape = { batch: 2, heads: 6, kvHeads: 2, queries, keys, dim, valueDim };
        const { halves, floats } = rounded(randomInputs(shape, keys + queries, [keys, keys >> 1]));
        poison(kernel);
        const { out, lse } = kernel.run(halves);
        const wanted = dense(shape, floats);
        expect(worstError(out.data, wanted.out), `${queries} of ${keys}`).toBeLessThan(3e-6);
        expect(worstError(lse!.data, wanted.lse), `${queries} of ${keys}`).toBeLessThan(3e-6);
      }
    }
  });

  test.each([2, 33])("gives what the same numbers as f32 give, bit for bit: %d rows", async (queries) => {
    const shape = { batch: 1, heads: 6, kvHeads: 2, queries, keys: 150, dim: 24, valueDim: 20 };
    const weight = op("mul", quantity("weight"), quantity("weight"));
    const norms = op("mul", quantity("keyNorm2"), quantity("valueNorm2"));
    const ir = attention({ score: op("sub", quantity("score"), norms), weight, empty: "uniform" });
    const { halves, floats } = rounded(randomInputs(shape, 5));
    const [stored, plain] = [await halvesKernel(ir, shape, build), await kernelOf(ir, shape, build)];
    poison(stored);
    const [got, wanted] = [stored.run(halves), plain.run(floats)];
    expect(got.out.data).toEqual(wanted.out.data);
    expect(got.lse!.data).toEqual(wanted.lse!.data);
  });

  test("the largest and the smallest halves are what they are", async () => {
    const shape = { batch: 1, heads: 2, kvHeads: 1, queries: 1, keys: 80, dim: 8, valueDim: 8 };
    const { query, ...rest } = randomInputs(shape, 9);
    const small = { ...query, data: query.data.map((value) => value * 1e-4) };
    const extremes = [65504, -65504, 2 ** -24, -(2 ** -24), 1023 * 2 ** -24, 0, -0, 2 ** -14];
    const turning = ({ shape: extents, data }: KernelInputs["key"]) => {
      return { shape: extents, data: Float32Array.from(data, (_, at) => extremes[(at * 5 + (at >> 3)) % 8]!) };
    };
    for (const queries of [1, 20]) {
      const many = { ...shape, queries };
      const rows = { data: repeat(small.data, queries), shape: [1, 2, queries, 8] };
      const { halves, floats } = rounded({ ...rest, query: rows, key: turning(rest.key), value: turning(rest.value) });
      expect(floats.key.data).toContain(2 ** -24);
      const { out } = (await halvesKernel(attention(), many, build)).run(halves);
      expect(worstError(out.data, dense(many, floats).out)).toBeLessThan(65504 * 3e-6);
    }
  });

  test("rows that see no key are the mean of the values", async () => {
    const shape = { batch: 1, heads: 1, kvHeads: 1, queries: 20, keys: 30, dim: 4, valueDim: 11 };
    const ir = attention({ empty: "uniform", mask: op("lt", coord("key"), int(0)) });
    const { halves, floats } = rounded(randomInputs(shape, 4));
    const { out } = (await halvesKernel(ir, shape, build)).run(halves);
    const wanted = dense(shape, floats, { visible: () => false, empty: "uniform" });
    expect(worstError(out.data, wanted.out)).toBeLessThan(1e-6);
  });
});

const repeat = (row: Float32Array, queries: number) => {
  const width = row.length / 2;
  const heads = [row.subarray(0, width), row.subarray(width)];
  return Float32Array.from(heads.flatMap((head) => Array.from({ length: queries }, () => [...head]).flat()));
};

describe("halves of a caller", () => {
  const shape: Shape = { batch: 2, heads: 6, kvHeads: 2, queries: 3, keys: 70, dim: 12, valueDim: 12 };
  const { halves, floats } = rounded(randomInputs(shape, 12));
  const wanted = dense(shape, floats);

  test.each([3, 30])("lie side by side in one row, as a fused projection leaves them: %d queries", async (queries) => {
    const many = { ...shape, queries };
    const kernel = await halvesKernel(attention(), many, "plain");
    // [batch, keys, (key heads, value heads), dim], from the third element on, between halves that are NaN.
    const row = 2 * 2 * 12;
    const fused = new Uint16Array(3 + 2 * 70 * row + 5).fill(0x7e00);
    const place = (b: number, k: number, part: number, head: number) => 3 + ((b * 70 + k) * 4 + part * 2 + head) * 12;
    for (const [part, { data }] of [halves.key, halves.value].entries()) {
      for (let at = 0; at < data.length; at += 12) {
        const [b, head, k] = [Math.floor(at / 12 / 140), Math.floor(at / 12 / 70) % 2, (at / 12) % 70];
        fused.set(data.subarray(at, at + 12), place(b, k, part, head));
      }
    }
    const strided = (part: number) => ({
      data: fused.subarray(place(0, 0, part, 0)),
      shape: [2, 2, 70, 12],
      strides: [70 * row, 12, row, 1],
    });
    const { query } = randomInputs(many, 12);
    poison(kernel);
    const { out } = kernel.run({ query, key: strided(0), value: strided(1) });
    expect(worstError(out.data, dense(many, { ...floats, query }).out)).toBeLessThan(3e-6);
  });

  test("may be a Float16Array where the engine has it", async () => {
    const Float16 = (globalThis as unknown as { Float16Array?: { from(values: ArrayLike<number>): never } })
      .Float16Array;
    if (!Float16) throw new Error("this engine has no Float16Array: the tests run on Node 24");
    const kernel = await halvesKernel(attention(), shape, "plain");
    const asHalves = (tensor: typeof floats.key) => ({ ...tensor, data: Float16.from(tensor.data) });
    const { out } = kernel.run({ ...halves, key: asHalves(floats.key), value: asHalves(floats.value) });
    expect(worstError(out.data, wanted.out)).toBeLessThan(3e-6);
  });

  test("are asked for by name where something else comes", async () => {
    const kernel = await halvesKernel(attention(), shape, "plain");
    expect(() => kernel.run(floats)).toThrow("E0703: `key` must be a Uint16Array or Float16Array");
    expect(() => kernel.run({ ...halves, value: floats.value })).toThrow(/`value` must be a Uint16Array/);
    const plain = await kernelOf(attention(), shape, "plain");
    expect(() => plain.run(halves)).toThrow("E0703: `key` must be a Float32Array");
  });
});
