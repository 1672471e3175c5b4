import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findSignature, OP_NAMES, OPS, type OpName, opInfo } from "../../../src/ops/index.ts";
import type { ScalarType, Signature, Value } from "../../../src/ops/op.ts";

const minInt = -(2 ** 31);
const maxInt = 2 ** 31 - 1;

const corners: Readonly<Record<ScalarType, readonly Value[]>> = {
  bool: [false, true],
  int: [0, 1, -1, 2, -7, 31, 32, 33, 46341, 65536, maxInt, maxInt - 1, minInt, minInt + 1],
  float: [
    0,
    -0,
    1,
    -1,
    0.5,
    -0.5,
    1.5,
    2.5,
    1e-40,
    -1e30,
    3.4e38,
    2 ** 31,
    -(2 ** 33),
    Infinity,
    -Infinity,
    Number.NaN,
  ],
};
const arbitrary: Readonly<Record<ScalarType, fc.Arbitrary<Value>>> = {
  bool: fc.boolean(),
  int: fc.oneof(fc.integer({ min: minInt, max: maxInt }), fc.constantFrom(...corners.int)),
  float: fc.oneof(fc.float(), fc.double(), fc.constantFrom(...corners.float)),
};

function belongsTo(type: ScalarType, value: Value): boolean {
  if (type === "bool") return typeof value === "boolean";
  if (type === "int") return typeof value === "number" && (value | 0) === value && !Object.is(value, -0);
  return typeof value === "number";
}

const rows: (readonly [string, OpName, Signature])[] = OP_NAMES.flatMap((op) =>
  opInfo(op).signatures.map((signature) => [`${op}(${signature.args.join(", ")})`, op, signature] as const),
);
const call = (op: OpName, types: readonly ScalarType[], ...args: readonly Value[]) =>
  findSignature(op, types)!.eval(...args);
const int = (op: OpName, ...args: readonly number[]) =>
  call(
    op,
    args.map(() => "int" as const),
    ...args,
  );
const float = (op: OpName, ...args: readonly number[]) =>
  call(
    op,
    args.map(() => "float" as const),
    ...args,
  );

describe.each(rows)("%s", (_, op, { args, result, eval: meaning }) => {
  const tuple = fc.tuple(...args.map((type) => arbitrary[type]));

  test("is total and of its type", () => {
    fc.assert(fc.property(tuple, (values) => belongsTo(result, meaning(...values))));
    const all = args.reduce<Value[][]>(
      (lists, type) => lists.flatMap((list) => corners[type].map((value) => [...list, value])),
      [[]],
    );
    for (const values of all) expect([values, belongsTo(result, meaning(...values))]).toEqual([values, true]);
  });

  test("is found by the types of its arguments", () => {
    expect(findSignature(op, args)!.eval).toBe(meaning);
  });

  test("obeys the laws that its row states", () => {
    const laws = opInfo(op).laws ?? [];
    fc.assert(
      fc.property(fc.tuple(...["a", "b", "c"].map(() => arbitrary[args[0]!])), ([a, b, c]) => {
        if (laws.includes("commutative")) expect(meaning(a, b)).toEqual(meaning(b, a));
        if (laws.includes("associative")) expect(meaning(meaning(a, b), c)).toEqual(meaning(a, meaning(b, c)));
        if (laws.includes("idempotent")) {
          const once = meaning(a, a);
          expect(args.length === 1 ? meaning(once) : once).toEqual(args.length === 1 ? once : a);
        }
      }),
    );
  });

  test("takes booleans as 0 and 1 too", () => {
    fc.assert(
      fc.property(tuple, (values) => {
        const asNumbers = values.map((value) => Number(value));
        expect(Number(meaning(...asNumbers))).toEqual(Number(meaning(...values)));
      }),
    );
  });
});

describe("ints wrap at 32 bits", () => {
  test.each([
    ["add", [maxInt, 1], minInt],
    ["sub", [minInt, 1], maxInt],
    ["mul", [65536, 65536], 0],
    ["mul", [0x12345678, 0x1234567], 0x12345678n * 0x1234567n],
    ["neg", [minInt], minInt],
    ["neg", [0], 0],
    ["abs", [minInt], minInt],
    ["floorDiv", [minInt, -1], minInt],
    ["floorMod", [minInt, -1], 0],
    ["shiftLeft", [1, 31], minInt],
    ["shiftLeft", [1, 33], 2],
    ["shiftRight", [-8, 1], -4],
    ["shiftRight", [-8, 33], -4],
    ["pow", [3, 40], 3n ** 40n],
    ["pow", [-2, 31], minInt],
    ["pow", [7, 0], 1],
    ["pow", [0, 0], 1],
    ["pow", [2, -1], 0],
  ] as const)("%s %j", (op, args, wanted) => {
    expect(int(op, ...args)).toBe(Number(BigInt.asIntN(32, BigInt(wanted))));
  });

  test("as arithmetic on whole numbers does, taken modulo 2³²", () => {
    const exact = {
      add: (a: bigint, b: bigint) => a + b,
      sub: (a: bigint, b: bigint) => a - b,
      mul: (a: bigint, b: bigint) => a * b,
    };
    const ints = fc.integer({ min: minInt, max: maxInt });
    fc.assert(
      fc.property(fc.constantFrom("add", "sub", "mul"), ints, ints, (op, a, b) => {
        expect(int(op, a, b)).toBe(Number(BigInt.asIntN(32, exact[op](BigInt(a), BigInt(b)))));
      }),
    );
  });
});

describe("division", () => {
  test("floors, and the remainder has the sign of the divisor", () => {
    for (const [a, b, quotient, remainder] of [
      [7, 2, 3, 1],
      [-7, 2, -4, 1],
      [7, -2, -4, -1],
      [-7, -2, 3, -1],
    ] as const) {
      expect(int("floorDiv", a, b)).toBe(quotient);
      expect(int("floorMod", a, b)).toBe(remainder);
      expect(float("floorDiv", a, b)).toBe(quotient);
      expect(float("floorMod", a, b)).toBe(remainder);
    }
  });

  test("a = b · (a // b) + a % b for all ints", () => {
    const ints = fc.integer({ min: minInt, max: maxInt });
    fc.assert(
      fc.property(
        ints,
        ints.filter((b) => b !== 0),
        (a, b) => {
          const back = int(
            "add",
            int("mul", b, int("floorDiv", a, b) as number) as number,
            int("floorMod", a, b) as number,
          );
          expect(back).toBe(a);
        },
      ),
    );
  });

  test("by zero is 0", () => {
    for (const a of [0, 1, -5]) {
      expect(int("floorDiv", a, 0)).toBe(0);
      expect(int("floorMod", a, 0)).toBe(0);
      for (const op of ["div", "floorDiv", "floorMod"] as const) {
        expect(float(op, a, 0)).toBe(0);
        expect(float(op, a, -0)).toBe(0);
      }
    }
    expect(float("rsqrt", 0)).toBe(0);
  });
});

describe("from float to int", () => {
  test.each([
    ["truncate", -2.7, -2],
    ["floor", -2.1, -3],
    ["ceil", -2.9, -2],
    ["round", 2.5, 2],
    ["round", 3.5, 4],
    ["round", -2.5, -2],
    ["round", -3.5, -4],
    ["round", -0.5, 0],
    ["round", 0.49999999999999994, 0],
    ["truncate", 3e9, maxInt],
    ["floor", -3e9, minInt],
    ["ceil", Infinity, maxInt],
    ["round", -Infinity, minInt],
    ["truncate", Number.NaN, 0],
  ] as const)("%s(%d) = %d", (op, value, wanted) => {
    expect(float(op, value)).toBe(wanted);
  });
});

describe("random", () => {
  const random = (seed: number, ...ints: readonly number[]) => {
    const [seeded] = OPS.randomSeed.signatures;
    const [mixed] = OPS.randomMix.signatures;
    const state = ints.reduce((before, i) => mixed.eval(before, i) as number, seeded.eval(seed) as number);
    return OPS.randomUnit.signatures[0].eval(state);
  };

  test("draws the documented numbers", () => {
    expect(random(0)).toBe(0.0077651143074035645);
    expect(random(1, 2, 3)).toBe(0.4500046968460083);
    expect(random(7, 0, 0, 0, 0)).toBe(0.6831156611442566);
  });

  test("stays in [0, 1), exact in f32, and looks uniform", () => {
    let sum = 0;
    for (let i = 0; i < 4096; i++) {
      const value = random(3, i) as number;
      expect(value >= 0 && value < 1 && Math.fround(value) === value).toBe(true);
      sum += value;
    }
    expect(Math.abs(sum / 4096 - 0.5)).toBeLessThan(0.02);
  });
});

test("NaN compares as IEEE 754 has it", () => {
  for (const op of ["eq", "lt", "le", "gt", "ge"] as const) expect(float(op, Number.NaN, Number.NaN)).toBe(false);
  expect(float("ne", Number.NaN, Number.NaN)).toBe(true);
});
