// What a caller of a kernel sees: named errors before anything runs, memory that stops growing, results that stay.

import { describe, expect, test } from "vitest";
import { assemble } from "../../../src/backend/wasm/assemble.ts";
import { bool, coord, extent, load, op, param } from "../../../src/ir/make.ts";
import { AttentionInputError, instantiate, type KernelInputs } from "../../../src/runtime/wasm.ts";
import {
  attention,
  captured,
  dense,
  kernelOf,
  poison,
  randomInputs,
  type Shape,
  textOf,
  worstError,
} from "../backend/kernel.ts";

const shape: Shape = { batch: 2, heads: 4, kvHeads: 2, queries: 5, keys: 7, dim: 3, valueDim: 4 };
const inputs = randomInputs(shape, 1);

const documents = attention({
  params: [
    { name: "window", type: "int", range: { low: 1, high: 64 }, default: 8 },
    { name: "slope", type: "float", range: {}, default: 0.5 },
    { name: "strict", type: "bool", range: {} },
  ],
  tensors: [
    { ...captured("doc", "i32", [extent("batch"), extent("keys")]), range: { low: 0 }, sorted: true },
    captured("table", "f32", [extent("heads"), extent("axis:n")]),
    captured("again", "f32", [extent("axis:n")]),
  ],
  shapeParams: ["y"],
  mask: op(
    "eq",
    load("int", "doc", [coord("batch"), coord("query")]),
    load("int", "doc", [coord("batch"), coord("key")]),
  ),
});
const kernel = await kernelOf(documents, shape);

const good: KernelInputs = {
  ...inputs,
  params: { strict: true },
  axes: { y: 3 },
  tensors: {
    doc: { data: Int32Array.from({ length: 14 }, (_, i) => Math.floor((i % 7) / 3)), shape: [2, 7] },
    table: { data: new Float32Array(20), shape: [4, 5] },
    again: { data: new Float32Array(5), shape: [5] },
  },
};

function refusal(changes: Partial<Record<keyof KernelInputs, unknown>>): string {
  try {
    kernel.run({ ...good, ...changes } as KernelInputs);
  } catch (error) {
    if (error instanceof AttentionInputError) return `${error.code} ${error.argument}`;
    throw error;
  }
  return "none";
}

const tensors = (changes: object) => ({ tensors: { ...good.tensors, ...changes } });
const params = (changes: object) => ({ params: { ...good.params, ...changes } });
const query = (changes: object) => ({ query: { ...good.query, ...changes } });

describe("a call is refused by name", () => {
  test("not at all where it is right", () => {
    expect(refusal({})).toBe("none");
  });

  test.each([
    ["an unknown parameter", params({ windo: 3 }), "E0701 windo"],
    ["an unknown tensor", tensors({ docs: good.tensors!.doc }), "E0701 docs"],
    ["an unknown axis", { axes: { y: 3, x: 1 } }, "E0701 x"],
    ["a missing parameter", { params: {} }, "E0702 strict"],
    ["a missing tensor", { tensors: {} }, "E0702 doc"],
    ["a missing axis", { axes: {} }, "E0702 y"],
    ["a missing query", { query: undefined }, "E0702 query"],
    ["doubles for a query", query({ data: new Float64Array(120) }), "E0703 query"],
    ["floats for ints", tensors({ doc: { data: new Float32Array(14), shape: [2, 7] } }), "E0703 doc"],
    ["a number for a bool", params({ strict: 1 }), "E0703 strict"],
    ["a fraction for an int", params({ window: 1.5 }), "E0703 window"],
    ["an unknown layout", { layout: "nbhd" }, "E0703 layout"],
    ["fractions for starts", { queryStart: [0, 0.5] }, "E0703 query_start"],
    ["three axes", query({ shape: [2, 4, 15] }), "E0704 query"],
    ["a negative extent", query({ shape: [2, 4, -5, 3] }), "E0704 query"],
    ["too few elements", query({ data: new Float32Array(119) }), "E0704 query"],
    ["too many elements", query({ data: new Float32Array(121) }), "E0704 query"],
    ["strides past the end", query({ strides: [60, 15, 30, 1] }), "E0704 query"],
    ["a row with gaps", query({ strides: [0, 0, 0, 2] }), "E0704 query"],
    ["another batch", query({ shape: [1, 4, 10, 3] }), "E0704 key"],
    ["a shorter tensor", tensors({ doc: { data: new Int32Array(12), shape: [2, 6] } }), "E0704 doc"],
    ["two extents for one axis", tensors({ again: { data: new Float32Array(6), shape: [6] } }), "E0704 again"],
    ["lengths of other batches", { keyLengths: [7] }, "E0704 key_lengths"],
    ["starts of other batches", { queryStart: [1, 2, 3] }, "E0704 query_start"],
    ["a parameter out of range", params({ window: 0 }), "E0705 window"],
    ["a parameter that is NaN", params({ window: 65 }), "E0705 window"],
    ["an element out of range", tensors({ doc: { data: new Int32Array(14).fill(-1), shape: [2, 7] } }), "E0705 doc"],
    ["a length beyond the keys", { keyLengths: [7, 8] }, "E0705 key_lengths"],
    ["a negative axis", { axes: { y: -1 } }, "E0705 y"],
    [
      "a tensor that is not sorted",
      tensors({ doc: { data: Int32Array.from({ length: 14 }, (_, i) => 14 - i), shape: [2, 7] } }),
      "E0706 doc",
    ],
    ["heads that cannot be shared", query({ shape: [2, 3, 5, 3] }), "E0707 query"],
    ["another dim", query({ shape: [2, 4, 3, 5] }), "E0708 query"],
  ])("%s", (_, changes, expected) => {
    expect(refusal(changes)).toBe(expected);
  });

  test("also where there is nothing to name", () => {
    for (const nothing of [undefined, null])
      expect(() => kernel.run(nothing as never)).toThrow("E0702: the call has no");
  });

  test("without looking at what lies behind a batch's keys", () => {
    const data = Int32Array.from([0, 0, 1, 1, -9, 5, -9, 0, 0, 0, 1, 1, 2, 2]);
    expect(refusal({ keyLengths: [4, 7], ...tensors({ doc: { data, shape: [2, 7] } }) })).toBe("none");
    expect(refusal({ keyLengths: [5, 7], ...tensors({ doc: { data, shape: [2, 7] } }) })).toBe("E0705 doc");
  });

  test("with names that every object has taken for names", () => {
    expect(refusal(params({ constructor: 3 }))).toBe("E0701 constructor");
  });
});

test("a row that sees nothing fails the call, where the attention says so", async () => {
  const strict = await kernelOf(attention({ empty: "error", mask: bool(false) }), shape);
  expect(() => strict.run(inputs)).toThrow(/E0710: 40 query rows see no key/);
});

test("a call that needs more memory than there can be is refused, and the next one runs", async () => {
  const { files, description } = textOf(attention(), shape, "plain");
  const memory = { ...description.memory, limitBytes: 2 ** 17 };
  const small = await instantiate(assemble(files[0]!.text), { ...description, memory });
  const large = { ...shape, keys: 5000 };
  expect(() => small.run(randomInputs(large, 2))).toThrow("E0709");
  expect(worstError(small.run(inputs).out.data, dense(shape, inputs).out)).toBeLessThan(5e-6);
});

test("memory stops growing over calls of changing shapes", async () => {
  const many = await kernelOf(attention(), shape);
  const sizes: number[] = [];
  for (let call = 0; call < 1000; call++) {
    many.run(randomInputs({ ...shape, queries: 1 + (call % 7), keys: (call * 37) % 200 }, call));
    sizes.push(many.memory.buffer.byteLength);
  }
  expect(new Set(sizes.slice(200))).toEqual(new Set([sizes[200]]));
});

test("a result is the caller's own: later calls, growth and poison leave it alone", async () => {
  const own = await kernelOf(attention(), shape);
  const first = own.run(inputs);
  const copies = [first.out, first.lse!].map(({ data }) => data.slice());
  const before = own.memory.buffer.byteLength;
  own.run(randomInputs({ ...shape, keys: 9000 }, 3));
  expect(own.memory.buffer.byteLength).toBeGreaterThan(before);
  poison(own);
  expect([first.out.data, first.lse!.data]).toEqual(copies);
  expect(first.out.shape).toEqual([2, 4, 5, 4]);
  expect(first.lse!.shape).toEqual([2, 4, 5]);
});

test("the inputs stay as they are", () => {
  const before = structuredClone(good);
  kernel.run(good);
  expect(good).toEqual(before);
});

test("a disposed kernel refuses calls", async () => {
  const gone = await kernelOf(attention(), shape);
  gone.dispose();
  gone.dispose();
  expect(() => gone.run(inputs)).toThrow("E0711");
  expect(() => gone.memory).toThrow("E0711");
});

describe("the build is chosen by what the engine accepts", () => {
  const { files, description } = textOf(attention(), shape, "plain");
  const plain = assemble(files[0]!.text);
  const relaxed = assemble(textOf(attention(), shape, "relaxed").files[0]!.text);

  test("relaxed where it validates", async () => {
    expect((await instantiate({ plain, relaxed }, description)).relaxed).toBe(true);
    expect((await instantiate(plain, description)).relaxed).toBe(false);
  });

  test("plain where it does not", async () => {
    const broken = relaxed.slice(0, -1);
    const loaded = await instantiate({ plain, relaxed: broken }, description);
    expect(loaded.relaxed).toBe(false);
    expect(worstError(loaded.run(inputs).out.data, dense(shape, inputs).out)).toBeLessThan(5e-6);
  });

  test("none where neither does", async () => {
    await expect(instantiate(Uint8Array.of(0, 0x61), description)).rejects.toThrow("E0712");
  });

  test("from the description as JSON, as artefacts hold it", async () => {
    const loaded = await instantiate(plain, JSON.parse(JSON.stringify(description)));
    expect(worstError(loaded.run(inputs).out.data, dense(shape, inputs).out)).toBeLessThan(5e-6);
  });
});

test("a parameter's range may be open at either end", async () => {
  const half = attention({
    params: [{ name: "x", type: "float", range: { low: 0 } }],
    score: op("mul", param("float", "x"), op("toFloat", coord("key"))),
  });
  const open = await kernelOf(half, shape);
  expect(() => open.run({ ...inputs, params: { x: Number.NaN } })).toThrow("E0705");
  expect(() => open.run({ ...inputs, params: { x: 1e6 } })).not.toThrow();
});
