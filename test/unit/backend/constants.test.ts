// Vectors of constants in memory: the bytes are those of the text, equal ones are kept once, a module reads what it meant.

import { expect, test } from "vitest";
import { assemble } from "../../../src/backend/wasm/assemble.ts";
import { CONSTANTS_AT, keepConstants } from "../../../src/backend/wasm/constants.ts";

const VECTORS: readonly (readonly [text: string, words: readonly number[]])[] = [
  ["f32x4 1 -0 inf -inf", [0x3f800000, 0x80000000, 0x7f800000, 0xff800000]],
  ["f32x4 0.1 1e-45 3.4028234663852886e38 nan", [0x3dcccccd, 1, 0x7f7fffff, 0x7fc00000]],
  ["i32x4 0 1 2 -3", [0, 1, 2, 0xfffffffd]],
  ["i32x4 0x80000000 0x7fffffff 4294967295 -2147483648", [0x80000000, 0x7fffffff, 0xffffffff, 0x80000000]],
  ["f64x2 1 -2", [0, 0x3ff00000, 0, 0xc0000000]],
  ["i64x2 -1 0x3ff0000000000000", [0xffffffff, 0xffffffff, 0, 0x3ff00000]],
  ["i16x8 0 1 2 3 4 5 6 -7", [0x00010000, 0x00030002, 0x00050004, 0xfff90006]],
];

const read = (text: string) => `(func (export "f") (param $at i32) (v128.store (local.get $at) (v128.const ${text})))`;

test.each(VECTORS)("%s is the same from memory", (text, words) => {
  const { texts, data } = keepConstants([read(text)]);
  expect(texts[0]).not.toContain("v128.const");
  const segment = `(data (i32.const ${CONSTANTS_AT}) "${data[0]!.bytes}")`;
  for (const module of [`(memory (export "m") 1) ${read(text)}`, `(memory (export "m") 1) ${segment} ${texts[0]}`]) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble(`(module ${module})`)));
    (exports.f as (at: number) => void)(4096);
    expect([...new Uint32Array((exports.m as WebAssembly.Memory).buffer, 4096, 4)]).toEqual(words);
  }
});

test("equal constants are kept once, over all texts, in the order in which they come", () => {
  const [one, two] = ["f32x4 1 1 1 1", "i32x4 2 2 2 2"];
  const { texts, data } = keepConstants([read(two) + read(one), read(two)]);
  expect(data.map(({ comment }) => comment)).toEqual([`64: ${two}`, `80: ${one}`]);
  expect(texts[1]).toBe(read(two).replace(`(v128.const ${two})`, "(v128.load offset=64 (i32.const 0))"));
});

test("zeros and integers of all ones stay: engines make them in one instruction", () => {
  const texts = [read("i32x4 0 0 0 0"), read("f32x4 0 0 0 0"), read("i32x4 -1 -1 -1 -1")];
  expect(keepConstants(texts)).toEqual({ texts, data: [] });
  expect(keepConstants([read("f32x4 -1 -1 -1 -1")]).data).toHaveLength(1);
});
