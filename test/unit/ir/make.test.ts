import { describe, expect, test } from "vitest";
import { bool, constant, coord, float, int, load, op, param } from "../../../src/ir/make.ts";

describe("constructors", () => {
  test("equal expressions are one object", () => {
    const distance = () => op("sub", coord("query"), coord("key"));
    expect(op("lt", distance(), int(4))).toBe(op("lt", distance(), int(4)));
    expect(load("int", "doc", [coord("key")])).toBe(load("int", "doc", [coord("key")]));
  });

  test("expressions that differ in one place are different objects", () => {
    expect(int(1)).not.toBe(float(1));
    expect(float(0)).not.toBe(float(-0));
    expect(float(Number.NaN)).toBe(float(Number.NaN));
    expect(param("int", "n")).not.toBe(param("float", "n"));
    expect(op("sub", int(1), int(2))).not.toBe(op("sub", int(2), int(1)));
    expect(load("int", "a", [int(0), int(1)])).not.toBe(load("int", "a", [int(0)]));
  });

  test("int constants wrap to 32 bits", () => {
    expect(constant("int", 2 ** 31)).toBe(int(-(2 ** 31)));
  });

  test("the result has the type of the signature", () => {
    expect(op("add", int(1), int(2)).type).toBe("int");
    expect(op("add", float(1), float(2)).type).toBe("float");
    expect(op("lt", float(1), float(2)).type).toBe("bool");
    expect(op("select", bool(true), float(1), float(2)).type).toBe("float");
  });

  test("a type error is a bug and throws", () => {
    expect(() => op("add", int(1), float(2))).toThrow("no signature add(int, float)");
    expect(() => op("not", int(1))).toThrow("no signature");
    expect(() => load("int", "doc", [float(1)])).toThrow("doc is indexed by a float");
  });
});
