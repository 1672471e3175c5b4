// Inputs of a call that break a promise, and damaged tensor files: named errors before anything runs, and no output.

import { describe, expect, test } from "vitest";
import { makeTensor } from "../../src/tensors/elements.ts";
import { attnc, makeFolder, wavy } from "./command.ts";

const folder = makeFolder();

describe("inputs of a call are checked before it runs", () => {
  const file = folder.write(
    "packed.attn",
    "attention packed(doc: i32[batch, token] in 0.. sorted, window: int in 1..8 = 4) { mask doc[q] == doc[k] and q - k < window }",
  );
  const query = wavy("f32", 1, 4, 6, 8);
  const key = wavy("f32", 1, 2, 6, 8);
  const value = wavy("f32", 1, 2, 6, 5);
  const doc = makeTensor("i32", [1, 6], [0, 0, 1, 1, 2, 2]);
  const all = { query, key, value, doc };
  const good = folder.tensors("good.safetensors", all);

  const calls: readonly [what: string, tensors: Parameters<typeof folder.tensors>[1], expected: RegExp, ...string[]][] =
    [
      ["a missing tensor", { query, key, value }, /E0702.*`doc` i32\[batch, token\]/],
      ["no query", { key, value, doc }, /E0702.*`query`/],
      [
        "heads that do not divide",
        { ...all, key: wavy("f32", 1, 3, 6, 8), value: wavy("f32", 1, 3, 6, 5) },
        /E0707.*4 heads.*3/,
      ],
      ["a wrong type", { ...all, doc: makeTensor("f32", [1, 6], [0, 0, 0, 0, 0, 0]) }, /E0703.*`doc`.*i32.*f32/],
      [
        "integers for the query",
        { ...all, query: makeTensor("i32", [1, 4, 6, 8], new Array(192).fill(1)) },
        /E0703.*`query`/,
      ],
      ["halves that the target does not take", { ...all, query: wavy("bf16", 1, 4, 6, 8) }, /E0703.*bf16/],
      ["another dim", { ...all, key: wavy("f32", 1, 2, 6, 9) }, /E0704.*`key`.*dim 9.*`query` has 8/],
      ["three axes", { ...all, query: wavy("f32", 4, 6, 8) }, /E0704.*\[batch, heads, queries, dim\]/],
      ["another number of keys", { ...all, value: wavy("f32", 1, 2, 7, 5) }, /E0704.*keys 7/],
      [
        "a captured tensor of another extent",
        { ...all, doc: makeTensor("i32", [1, 5], [0, 0, 1, 1, 2]) },
        /E0704.*`token` of `doc`.*6/,
      ],
      [
        "a broken range",
        { ...all, doc: makeTensor("i32", [1, 6], [-1, 0, 1, 1, 2, 2]) },
        /E0705.*0\.\..*`doc`\[0, 0\] is -1/,
      ],
      [
        "a broken order",
        { ...all, doc: makeTensor("i32", [1, 6], [0, 0, 1, 0, 2, 2]) },
        /E0706.*`doc`\[0, 3\] is 0 after 1/,
      ],
      ["a parameter out of its range", all, /E0705.*`window`.*1\.\.8.*9/, "--set", "window=9"],
      ["a key length beyond the keys", { ...all, key_lengths: makeTensor("i32", [1], [7]) }, /E0705.*key_lengths/],
      ["key lengths of another batch", { ...all, key_lengths: makeTensor("i32", [2], [6, 6]) }, /E0704.*key_lengths/],
      ["a shape that contradicts the tensors", all, /E0704.*--shape has 5/, "--shape", "queries=5"],
      [
        "a score that is no number",
        { ...all, query: makeTensor("f32", [1, 4, 6, 8], new Array(192).fill(Number.NaN)) },
        /E0713/,
        "--target",
        "reference",
      ],
    ];
  test.each(calls)("%s", async (what, tensors, expected, ...options) => {
    const path = folder.tensors(`${what.replaceAll(" ", "-")}.safetensors`, tensors);
    const { status, out, err } = await attnc(
      "run",
      file,
      "--in",
      path,
      "--out",
      folder.path("never.safetensors"),
      ...options,
    );
    expect([status, out, err]).toEqual([1, "", expect.stringMatching(expected)]);
    expect(() => folder.bytes("never.safetensors")).toThrow();
  });

  test("a dim that no kernel holds is a located problem", async () => {
    const wide = folder.tensors("wide.safetensors", {
      query: wavy("f32", 1, 1, 1, 2000),
      key: wavy("f32", 1, 1, 1, 2000),
      value,
      doc,
    });
    const one = folder.tensors("one.safetensors", {
      value: wavy("f32", 1, 1, 1, 5),
      query: wavy("f32", 1, 1, 1, 2000),
      key: wavy("f32", 1, 1, 1, 2000),
      doc: makeTensor("i32", [1, 1], [0]),
    });
    expect((await attnc("run", file, "--in", wide)).status).toBe(1);
    const { status, err } = await attnc("run", file, "--in", one);
    expect([status, err]).toEqual([1, expect.stringMatching(/error\[E0602\][\s\S]*packed\.attn:1:11/)]);
  });

  const damaged: readonly [what: string, damage: (bytes: Uint8Array) => Uint8Array, expected: RegExp][] = [
    ["truncated", (bytes) => bytes.slice(0, bytes.length - 100), /E0802.*cut off|E0802.*holds/],
    ["of four bytes", (bytes) => bytes.slice(0, 4), /E0802.*4 bytes/],
    ["empty", () => new Uint8Array(0), /E0802/],
    [
      "with a header that claims 2^60 bytes",
      (bytes) => Uint8Array.from(bytes, (byte, at) => (at === 7 ? 16 : byte)),
      /E0802.*claims/,
    ],
    [
      "with a header that is no JSON",
      (bytes) => Uint8Array.from(bytes, (byte, at) => (at === 8 ? 33 : byte)),
      /E0802.*not JSON/,
    ],
    ["with a tensor that lies about its place", lie('"data_offsets":[0,', '"data_offsets":[9,'), /E0802/],
    ["with a tensor that lies about its shape", lie('"shape":[1,4,6,8]', '"shape":[1,4,6,9]'), /E0802.*query/],
    ["with a negative extent", lie('"shape":[1,4,6,8]', '"shape":[-1,46,8]'), /E0802/],
    ["with elements of an unknown type", lie('"dtype":"F32"', '"dtype":"F3X"'), /E0802.*F3X/],
  ];
  test.each(damaged)("a safetensors file %s", async (what, damage, expected) => {
    const path = folder.write(
      `damaged-${what.replaceAll(/\W/g, "-")}.safetensors`,
      damage(folder.bytes("good.safetensors")),
    );
    const { status, out, err } = await attnc("run", file, "--in", path);
    expect([status, out, err]).toEqual([1, "", expect.stringMatching(expected)]);
  });

  test("the same tensor twice", async () => {
    const { status, err } = await attnc("run", file, "--in", good, "--in", good);
    expect([status, err]).toEqual([2, expect.stringContaining("given twice")]);
  });
});

/** Changes a piece of the header for one of the same length. */
function lie(from: string, to: string) {
  return (bytes: Uint8Array) => {
    const text = Buffer.from(bytes).toString("latin1");
    expect(text).toContain(from);
    return Buffer.from(text.replace(from, to), "latin1");
  };
}
