import { describe, expect, test } from "vitest";
import { fromBfloat, fromHalf, toBfloat, toHalf } from "../../../src/tensors/half.ts";

describe("binary16", () => {
  test.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [Infinity, 0x7c00],
    [-Infinity, 0xfc00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [1023 * 2 ** -24, 0x03ff],
    [1 / 3, 0x3555, 1365 * 2 ** -12],
  ])("%d is %d", (value, bits, exact = value) => {
    expect(toHalf(value)).toBe(bits);
    expect(fromHalf(bits)).toBe(exact);
  });

  test("every bit pattern survives the round trip", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromHalf(bits);
      expect(toHalf(value)).toBe(Number.isNaN(value) ? 0x7e00 : bits);
    }
  });

  test("ties go to the even neighbour, also across subnormals and at the top", () => {
    expect(toHalf(1 + 2 ** -11)).toBe(0x3c00);
    expect(toHalf(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(toHalf(1 + 2 ** -11 + 2 ** -30)).toBe(0x3c01);
    expect(toHalf(2 ** -25)).toBe(0);
    expect(toHalf(3 * 2 ** -25)).toBe(2);
    expect(toHalf(1023.5 * 2 ** -24)).toBe(0x0400);
    expect(toHalf(65519)).toBe(0x7bff);
    expect(toHalf(65520)).toBe(0x7c00);
    expect(toHalf(1e-30)).toBe(0);
  });
});

describe("bfloat16", () => {
  test("is the upper half of an f32", () => {
    const f32 = new Float32Array(1);
    const u32 = new Uint32Array(f32.buffer);
    for (let bits = 0; bits < 0x10000; bits++) {
      u32[0] = bits << 16;
      const value = fromBfloat(bits);
      expect(Object.is(value, f32[0])).toBe(true);
      expect(toBfloat(value)).toBe(Number.isNaN(value) ? 0x7fc0 : bits);
    }
  });

  test("ties go to the even neighbour", () => {
    expect(toBfloat(1 + 2 ** -8)).toBe(0x3f80);
    expect(toBfloat(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(toBfloat(3.4e38)).toBe(0x7f80);
    expect(toBfloat(2 ** -134)).toBe(0);
  });
});
